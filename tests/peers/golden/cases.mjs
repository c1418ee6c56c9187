// SPDX-License-Identifier: GPL-3.0-or-later
// cases.mjs - the conversations of record.mjs, for each API

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk' +
	'YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const pdf = 'JVBERi0xLjEKJSVFT0YK';

export const tools = [
	{ name: 'get_weather', description: 'The weather of a city',
		inputSchema: { type: 'object', properties: {
			city: { type: 'string', description: 'its name' },
			days: { type: 'integer' } }, required: ['city'],
		additionalProperties: false } },
	{ name: 'find', description: 'Look for words', inputSchema: {
		type: 'object', properties: { words: { type: 'array',
			items: { type: 'string' } } }, required: ['words'] } },
];
const schema = { type: 'object', properties: { city: { type: 'string' } },
	required: ['city'], additionalProperties: false };
const system = 'You are terse.';
const user = (...content) => ({ role: 'user', content });
const text = (t, o) => ({ type: 'text', text: t,
	...(o && { providerOptions: o }) });
const call = (id, name, input, o) => ({ type: 'tool-call', toolCallId: id,
	toolName: name, input, ...(o && { providerOptions: o }) });
const result = (id, name, output) => ({ type: 'tool-result', toolCallId: id,
	toolName: name, output });
const thought = (t, o) => ({ type: 'reasoning', text: t,
	...(o && { providerOptions: o }) });
const assistant = (...content) => ({ role: 'assistant', content });
const results = (...content) => ({ role: 'tool', content });

// what each API gives with the parts of its own answers
const own = {
	anthropic: { think: [
		thought('I need it.', { anthropic: { signature: 'SIG+/==' } }),
		thought('', { anthropic: { redactedData: 'ENC' } })] },
	responses: { think: [
		thought('I need it.', { openai: { itemId: 'rs_1' } }),
		thought('Twice.', { openai: { itemId: 'rs_1',
			reasoningEncryptedContent: 'gAAA==' } })],
	text: { openai: { itemId: 'msg_1' } },
	call: { openai: { itemId: 'fc_1' } } },
	gemini: { think: [thought('I need it.', { google: {} })],
		text: { google: { thoughtSignature: 'TEXT=' } },
		call: { google: { functionCallId: 'call_1',
			thoughtSignature: 'CALL=' } },
		second: { google: { functionCallId: 'call_2' } } },
	chat: { think: [] },
};

const conversations = o => ({
	plain: { messages: [user(text('Hello'))], system, maxOutput: 1000 },
	turns: { messages: [user(text('Hello')), assistant(text('Hi.')),
		user(text('And you?'), text('Say.'))], system },
	tools: { tools, system, messages: [user(text('Rome and Oslo?')),
		assistant(text('Let me check.', o.text),
			call('call_1', 'get_weather', { city: 'Rome' }, o.call),
			call('call_2', 'get_weather', { city: 'Oslo' },
				o.second)),
		results(result('call_1', 'get_weather',
			{ type: 'json', value: { temp: 30 } }),
		result('call_2', 'get_weather',
			{ type: 'error-text', value: 'no such city' })),
		assistant(text('30 and unknown.')), user(text('Thanks'))] },
	files: { messages: [user(text('Look'),
		{ type: 'file', mediaType: 'image/png', data: png },
		{ type: 'file', mediaType: 'application/pdf', data: pdf,
			filename: 'a.pdf' })] },
	reasoning: { tools, reasoning: 'high', maxOutput: 2000, messages: [
		user(text('Rome?')),
		assistant(...o.think, text('Let me check.', o.text),
			call('call_1', 'get_weather', { city: 'Rome' }, o.call)),
		results(result('call_1', 'get_weather',
			{ type: 'text', value: '30 C' }))] },
	foreign: { tools, messages: [user(text('Rome?')),
		assistant(thought('Hm.', { elsewhere: { key: 'X' } }),
			call('call_1', 'get_weather', { city: 'Rome' })),
		results(result('call_1', 'get_weather',
			{ type: 'text', value: '30 C' }))] },
	picture: { tools, messages: [user(text('Rome?')),
		assistant(call('call_1', 'get_weather', { city: 'Rome' },
			o.call)),
		results(result('call_1', 'get_weather', { type: 'content',
			value: [{ type: 'text', text: 'A map:' },
				{ type: 'image-data', mediaType: 'image/png',
					data: png }] }))] },
	schema: { schema, messages: [user(text('Which city?'))] },
});

const openai = { store: false, reasoningSummary: 'auto',
	include: ['reasoning.encrypted_content'] };
const thoughts = { includeThoughts: true };
const specs = {
	anthropic: { spec: 'anthropic:claude-opus-4-7', reasoning: {
		anthropic: { thinking: { type: 'adaptive',
			display: 'summarized' }, effort: 'high' } } },
	responses: { spec: 'openai:gpt-5.2', options: { openai },
		reasoning: { openai: { ...openai, reasoningEffort: 'high' } } },
	gemini: { spec: 'google:gemini-3-pro-preview',
		options: { google: { thinkingConfig: thoughts } },
		reasoning: { google: { thinkingConfig: { ...thoughts,
			thinkingLevel: 'high' } } } },
	chat: { spec: 'golden:some-model',
		reasoning: { golden: { reasoningEffort: 'high' } } },
};

export const cases = Object.entries(specs).flatMap(([api, s]) =>
	Object.entries(conversations(own[api])).map(([name, request]) => ({
		api, name, spec: s.spec, request,
		options: name === 'reasoning' ? s.reasoning : s.options })));

// older models: thinking by a number of tokens, and none at all
cases.push({ api: 'anthropic', name: 'budget',
	spec: 'anthropic:claude-sonnet-4-5',
	request: conversations(own.anthropic).reasoning,
	options: { anthropic: { thinking: { type: 'enabled',
		budgetTokens: 24576 } } } },
{ api: 'gemini', name: 'budget', spec: 'google:gemini-2.5-flash',
	request: conversations(own.gemini).reasoning,
	options: { google: { thinkingConfig: { ...thoughts,
		thinkingBudget: 24576 } } } },
{ api: 'responses', name: 'plain-model', spec: 'openai:gpt-4.1',
	request: conversations(own.responses).tools,
	options: { openai: { store: false } } });
