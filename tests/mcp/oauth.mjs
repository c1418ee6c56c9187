// SPDX-License-Identifier: GPL-3.0-or-later
// oauth.mjs - an MCP server that wants a token, and the one who gives tokens
//
// Prints its port. POST /expire ends all access tokens, /revoke those that
// renew them, too. POST /mode with a word makes it odd: no-pkce, wrong-iss,
// wrong-state, wrong-issuer.

import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

let mode = '';
const codes = new Map();
const access = new Set();
const refresh = new Set();
let at;

const json = (res, status, value, headers = {}) => {
	res.writeHead(status, { 'content-type': 'application/json',
		...headers });
	res.end(JSON.stringify(value));
};
const secret = () => randomBytes(16).toString('hex');
const give = (res) => {
	const a = secret(), r = secret();

	access.add(a);
	refresh.add(r);
	json(res, 200, { access_token: a, refresh_token: r,
		token_type: 'Bearer', expires_in: 3600 });
};
const refuse = (res) => json(res, 400, { error: 'invalid_grant' });

const results = {
	initialize: () => ({ protocolVersion: '2025-11-25',
		capabilities: { tools: {} },
		serverInfo: { name: 'oauth', version: '1' } }),
	'tools/list': () => ({ tools: [{ name: 'hello',
		inputSchema: { type: 'object' } }] }),
	'tools/call': () => ({ content: [{ type: 'text', text: 'welcome' }] }),
};

const pages = {
	'/.well-known/oauth-protected-resource/mcp': (req, res) =>
		json(res, 200, { resource: `${at}/mcp`,
			authorization_servers: [at] }),
	'/.well-known/oauth-authorization-server': (req, res) =>
		json(res, 200, { issuer: mode === 'wrong-issuer' ?
			'https://evil.example' : at,
			authorization_endpoint: `${at}/authorize`,
			token_endpoint: `${at}/token`,
			registration_endpoint: `${at}/register`,
			code_challenge_methods_supported:
				mode === 'no-pkce' ? ['plain'] : ['S256'] }),
	'/register': (req, res) => json(res, 201, { client_id: 'c1',
		token_endpoint_auth_method: 'none' }),
	'/authorize': (req, res, body, q) => {
		const back = new URL(q.get('redirect_uri'));
		const code = secret();

		codes.set(code, q.get('code_challenge'));
		back.searchParams.set('code', code);
		back.searchParams.set('state', mode === 'wrong-state' ?
			'another' : q.get('state'));
		back.searchParams.set('iss', mode === 'wrong-iss' ?
			'https://evil.example' : at);
		res.writeHead(302, { location: back.href });
		res.end();
	},
	'/token': (req, res, body) => {
		const form = new URLSearchParams(body);

		if (form.get('resource') !== `${at}/mcp`)
			refuse(res);
		else if (form.get('grant_type') === 'refresh_token')
			refresh.delete(form.get('refresh_token')) ?
				give(res) : refuse(res);
		else
			createHash('sha256').update(form.get('code_verifier'))
				.digest('base64url') ===
				codes.get(form.get('code')) ?
				give(res) : refuse(res);
	},
	'/expire': (req, res) => (access.clear(), json(res, 200, {})),
	'/revoke': (req, res) => (access.clear(), refresh.clear(),
		json(res, 200, {})),
	'/mode': (req, res, body) => ((mode = body), json(res, 200, {})),
	'/mcp': (req, res, body) => {
		const token = (req.headers.authorization ?? '').slice(7);

		if (!access.has(token))
			return json(res, 401, {}, { 'www-authenticate':
				'Bearer error="invalid_token"' });
		if (req.method !== 'POST')
			return json(res, 405, {});
		const m = JSON.parse(body);

		if (m.id === undefined)
			return res.writeHead(202).end();
		json(res, 200, { jsonrpc: '2.0', id: m.id,
			result: results[m.method]() });
	},
};

const server = createServer(async (req, res) => {
	const url = new URL(req.url, at);
	let body = '';

	for await (const piece of req)
		body += piece;
	(pages[url.pathname] ?? ((_, r) => json(r, 404, {})))(req, res, body,
		url.searchParams);
});

server.listen(0, '127.0.0.1', () => {
	at = `http://127.0.0.1:${server.address().port}`;
	console.log(server.address().port);
});
