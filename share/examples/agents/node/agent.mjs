// SPDX-License-Identifier: GPL-3.0-or-later
// agent.mjs - an agent of chatd with the AI SDK's streamText()
//
// Copy this folder and ../node.md to ~/.config/chatd/agents, run npm ci in
// it, set OPENAI_BASE_URL (any server of Chat Completions), OPENAI_API_KEY if
// it wants one, and AGENT_MODEL. The lines are described in chatd-agent(7).

import { createInterface } from 'node:readline';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { convertToModelMessages, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';

const provider = createOpenAICompatible({
	name: 'compatible',
	baseURL: process.env.OPENAI_BASE_URL ?? 'http://127.0.0.1:11434/v1',
	apiKey: process.env.OPENAI_API_KEY,
});

const tools = {
	stock: tool({
		description: 'How many of an item there are',
		inputSchema: z.object({ item: z.string() }),
		execute: async ({ item }) => ({ item, left: item.length }),
	}),
	order: tool({
		description: 'Order an item; a person is asked first',
		inputSchema: z.object({ item: z.string(), count: z.number() }),
		needsApproval: true,
		execute: async ({ item, count }) => `ordered: ${count} ${item}`,
	}),
};

const write = line => process.stdout.write(JSON.stringify(line) + '\n');

async function answer(turn, abortSignal) {
	const result = streamText({
		model: provider(process.env.AGENT_MODEL ?? 'qwen3'),
		system: turn.instructions,
		messages: await convertToModelMessages(turn.messages, {
			ignoreIncompleteToolCalls: true,
		}),
		tools,
		stopWhen: stepCountIs(10),
		abortSignal,
		onError: ({ error }) => console.error(error),
	});

	for await (const chunk of result.toUIMessageStream({
		originalMessages: turn.messages,
		generateMessageId: () => turn.messageId,
		onError: error => error?.message ?? String(error),
	}))
		write(chunk);
}

let running;		// the AbortController of the turn

async function run(turn) {
	running = new AbortController();
	try {
		await answer(turn, running.signal);
	} catch (error) {
		write({ type: 'error', errorText: String(error) });
	}
	write({ type: 'turn-complete', turn: turn.turn });
}

const said = {
	turn: run,
	stop: () => running?.abort(),
};

createInterface({ input: process.stdin })
	.on('line', line => {
		const told = JSON.parse(line);
		said[told.type]?.(told);
	})
	.on('close', () => process.exit());
