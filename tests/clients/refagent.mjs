// SPDX-License-Identifier: GPL-3.0-or-later
// refagent.mjs - one run of a real chat.agent(), for refserver.mjs
//
// The SDK's harness has one agent a process, so each session has one of its
// own: `in` records come by IPC, what the agent writes on `out` goes back.

import { mockChatAgent } from "@trigger.dev/sdk/ai/test";
import { chat } from "@trigger.dev/sdk/ai";
import { jsonSchema, stepCountIs, streamText, tool } from "ai";
import { MockLanguageModelV3 } from "ai/test";

const usage = {
	inputTokens: { total: 3, noCache: 3, cacheRead: 0, cacheWrite: 0 },
	outputTokens: { total: 5, text: 5, reasoning: 0 },
};
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// What the model says, by the last thing it was told.
function answer(prompt)
{
	const last = prompt.at(-1);
	const said = prompt.filter((m) => m.role === "user").length;
	if (last.role === "tool") {
		const part = last.content.find((p) => p.type === "tool-result");
		const value = part?.output?.value ?? part?.output?.reason ?? "";
		return { text: `The tool said ${JSON.stringify(value)}.` };
	}
	const text = last.content.map((p) => p.text ?? "").join("");
	if (text.includes("weather"))
		return { call: ["weather", { city: "Bergen" }] };
	if (text.includes("remove"))
		return { call: ["remove", { file: "a.txt" }] };
	if (text.includes("slow"))
		return { text: "word ".repeat(1000), pause: 100 };
	if (text.includes("fail"))
		throw new Error("the model is not well");
	return { text: `You said ${text}; message ${said}.`, pause: 2 };
}

async function* parts({ text, call, pause }, signal)
{
	yield { type: "stream-start", warnings: [] };
	if (call) {
		yield { type: "tool-call", toolCallId: `call_${Date.now()}`,
		    toolName: call[0], input: JSON.stringify(call[1]) };
	} else {
		yield { type: "text-start", id: "t" };
		for (const word of text.match(/\S+\s*/g) ?? []) {
			if (signal?.aborted)
				throw signal.reason;
			await sleep(pause ?? 1);
			yield { type: "text-delta", id: "t", delta: word };
		}
		yield { type: "text-end", id: "t" };
	}
	const reason = call ? "tool-calls" : "stop";
	yield { type: "finish", usage,
	    finishReason: { unified: reason, raw: reason } };
}

const model = new MockLanguageModelV3({
	doStream: async ({ prompt, abortSignal }) => ({
		stream: ReadableStream.from(parts(answer(prompt), abortSignal)),
	}),
});
const schema = (name) => jsonSchema({ type: "object",
    properties: { [name]: { type: "string" } }, required: [name] });
const tools = {
	weather: tool({ description: "the weather", inputSchema: schema("city"),
	    execute: async ({ city }) => `rain in ${city}` }),
	remove: tool({ description: "remove a file", needsApproval: true,
	    inputSchema: schema("file"),
	    execute: async ({ file }) => `${file} is gone` }),
};
const agent = chat.agent({
	id: "ref-agent",
	idleTimeoutInSeconds: 3600,	// nothing would wake the harness
	tools,
	run: async ({ messages, tools: given, signal }) => streamText({ model,
	    messages, tools: given, abortSignal: signal,
	    stopWhen: stepCountIs(5) }),
});

const harness = mockChatAgent(agent, { chatId: process.argv[2] });
let told = 0;
setInterval(() => {
	const all = harness.allRawChunks;
	for (; told < all.length; told++)
		process.send({ chunk: all[told] });
}, 3);

// Every record goes in, so that the harness counts as the server does.
process.on("message", ({ record }) => {
	const { kind, message, payload } = record;
	const nothing = () => {};
	if (kind === "stop")
		harness.sendStop(message).catch(nothing);
	else if (payload?.trigger === "action")
		harness.sendAction(payload.action).catch(nothing);
	else if (payload?.trigger === "regenerate-message")
		harness.sendRegenerate().catch(nothing);
	else
		harness.sendMessage(payload.message).catch(nothing);
});
process.on("disconnect", () => process.exit(0));
process.send({ ready: true });
