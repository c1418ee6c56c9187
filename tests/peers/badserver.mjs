// SPDX-License-Identifier: GPL-3.0-or-later
// badserver.mjs - chat completions that go wrong, one way for each path
//
// http://127.0.0.1:PORT/MODE/v1/chat/completions; the port is printed first.

import http from 'node:http';

const chunk = (delta, finish = null) => 'data: ' + JSON.stringify({
	id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm',
	choices: [{ index: 0, delta, finish_reason: finish }],
}) + '\n\n';

const stream = res => res.writeHead(200,
    { 'content-type': 'text/event-stream' });

const fail = (res, status, message, headers = {}) => {
	res.writeHead(status, { 'content-type': 'application/json', ...headers });
	res.end(JSON.stringify({ error: { message } }));
};

const modes = {
	good(res) {
		stream(res);
		res.write(chunk({ role: 'assistant', content: 'fine' }));
		res.write(chunk({}, 'stop'));
		res.end('data: [DONE]\n\n');
	},
	reset(res) {
		stream(res);
		res.write(chunk({ role: 'assistant', content: 'half' }), () =>
		    setTimeout(() => res.socket.destroy(), 50));
	},
	auth(res) { fail(res, 401, 'no such key'); },
	forbidden(res) { fail(res, 403, 'not yours'); },
	missing(res) { fail(res, 404, 'no such model'); },
	bad(res) { fail(res, 400, 'bad request'); },
	limited(res) { fail(res, 429, 'slow down', { 'retry-after': '0' }); },
	broken(res) { fail(res, 500, 'oops', { 'retry-after': '0' }); },
	inside(res) {
		stream(res);
		res.end('data: ' + JSON.stringify(
		    { error: { message: 'broke inside' } }) + '\n\n');
	},
	garbage(res) {
		stream(res);
		res.end('data: {"choices":[\n\n');
	},
	never() { },
};

const server = http.createServer((req, res) => {
	const mode = req.url.split('/')[1];
	req.resume();
	req.on('end', () => (modes[mode] ?? modes.missing)(res));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
