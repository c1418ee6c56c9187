// SPDX-License-Identifier: GPL-3.0-or-later
// keys.mjs - a model that wants a key, which may change
//
// keys.mjs FILE: prints the port of Chat Completions and a list of models for
// whoever says what stands in FILE, and 401 for others.
// GET /seen tells the keys that came since it was last asked.

import fs from 'node:fs';
import http from 'node:http';

const [, , file] = process.argv;
let seen = [];

const server = http.createServer((req, res) => {
	if (req.url === '/seen') {
		res.end(JSON.stringify(seen));
		seen = [];
		return;
	}
	const key = (req.headers.authorization ?? '').replace('Bearer ', '');
	seen.push(key);
	req.resume().on('end', () => {
		if (key !== fs.readFileSync(file, 'utf8').trim()) {
			res.writeHead(401);
			res.end(`{"error":{"message":"no such key: ${key}"}}`);
		} else if (req.method === 'GET') {
			res.end('{"data":[{"id":"small"}]}');
		} else {
			res.writeHead(200,
			    { 'content-type': 'text/event-stream' });
			res.end('data: {"choices":[{"index":0,"delta":' +
			    '{"content":"fine"},"finish_reason":"stop"}]}\n\n');
		}
	});
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
