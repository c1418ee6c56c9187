// SPDX-License-Identifier: GPL-3.0-or-later
// switch.mjs - four APIs at one address, strict about what they are told
//
// http://127.0.0.1:PORT/v1 (Chat, Responses, Messages), /v1beta (Gemini) and
// /mistral/v1; the port is printed first. Each first answers with reasoning,
// text and two calls of a tool, then with text. A request that the real
// server would refuse, or that holds what another provider gave (its name
// stands in each signature and thought), is a 400 that says why. What was
// told of the picture and of its own secrets is in the last text.

import http from 'node:http';

const wrong = why => { throw new Error(why); };
const want = (ok, why) => ok || wrong(why);
const args = ['{"pattern":"*.one"}', '{"pattern":"*.two"}'];
const sse = events => events.map(([name, data]) =>
	(name ? `event: ${name}\n` : '') + `data: ${typeof data === 'string' ?
		data : JSON.stringify(data)}\n\n`).join('');

// calls and results, in order: each call has its result behind it
const pair = (calls, results) => {
	want(calls.length === results.length && calls.length > 0 &&
		calls.every((id, i) => id === results[i]),
	    `calls ${calls} have results ${results}`);
	want(new Set(calls).size === calls.length, `calls ${calls} repeat`);
};

const chat = (name, form) => ({
	secrets: [],
	check(body) {
		const [first] = body.messages;
		want(['system', 'developer', 'user'].includes(first.role),
		    `begins with ${first.role}`);
		let open = [];
		const all = new Set();
		for (const m of body.messages) {
			if (m.role === 'tool') {
				want(open.shift() === m.tool_call_id,
				    `result of ${m.tool_call_id} out of order`);
				want(typeof m.content === 'string',
				    'a result is a string');
				continue;
			}
			want(open.length === 0, `${open} have no result`);
			want(m.role === 'assistant' || m.content?.length > 0,
			    'empty message');
			for (const c of m.tool_calls ?? []) {
				want(form.test(c.id), `bad id ${c.id}`);
				want(!all.has(c.id), `${c.id} again`);
				all.add(c.id);
				want(JSON.parse(c.function.arguments).pattern,
				    'arguments');
				open.push(c.id);
			}
		}
		want(open.length === 0, `${open} have no result`);
		return { again: body.messages.at(-1).role === 'tool',
			picture: JSON.stringify(body).includes(
				'"image_url":{"url":"data:image/png;base64,') };
	},
	call: () => sse([
		[, { choices: [{ index: 0, delta: { role: 'assistant',
			reasoning_content: 'THOUGHT-chat' } }] }],
		[, { choices: [{ index: 0, delta: { content: 'said' } }] }],
		[, { choices: [{ index: 0, delta: { tool_calls: args.map(
			(a, index) => ({ index, id: name === 'chat' ?
				`functions.Glob:${index}|odd id` :
				`D681PevK${index}`, type: 'function',
			function: { name: 'Glob', arguments: a } })) } }] }],
		[, { choices: [{ index: 0, delta: {},
			finish_reason: 'tool_calls' }] }],
		[, '[DONE]']]),
	say: text => sse([
		[, { choices: [{ index: 0, delta: { content: text },
			finish_reason: 'stop' }] }], [, '[DONE]']]),
});

const responses = {
	secrets: ['"encrypted_content":"ENC-responses"', '"id":"rs_responses"'],
	check(body) {
		want(body.store === false, 'store');
		const calls = [], results = [];
		body.input.forEach((item, i) => {
			const next = body.input[i + 1];
			if (item.type === 'reasoning')
				want(item.encrypted_content && next &&
				    (next.role === 'assistant' ||
				    next.type === 'function_call' ||
				    next.type === 'reasoning'),
				    'a reasoning item alone');
			if (item.type === 'function_call') {
				want(item.call_id.length <= 64, 'long call_id');
				want(!item.id || item.id.startsWith('fc_'),
				    `item id ${item.id}`);
				want(JSON.parse(item.arguments).pattern, 'args');
				calls.push(item.call_id);
			}
			if (item.type === 'function_call_output')
				results.push(item.call_id);
			for (const part of Array.isArray(item.content) ?
			    item.content : [])
				want(part.type === (item.role === 'assistant' ?
				    'output_text' : part.type), part.type);
		});
		if (calls.length > 0)
			pair(calls, results);
		return { again: body.input.at(-1).type ===
			'function_call_output',
		picture: JSON.stringify(body).includes(
			'"type":"input_image","image_url":"data:image/png') };
	},
	call: () => sse([
		['response.output_item.done', { type:
			'response.output_item.done', output_index: 0,
		item: { type: 'reasoning', id: 'rs_responses', summary: [
			{ type: 'summary_text', text: 'THOUGHT-responses' }],
		encrypted_content: 'ENC-responses' } }],
		['response.output_text.delta', { type:
			'response.output_text.delta', output_index: 1,
		item_id: 'msg_responses', delta: 'said' }],
		...args.map((a, i) => ['response.output_item.done', { type:
			'response.output_item.done', output_index: 2 + i,
		item: { type: 'function_call', id: `fc_responses${i}`,
			call_id: `call_r${i}`, name: 'Glob', arguments: a } }]),
		['response.completed', { type: 'response.completed',
			response: { status: 'completed' } }]]),
	say: text => sse([
		['response.output_text.delta', { type:
			'response.output_text.delta', output_index: 0,
		item_id: 'm', delta: text }],
		['response.completed', { type: 'response.completed',
			response: { status: 'completed' } }]]),
};

