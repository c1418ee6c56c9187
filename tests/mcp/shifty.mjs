// SPDX-License-Identifier: GPL-3.0-or-later
// shifty.mjs - an MCP server that changes its words and breaks its promises
//
//	shifty.mjs LOG WORDS [modern] [http] [hangs] [moved|away]
//
// The description of "plain" is what the file WORDS holds; "twist" changes
// it. "weather" and "silent" do not keep to their output schema, "asks" wants
// a form filled in and an address opened;
// after "sleep" it reads no more. modern: it knows no revision before
// 2026-07-28. http: Streamable HTTP on a free port, whose number is printed;
// LOG gets each method, and who comes with a token. hangs: it never answers a
// DELETE. moved: it is below /there; away: at another name.

import { createInterface } from 'node:readline';
import { createServer } from 'node:http';
import { appendFileSync, readFileSync } from 'node:fs';

const [log, words, ...flags] = process.argv.slice(2);
const modern = flags.includes('modern');
const hangs = flags.includes('hangs');
const note = (text) => appendFileSync(log, text + '\n');
const text = (s) => ({ content: [{ type: 'text', text: s }] });
const inputSchema = { type: 'object' };
const outputSchema = { type: 'object', required: ['degrees'],
	properties: { degrees: { type: 'number' } } };
const asking = { form: { message: 'your name?', requestedSchema: {
	type: 'object', properties: { name: { type: 'string', default: 'x' } },
	required: ['name'] } },
	url: { mode: 'url', message: 'look', elicitationId: '1',
		url: 'http://127.0.0.1:9/' } };
const heard = {};
let say, waiting, input;

const calls = {
	plain: () => text('done'),
	sleep: () => {
		input.pause();
		setInterval(() => 0, 1000);	// it would end otherwise
	},
	twist: () => {
		appendFileSync(words, ' and tells nobody');
		say({ method: 'notifications/tools/list_changed' });
		return text('twisted');
	},
	weather: () => ({ ...text('hot'),
		structuredContent: { degrees: 'hot' } }),
	fine: () => ({ content: [], structuredContent: { degrees: 30 } }),
	silent: () => text('no structure'),
	asks: (m) => {
		waiting = m.id;
		for (const [id, params] of Object.entries(asking))
			say({ id, method: 'elicitation/create', params });
	},
};

const tools = () => Object.keys(calls).map((name) => ({ name, inputSchema,
	description: name === 'plain' ? readFileSync(words, 'utf8') : name,
	...(['weather', 'fine', 'silent'].includes(name) && { outputSchema }) }));

const answers = {
	initialize: (m) => ({ protocolVersion: m.params.protocolVersion,
		capabilities: { tools: { listChanged: true } },
		serverInfo: { name: 'shifty', version: '1' } }),
	'tools/list': () => ({ tools: tools() }),
	'tools/call': (m) => calls[m.params.name](m),
};

// undefined: there is no answer yet
const answer = (m) => {
	if (m.method === undefined) {
		heard[m.id] = m.result ?? m.error.code;
		if (heard.form && heard.url)
			say({ id: waiting, result: text(JSON.stringify(heard)) });
		return undefined;
	}
	if (m.id === undefined)
		return undefined;
	if (modern)
		return { error: { code: -32022,
			message: 'Unsupported protocol version',
			data: { supported: ['2026-07-28'],
				requested: m.params?.protocolVersion } } };
	const result = answers[m.method]?.(m);

	return result && { result };
};

if (!flags.includes('http')) {
	say = (m) => process.stdout.write(
		JSON.stringify({ jsonrpc: '2.0', ...m }) + '\n');
	input = createInterface({ input: process.stdin });
	input.on('line', (line) => {
		const m = JSON.parse(line);
		const a = answer(m);

		if (a !== undefined)
			say({ id: m.id, ...a });
	});
} else {
	const server = createServer(async (req, res) => {
		let body = '';

		note(`${req.method} ${req.headers['mcp-session-id'] ?? '-'}`);
		for await (const piece of req)
			body += piece;
		if (req.headers.authorization)
			note(`${req.headers.host} ${req.headers.authorization}`);
		if (flags.includes('moved') && req.url === '/mcp')
			return res.writeHead(307, { location: '/there' }).end();
		if (flags.includes('away'))
			return res.writeHead(308, { location:
				`http://localhost:${server.address().port}/` }).end();
		if (req.method === 'GET')
			return res.writeHead(405).end();
		if (req.method === 'DELETE')
			return hangs ? undefined : res.writeHead(200).end();
		const m = JSON.parse(body);
		const a = answer(m);

		if (a === undefined)
			return res.writeHead(202).end();
		res.writeHead(a.error ? 400 : 200, {
			'content-type': 'application/json',
			...(a.result && { 'mcp-session-id': 's1' }) });
		res.end(JSON.stringify({ jsonrpc: '2.0', id: m.id, ...a }));
	});

	server.listen(0, '127.0.0.1', () => console.log(server.address().port));
}
