// SPDX-License-Identifier: GPL-3.0-or-later
// natives.mjs - model servers with interfaces of their own, as documented
//
// http://127.0.0.1:PORT/SERVER/...; the port is printed first. GET /seen tells
// the requests so far: ["METHOD path?query api-key"].

import http from 'node:http';

const list = (...ids) => ({ object: 'list',
	data: ids.map(id => ({ id, object: 'model', created: 1,
		owned_by: 'library' })) });

// Azure begins with a chunk that only judges the prompt
const azure = [
	{ choices: [], created: 0, id: '', model: '', object: '',
		prompt_filter_results: [{ prompt_index: 0,
			content_filter_results: { hate: { filtered: false,
				severity: 'safe' } } }] },
	{ choices: [{ index: 0, delta: { role: 'assistant', content: '',
		refusal: null }, finish_reason: null,
		content_filter_results: {} }], id: 'c1', model: 'gpt-4o' },
	{ choices: [{ index: 0, delta: { content: 'blue' },
		finish_reason: null, content_filter_results: {} }],
		id: 'c1', model: 'gpt-4o' },
	{ choices: [{ index: 0, delta: {}, finish_reason: 'stop',
		content_filter_results: {} }], id: 'c1' },
	{ choices: [], id: 'c1', usage: { prompt_tokens: 9,
		completion_tokens: 1, total_tokens: 10 } },
].map(c => `data: ${JSON.stringify(c)}\n\n`).join('') + 'data: [DONE]\n\n';

const show = {
	'qwen3:8b': { capabilities: ['completion', 'tools', 'thinking'],
		model_info: { 'general.architecture': 'qwen3',
			'qwen3.context_length': 40960 } },
	'gemma3:4b': { capabilities: ['completion', 'vision'],
		parameters: 'stop "<end>"\nnum_ctx                        8192',
		model_info: { 'gemma3.context_length': 131072 } },
};

const answers = {
	'GET /ollama/v1/models': () => list('qwen3:8b', 'gemma3:4b', 'old:1b'),
	'POST /ollama/api/show': body => show[JSON.parse(body).model],
	'GET /llamacpp/v1/models': () => ({ object: 'list', data: [{
		id: 'local.gguf', object: 'model', owned_by: 'llamacpp',
		meta: { n_ctx_train: 131072 } }] }),
	'GET /llamacpp/props': () => ({
		default_generation_settings: { n_ctx: 16384 },
		modalities: { vision: true, audio: false } }),
	'GET /lmold/v1/models': () => list('loaded', 'text-embedding-x'),
	'GET /lmold/api/v0/models': () => ({ object: 'list', data: [
		{ id: 'loaded', type: 'vlm', state: 'loaded',
			max_context_length: 131072,
			loaded_context_length: 4096,
			capabilities: ['tool_use'] }] }),
	'GET /lmnew/v1/models': () => list('a/big', 'a/small'),
	'GET /lmnew/api/v1/models': () => ({ models: [
		{ type: 'llm', key: 'a/big', max_context_length: 262144,
			loaded_instances: [{ id: 'a/big',
				config: { context_length: 65536 } }],
			capabilities: { vision: false,
				trained_for_tool_use: true } },
		{ type: 'llm', key: 'a/small', max_context_length: 32768,
			loaded_instances: [], capabilities: { vision: true,
				trained_for_tool_use: false } }] }),
	'GET /openrouter/v1/models': () => ({ data: [{ id: 'x/y',
		context_length: 200000,
		architecture: { input_modalities: ['text', 'image'] },
		pricing: { prompt: '0.000003', completion: '0.000015' },
		top_provider: { max_completion_tokens: 64000 },
		supported_parameters: ['tools', 'reasoning'] }] }),
	'GET /vllm/v1/models': () => ({ object: 'list', data: [{ id: 'v',
		object: 'model', owned_by: 'vllm', max_model_len: 32768 }] }),
};

const seen = [];
http.createServer((req, res) => {
	const path = req.url.replace(/\?.*/, '');
	let body = '';
	if (path === '/seen') {
		res.end(JSON.stringify(seen));
		return;
	}
	seen.push(`${req.method} ${req.url} ${req.headers['api-key'] ?? ''}`);
	req.on('data', d => { body += d; });
	req.on('end', () => {
		const answer = answers[`${req.method} ${path}`]?.(body);
		if (path.startsWith('/azure/')) {
			res.setHeader('content-type', 'text/event-stream');
			res.end(azure);
		} else if (answer === undefined) {
			res.writeHead(404);
			res.end('{"error":"no such thing"}');
		} else {
			res.setHeader('content-type', 'application/json');
			res.end(JSON.stringify(answer));
		}
	});
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
