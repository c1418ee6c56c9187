// SPDX-License-Identifier: GPL-3.0-or-later
// transport.mjs - a model behind HTTP/2, HTTP/1.1 and a proxy
//
// transport.mjs KEY CERT: prints one line of JSON with the ports of
//	tls	Chat Completions over TLS; h2 or HTTP/1.1, as the client likes
//	plain	the same without TLS
//	proxy	a proxy: CONNECT, and requests with a whole URL; all hosts are
//		the server above
// GET /seen at plain tells what came since it was last asked:
//	{tls: {connections, versions, requests}, plain: {...}, proxy: [...]}
// A prompt with "never" gets no answer, one with "stall" its beginning, one
// with "pressed" a compressed one, though nobody asked for that.

import fs from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { gzipSync } from 'node:zlib';

const [, , key, cert] = process.argv;
let seen;
const forget = () => {
	seen = { proxy: [] };
	for (const name of ['tls', 'plain'])
		seen[name] = { connections: 0, versions: [], requests: 0 };
};
forget();

const chunk = (delta, finish = null) => 'data: ' + JSON.stringify({
	id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm',
	choices: [{ index: 0, delta, finish_reason: finish }],
}) + '\n\n';

const answer = name => (req, res) => {
	if (req.url === '/seen') {
		res.end(JSON.stringify(seen));
		forget();
		return;
	}
	seen[name].requests++;
	seen[name].versions.push(req.httpVersion);
	let body = '';
	req.on('data', d => { body += d; });
	req.on('end', () => {
		if (body.includes('never'))
			return;
		const type = { 'content-type': 'text/event-stream' };
		if (body.includes('pressed')) {
			res.writeHead(200, { ...type,
				'content-encoding': 'gzip' });
			res.end(gzipSync(chunk({ content: req.headers[
				'accept-encoding'] ?? 'pressed' }, 'stop')));
			return;
		}
		res.writeHead(200, type);
		res.write(chunk({ role: 'assistant', content: 'fine' }));
		if (body.includes('stall'))
			return;
		res.write(chunk({}, 'stop'));
		res.end('data: [DONE]\n\n');
	});
};

const tls = http2.createSecureServer({ allowHTTP1: true,
	key: fs.readFileSync(key), cert: fs.readFileSync(cert) },
    answer('tls'));
tls.on('secureConnection', () => seen.tls.connections++);

let asked = null;		/* the connection that asks for /seen */
const plain = http.createServer((req, res) => {
	if (req.url === '/seen' && req.socket !== asked) {
		asked = req.socket;
		seen.plain.connections--;
	}
	answer('plain')(req, res);
});
plain.on('connection', () => seen.plain.connections++);

const proxy = http.createServer((req, res) => {
	const url = new URL(req.url);
	seen.proxy.push(`${req.method} ${url.host}`);
	req.pipe(http.request({ port: plain.address().port,
		host: '127.0.0.1', method: req.method, path: url.pathname,
		headers: req.headers }, from => {
		res.writeHead(from.statusCode, from.headers);
		from.pipe(res);
	}));
});
proxy.on('connect', (req, socket) => {
	seen.proxy.push(`CONNECT ${req.url}`);
	const to = net.connect(tls.address().port, '127.0.0.1', () => {
		socket.write('HTTP/1.1 200 Connected\r\n\r\n');
		to.pipe(socket).pipe(to);
	});
	to.on('error', () => socket.destroy());
	socket.on('error', () => to.destroy());
});

const listen = server => new Promise(done =>
    server.listen(0, '127.0.0.1', () => done(server.address().port)));
const ports = { tls: await listen(tls), plain: await listen(plain),
	proxy: await listen(proxy) };
console.log(JSON.stringify(ports));
