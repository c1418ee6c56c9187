// SPDX-License-Identifier: GPL-3.0-or-later
// completions.mjs - a server of Chat Completions that does as it is told
//
// Prints its port. The last message decides: "look", "order" and "both" of a
// user are tool calls, "slow" never ends, "broken" is status 500; the result
// of a tool is repeated, everything else is answered with "heard: ".

import { createServer } from 'node:http';

const call = (index, name, input) => ({
	index, id: `call_${name}`, type: 'function',
	function: { name, arguments: JSON.stringify(input) },
});
const look = call(0, 'stock', { item: 'bolts' });
const order = call(1, 'order', { item: 'bolts', count: 3 });
const calls = { look: [look], order: [{ ...order, index: 0 }],
	both: [look, order] };

const text = content => typeof content === 'string' ? content :
	(content ?? []).map(part => part.text ?? '').join('');

function deltas(messages) {
	const last = messages.at(-1);

	if (last.role === 'tool')
		return [{ content: messages.filter(m => m.role === 'tool')
			.map(m => `tool: ${text(m.content)}`).join('; ') }];
	if (calls[text(last.content)])
		return [{ tool_calls: calls[text(last.content)] }];
	return [{ content: 'heard: ' }, { content: text(last.content) }];
}

const server = createServer(async (request, response) => {
	let body = '';
	for await (const piece of request)
		body += piece;
	const { messages } = JSON.parse(body);
	const said = text(messages.at(-1).content);
	if (said === 'broken') {
		response.writeHead(400, { 'content-type': 'application/json' });
		response.end('{"error":{"message":"out of order"}}');
		return;
	}
	response.writeHead(200, { 'content-type': 'text/event-stream' });
	const send = (delta, finish_reason = null) => response.write(
		`data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk',
			created: 1, model: 'm', choices: [{ index: 0, delta,
			finish_reason }] })}\n\n`);
	for (const delta of deltas(messages))
		send({ role: 'assistant', ...delta });
	if (said === 'slow')
		return;
	send({}, calls[said] ? 'tool_calls' : 'stop');
	response.end('data: [DONE]\n\n');
});

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