const anthropic = {
	secrets: ['"thinking":"THOUGHT-anthropic","signature":"SIG-anthropic"',
		'"data":"RED-anthropic"'],
	check(body) {
		body.messages.forEach((m, i) => {
			want(m.role === (i % 2 ? 'assistant' : 'user'),
			    'roles do not alternate');
			const calls = m.content.filter(b => b.type ===
				'tool_use');
			const next = body.messages[i + 1]?.content ?? [];
			for (const b of m.content) {
				want(b.type !== 'text' || b.text.trim(),
				    'blank text');
				want(b.type !== 'thinking' || b.signature,
				    'thinking unsigned');
				want(b.type !== 'tool_use' ||
				    (/^[a-zA-Z0-9_-]+$/.test(b.id) &&
				    b.input.pattern), `bad call ${b.id}`);
			}
			if (calls.length > 0)
				pair(calls.map(b => b.id),
				    next.slice(0, calls.length).map(
					b => b.tool_use_id));
		});
		return { again: body.messages.at(-1).content.some(b => b.type ===
			'tool_result'),
		picture: JSON.stringify(body).includes('"type":"image",' +
			'"source":{"type":"base64","media_type":"image/png"') };
	},
	call: () => {
		const blocks = [
			{ type: 'thinking', thinking: 'THOUGHT-anthropic',
				signature: 'SIG-anthropic' },
			{ type: 'redacted_thinking', data: 'RED-anthropic' },
			{ type: 'text', text: 'said' },
			...args.map((a, i) => ({ type: 'tool_use',
				id: `toolu_0${i}`, name: 'Glob',
				input: JSON.parse(a) })),
		];
		return JSON.stringify({ type: 'message', role: 'assistant',
			content: blocks, stop_reason: 'tool_use',
			usage: { input_tokens: 1, output_tokens: 1 } });
	},
	say: text => JSON.stringify({ type: 'message', role: 'assistant',
		content: [{ type: 'text', text }], stop_reason: 'end_turn',
		usage: { input_tokens: 1, output_tokens: 1 } }),
};

const google = {
	secrets: ['"thoughtSignature":"SIG-google"'],
	check(body) {
		want(body.contents[0].role === 'user', 'begins with the model');
		body.contents.forEach((c, i) => {
			want(c.role === (i % 2 ? 'model' : 'user'),
			    'roles do not alternate');
			const of = (content, kind) => (content?.parts ?? [])
				.filter(p => p[kind]);
			const calls = of(c, 'functionCall');
			const results = of(body.contents[i + 1],
				'functionResponse');
			want(c.parts.length > 0, 'no parts');
			want(calls.length === of(body.contents[i + 1],
				'functionResponse').length, 'calls and results');
			calls.forEach((p, k) => {
				want(p.functionCall.args.pattern, 'args');
				want(p.functionCall.id ===
					results[k].functionResponse.id, 'ids');
				want(results[k].functionResponse.response
					.constructor === Object, 'no object');
			});
			// Gemini 3 checks the first call of each model turn
			want(calls.length === 0 || ['SIG-google',
				'skip_thought_signature_validator'].includes(
				calls[0].thoughtSignature), 'missing a ' +
				'thought_signature');
		});
		return { again: body.contents.at(-1).parts.some(
			p => p.functionResponse),
		picture: JSON.stringify(body).includes(
			'"inlineData":{"mimeType":"image/png","data":"') };
	},
	call: () => sse([
		[, { candidates: [{ content: { parts: [
			{ text: 'THOUGHT-google', thought: true },
			{ text: 'said' },
			...args.map((a, i) => ({ functionCall: { name: 'Glob',
				args: JSON.parse(a) },
			...(i ? {} : { thoughtSignature: 'SIG-google' }) }))],
		role: 'model' }, finishReason: 'STOP' }] }]]),
	say: text => sse([[, { candidates: [{ content: { parts: [{ text }],
		role: 'model' }, finishReason: 'STOP' }] }]]),
};

const apis = [
	['/mistral/v1/chat/completions', 'mistral',
		chat('mistral', /^[A-Za-z0-9]{9}$/)],
	['/v1/chat/completions', 'chat', chat('chat', /^.{1,64}$/s)],
	['/v1/responses', 'responses', responses],
	['/v1/messages', 'anthropic', anthropic],
	['/v1beta/', 'google', google],
];
const names = apis.map(a => a[1]);

http.createServer((req, res) => {
	let text = '';
	req.on('data', d => { text += d; });
	req.on('end', () => {
		const found = apis.find(([path]) => req.url.startsWith(path));
		if (req.method !== 'POST' || !found) {
			res.writeHead(404);
			res.end();
			return;
		}
		const [, name, api] = found;
		try {
			const { again, picture } = api.check(JSON.parse(text));
			for (const other of names)
				want(other === name || !new RegExp(
				    `(THOUGHT|SIG|ENC|RED|rs_|fc_|msg_)-?${other}`)
				    .test(text), `what ${other} gave was sent`);
			const own = api.secrets.every(s => text.includes(s));
			res.setHeader('content-type', 'text/event-stream');
			res.end(again || text.includes('PROMPT-TWO') ?
			    api.say(`picture ${picture}, own ${own}`) :
			    api.call());
		} catch (e) {
			console.error(name, e.message, text);
			res.writeHead(400,
			    { 'content-type': 'application/json' });
			res.end(JSON.stringify({ error: { code: 400,
				message: e.message, type: 'wrong' } }));
		}
	});
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
