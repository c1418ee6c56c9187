// SPDX-License-Identifier: GPL-3.0-or-later
// subagent.mjs - data-subagent as createSubAgentMessages() of the SDK reads it
//
// The agent "boss" hands work to the agent "kid" (0615-sdk-subagent.sh), whose
// answer is slow and long.

import assert from "node:assert/strict";
import { auth, sessions } from "@trigger.dev/sdk";
import { createSubAgentMessages, TriggerChatTransport }
    from "@trigger.dev/sdk/chat";
import { base, message, newId, raw, start } from "./server.mjs";
import { run, test } from "./tap.mjs";

const words = Array.from({ length: 400 }, (_, i) => `w${i} `).join("");

function transport(more = {})
{
	return new TriggerChatTransport({
		task: "boss", baseURL: base,
		startSession: async ({ chatId }) => {
			const { publicAccessToken } = await sessions.start(
			    start(chatId, { taskIdentifier: "boss" }));
			return { publicAccessToken };
		},
		accessToken: ({ chatId }) => auth.createPublicToken({ scopes: {
			read: { sessions: chatId },
			write: { sessions: chatId } } }),
		...more,
	});
}

const textOf = (m) => m.parts.filter((p) => p.type === "text")
    .map((p) => p.text).join("");

async function follow(stream, subs, more = () => {})
{
	const seen = { batches: [], bytes: 0, output: undefined };
	for await (const chunk of stream) {
		if (chunk.type === "data-subagent") {
			subs.onData(chunk);
			seen.batches.push(chunk);
			seen.bytes += JSON.stringify(chunk).length;
		}
		if (chunk.type === "tool-output-available")
			seen.output = chunk.output;
		more(chunk, seen);
	}
	return seen;
}

const settled = async (subs, wanted) => {
	for (let i = 0; i < 400; i++) {
		const m = subs.get("c1");
		if (m !== undefined && textOf(m) === wanted)
			return m;
		await new Promise((resolve) => setTimeout(resolve, 25));
	}
	return subs.get("c1");
};

test("a sub-agent's message is rebuilt from its chunks", async () => {
	const subs = createSubAgentMessages({ throttleMs: 10 });
	const id = newId("sub");
	const seen = await follow(await transport().sendMessages({
		trigger: "submit-message", chatId: id, messageId: undefined,
		messages: [message("go")], abortSignal: undefined }), subs);
	const m = await settled(subs, words);

	assert.equal(textOf(m), words);
	assert.equal(textOf(seen.output), words);
	assert.equal(seen.output.role, "assistant");
	assert.equal(seen.output.id, m.id);
	assert.ok(seen.batches.length > 2, "it comes in pieces");
	assert.ok(seen.batches.every((b) => b.transient === true));
	assert.deepEqual(seen.batches.map((b) => b.data.seq),
	    seen.batches.map((_, i) => i));
	// each chunk once: not the square of the answer
	assert.ok(seen.bytes < 100 * words.length, `${seen.bytes} bytes`);
	subs.dispose();
});

test("who comes in the middle gets it whole", async () => {
	const subs = createSubAgentMessages({ throttleMs: 10 });
	const id = newId("late");
	const away = new AbortController();
	const first = await transport().sendMessages({
		trigger: "submit-message", chatId: id, messageId: undefined,
		messages: [message("go")], abortSignal: undefined });
	let batches = 0;

	for await (const chunk of first)
		if (chunk.type === "data-subagent" && ++batches === 3)
			break;
	away.abort();
	const { publicAccessToken } = await sessions.start(
	    start(id, { taskIdentifier: "boss" }));
	const t = transport({ sessions: { [id]: { publicAccessToken,
		isStreaming: true } } });
	const again = await t.reconnectToStream({ chatId: id });
	assert.ok(again, "there is something to come back to");
	await follow(again, subs);
	assert.equal(textOf(await settled(subs, words)), words);
	subs.dispose();
});

test("the sub-agent's session is one like any other", async () => {
	const list = await (await raw("GET",
	    "/api/v1/sessions?filter%5Btags%5D=subagent")).json();

	assert.ok(list.data.length >= 2);
	assert.equal(list.data[0].taskIdentifier, "kid");
});

await run();
