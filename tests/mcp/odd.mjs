// SPDX-License-Identifier: GPL-3.0-or-later
// odd.mjs - an MCP server that does what real ones do on bad days
//
//	odd.mjs [version=V] [die-on=METHOD] [once=FILE]
//
// It greets on stdout, puts result before jsonrpc, asks things before it
// answers, sends two pages of tools, and may die. once: die only the first
// time, when FILE is not there yet.

import { createInterface } from 'node:readline';
import { existsSync, writeFileSync } from 'node:fs';

const opts = Object.fromEntries(process.argv.slice(2).map((a) => a.split('=')));
const say = (m) => process.stdout.write(JSON.stringify(m) + '\n');
let asked = {};

console.log('Welcome! This is no JSON.');
console.error('odd: on stderr');

const tool = (name, more) => ({ name, description: name,
	inputSchema: { type: 'object' }, ...more });

const answers = {
	initialize: () => ({ protocolVersion: opts.version ?? '2025-06-18',
		capabilities: { tools: {} }, serverInfo: { name: 'odd' },
		instructions: 'Be kind.' }),
	'tools/list': (p) => p.cursor === undefined ?
		{ tools: [tool('z.z'), tool('secret')], nextCursor: '2' } :
		{ tools: [tool('a', { annotations: { readOnlyHint: true } }),
			tool('t', { execution: { taskSupport: 'required' } }),
			tool('x'.repeat(100))] },
	'tools/call': (p) => p.name === 'a' ?
		{ content: [{ type: 'text', text: JSON.stringify(asked) },
			{ type: 'text', text: 'for people',
				annotations: { audience: ['user'] } },
			{ type: 'hologram' }], structuredContent: { n: 1 } } :
		undefined,
};

createInterface({ input: process.stdin }).on('line', (line) => {
	const m = JSON.parse(line);
	if (m.method !== undefined && m.method === opts['die-on'] &&
	    !(opts.once && existsSync(opts.once))) {
		if (opts.once)
			writeFileSync(opts.once, 'x');
		process.exit(7);
	}
	if (m.method === undefined) {
		asked[m.id] = m.result ?? m.error.code;
		return;
	}
	if (m.id === undefined)
		return;
	if (m.method === 'initialize') {
		say({ jsonrpc: '2.0', id: 'p', method: 'ping' });
		say({ jsonrpc: '2.0', id: 'r', method: 'roots/list' });
		say({ jsonrpc: '2.0', id: 's',
			method: 'sampling/createMessage', params: {} });
		say({ jsonrpc: '2.0', id: 99, result: {} });
	}
	const result = answers[m.method]?.(m.params ?? {});
	if (result !== undefined)
		say([{ result, jsonrpc: '2.0', id: m.id }]);
	else if (m.params?.name !== 'secret')
		say({ jsonrpc: '2.0', id: m.id,
			error: { code: -32601, message: 'no such thing' } });
});
