// SPDX-License-Identifier: GPL-3.0-or-later
// pending.mjs - messages during a turn, with the published clients
//
// The server's model plays pending.script; its tools run in our folder.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { Chat } from "@ai-sdk/react";
import { sessions } from "@trigger.dev/sdk";
import { PENDING_MESSAGE_INJECTED_TYPE } from "@trigger.dev/sdk/ai";
import { AgentChat, TriggerChatTransport } from "@trigger.dev/sdk/chat";
import { base, enc, key, message, newId, raw, start, TASK } from "./server.mjs";
import { run, test } from "./tap.mjs";

const tick = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what)
{
	while (!what())
		await tick(20);
}

test("session-protocol 9.2: useChat and sendPendingMessage", async () => {
	const id = newId("steer");
	const t = new TriggerChatTransport({
		task: TASK, baseURL: base,
		accessToken: async () => key,
		startSession: async ({ chatId }) => ({ publicAccessToken:
		    (await sessions.start(start(chatId))).publicAccessToken }),
	});
	const chat = new Chat({ id, transport: t });
	const turn = chat.sendMessage({ text: "begin" });
	const steer = message("in French, please");

	await until(() => chat.messages[1]?.parts.some((p) =>
	    p.state === "input-available"));
	assert.equal(await t.sendPendingMessage(id, steer), true);
	assert.equal(await t.sendPendingMessage(id, steer), true);
	writeFileSync("go", "");
	await turn;
	assert.equal(chat.status, "ready");
	assert.deepEqual(chat.messages[1].parts.map((p) => p.type),
	    ["step-start", "dynamic-tool", PENDING_MESSAGE_INJECTED_TYPE,
	    "step-start", "text"]);
	const { data } = chat.messages[1].parts[2];
	assert.deepEqual(data.messageIds, [steer.id]);
	assert.deepEqual(data.messages,
	    [{ id: steer.id, text: "in French, please" }]);

	const { messages } = await (await raw("GET",
	    `/api/v1/sessions/${enc(id)}/transcript`)).json();
	assert.deepEqual(messages[1],
	    JSON.parse(JSON.stringify(chat.messages[1])));
	assert.equal(messages.length, 2);
	const { records } = await (await raw("GET",
	    `/realtime/v1/sessions/${enc(id)}/out/records`)).json();
	const end = records.at(-1).headers;
	assert.equal(end[0][1], "turn-complete");
	assert.equal(records.filter((r) =>
	    r.headers?.[0]?.[1] === "turn-complete").length, 1);
	assert.deepEqual(end.find((h) => h[0] === "session-in-event-id")[1],
	    "2");
});

test("session-protocol 9.2: AgentChat.steer joins the turn", async () => {
	const chat = new AgentChat({ agent: TASK, id: newId("agent") });
	const stream = await chat.sendMessage("begin");
	const types = [];
	let text = "";

	for await (const c of stream) {
		types.push(c.type);
		if (c.type === "text-delta")
			text += c.delta;
		if (c.type !== "tool-input-available")
			continue;
		await chat.steer("hurry");
		writeFileSync("go", "");
	}
	assert.equal(text, "All done.");
	assert.ok(types.includes(PENDING_MESSAGE_INJECTED_TYPE));
	assert.equal(await (await chat.sendMessage("more")).text(),
	    "All done.");
});

await run();
