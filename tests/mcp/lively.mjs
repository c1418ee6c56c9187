// SPDX-License-Identifier: GPL-3.0-or-later
// lively.mjs - an MCP server whose tools come, go, hang and take it down
//
//	lively.mjs LOG [delay=MS]
//
// LOG gets a line for each start, call and cancellation. Descriptions and
// instructions hold characters that nobody can see.

import { createInterface } from 'node:readline';
import { appendFileSync } from 'node:fs';

const [log, ...rest] = process.argv.slice(2);
const opts = Object.fromEntries(rest.map((a) => a.split('=')));
const note = (text) => appendFileSync(log, text + '\n');
const say = (m) => process.stdout.write(
	JSON.stringify({ jsonrpc: '2.0', ...m }) + '\n');
const text = (s) => ({ content: [{ type: 'text', text: s }] });
const names = ['die', 'grow', 'hang', 'progress'];
const hidden = '\u{e0049}\u{e0047}\u202e\u200b';

note(`start ${process.pid}`);

const calls = {
	die: () => process.exit(9),
	hang: () => undefined,
	late: () => text('late but here'),
	grow: () => {
		names.push('late');
		say({ method: 'notifications/tools/list_changed' });
		return text('grown');
	},
	progress: (m) => {
		const progressToken = m.params._meta.progressToken;

		say({ method: 'notifications/progress', params: {
			progressToken, progress: 1, total: 2,
			message: 'half of it' } });
		setTimeout(() => say({ id: m.id, result: text('all') }), 200);
	},
};

const answers = {
	initialize: (m) => ({ protocolVersion: m.params.protocolVersion,
		capabilities: { tools: { listChanged: true } },
		serverInfo: { name: 'lively', version: '1' },
		instructions: `Be brief${hidden}.` }),
	'tools/list': () => ({ tools: names.map((name) => ({ name,
		description: `does ${hidden}${name}`,
		inputSchema: { type: 'object' } })) }),
	'tools/call': (m) => {
		note(`call ${m.params.name}`);
		return calls[m.params.name](m);
	},
};

createInterface({ input: process.stdin }).on('line', (line) => {
	const m = JSON.parse(line);

	if (m.method === 'notifications/cancelled')
		note('cancelled');
	if (m.id === undefined || answers[m.method] === undefined)
		return;
	const answer = () => {
		const result = answers[m.method](m);

		if (result !== undefined)
			say({ id: m.id, result });
	};

	if (m.method === 'initialize' && opts.delay)
		setTimeout(answer, Number(opts.delay));
	else
		answer();
}).on('close', () => note('end'));
