// SPDX-License-Identifier: GPL-3.0-or-later
// record.mjs - what the AI SDK's providers send, through a tap before aimock
//
//	npm ci --ignore-scripts		here and in the folder above
//	node record.mjs			writes tests/vectors/provider-requests
//
// Each file has what chatd is given (spec, request) and the body that the SDK
// made of the same (body). tests/unit/model/golden.c compares.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { jsonSchema, Output, streamText, tool } from 'ai';
import { cases } from './cases.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '../../vectors/provider-requests');
const bin = name => join(here, '../node_modules/.bin', name);
const scratch = mkdtempSync(join(tmpdir(), 'golden-'));
const mark = { anthropic: { cacheControl: { type: 'ephemeral' } } };

function freePort() {
	return new Promise(resolve => {
		const s = createServer().listen(0, '127.0.0.1', () => {
			const { port } = s.address();
			s.close(() => resolve(port));
		});
	});
}

async function ready(child, url) {
	for (;;) {
		try {
			if ((await fetch(url)).ok) return;
		} catch { /* not yet */ }
		if (child.exitCode !== null) throw new Error(`${url}: gone`);
		await new Promise(resolve => setTimeout(resolve, 50));
	}
}

const [mockPort, mbPort, tapPort] = [await freePort(), await freePort(),
	await freePort()];
const children = [
	spawn(process.execPath, [bin('llmock'), '-p', mockPort, '-f',
		join(here, 'fixtures.json')], { cwd: scratch }),
	spawn(process.execPath, [bin('mb'), 'start', '--port', mbPort,
		'--host', '127.0.0.1', '--localOnly', '--nologfile'],
	{ cwd: scratch }),
];
const control = `http://127.0.0.1:${mbPort}/imposters`;
const tap = `http://127.0.0.1:${tapPort}`;

// marks where chatd sets them: ends of the last two turns of the user
function marked(messages) {
	const ends = [];
	messages.forEach((m, i) => {
		const next = messages[i + 1];
		if (m.role !== 'assistant' &&
		    (next === undefined || next.role === 'assistant'))
			ends.push(i);
	});
	const last = ends.slice(-2);
	return messages.map((m, i) => last.includes(i) ?
		{ ...m, providerOptions: mark } : m);
}

const apis = {
	anthropic: {
		model: id => createAnthropic({ baseURL: `${tap}/v1`,
			apiKey: 'k' })(id),
		system: s => ({ role: 'system', content: s,
			providerOptions: mark }),
		messages: marked,
	},
	responses: {
		model: id => createOpenAI({ baseURL: `${tap}/v1`,
			apiKey: 'k' }).responses(id),
	},
	gemini: {
		model: id => createGoogleGenerativeAI({
			baseURL: `${tap}/v1beta`, apiKey: 'k' })(id),
	},
	chat: {
		model: id => createOpenAICompatible({ name: 'golden',
			baseURL: `${tap}/v1`, includeUsage: true,
			supportsStructuredOutputs: true, apiKey: 'k' })(id),
	},
};

function toolSet(list) {
	const names = list.map(t => t.name).sort();
	return Object.fromEntries(names.map(name => {
		const t = list.find(x => x.name === name);
		return [name, tool({ description: t.description,
			inputSchema: jsonSchema(t.inputSchema), strict: false,
			providerOptions: name === names.at(-1) ? mark :
				undefined })];
	}));
}

async function body(api, c) {
	await fetch(`${control}/${tapPort}/savedRequests`,
		{ method: 'DELETE' });
	const rq = c.request;
	const result = streamText({
		model: api.model(c.spec.slice(c.spec.indexOf(':') + 1)),
		system: rq.system && (api.system ? api.system(rq.system) :
			rq.system),
		messages: api.messages ? api.messages(rq.messages) :
			rq.messages,
		tools: rq.tools && toolSet(rq.tools),
		maxOutputTokens: rq.maxOutput,
		output: rq.schema && Output.object({
			name: 'answer', schema: jsonSchema(rq.schema) }),
		providerOptions: c.options,
		maxRetries: 0,
		onError: ({ error }) => { throw error; },
	});
	await result.consumeStream();
	const { requests } = await (await fetch(`${control}/${tapPort}`)).json();
	if (requests.length !== 1)
		throw new Error(`${c.name}: ${requests.length} requests`);
	return { path: requests[0].path, body: JSON.parse(requests[0].body) };
}

try {
	await ready(children[0], `http://127.0.0.1:${mockPort}/health`);
	await ready(children[1], control);
	await fetch(control, { method: 'POST', body: JSON.stringify({
		port: tapPort, protocol: 'http', host: '127.0.0.1',
		recordRequests: true, stubs: [{ responses: [{ proxy: {
			to: `http://127.0.0.1:${mockPort}`,
			mode: 'proxyTransparent' } }] }] }) });
	mkdirSync(out, { recursive: true });
	for (const c of cases) {
		const { options, name, ...rest } = c;
		const got = await body(apis[c.api], c);
		writeFileSync(join(out, `${c.api}-${name}.json`),
			JSON.stringify({ ...rest, ...got }, null, '\t') + '\n');
	}
	console.log(`${cases.length} requests`);
} finally {
	for (const child of children) child.kill();
}
