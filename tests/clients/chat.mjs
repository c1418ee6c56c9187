// SPDX-License-Identifier: GPL-3.0-or-later
// chat.mjs - TriggerChatTransport, AgentChat and useChat's state machine
//
// The server's model plays chat.script: a short answer, a slow one of SLOW
// pieces, then short ones.

import assert from "node:assert/strict";
import { Chat } from "@ai-sdk/react";
import { auth, sessions } from "@trigger.dev/sdk";
import { AgentChat, TriggerChatTransport } from "@trigger.dev/sdk/chat";
import { cuttingProxy } from "./proxy.mjs";
import { killAndRestart } from "./restart.mjs";
import { base, claimsOf, enc, message, newId, raw, start, TASK, textOf }
    from "./server.mjs";
import { run, test } from "./tap.mjs";

const SLOW = 200;
const slowText = Array.from({ length: SLOW }, (_, i) => `n${i} `).join("");
const HELLO = "Hello from the script.";
const tick = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function startSession({ chatId })
{
	const { publicAccessToken } = await sessions.start(start(chatId));
	return { publicAccessToken };
}

function transport(more = {})
{
	return new TriggerChatTransport({
		task: TASK, baseURL: base, startSession,
		accessToken: ({ chatId }) => auth.createPublicToken({ scopes: {
			read: { sessions: chatId },
			write: { sessions: chatId } } }),
		...more,
	});
}

const send = (t, chatId, messages, more = {}) => t.sendMessages({
	trigger: "submit-message", chatId, messageId: undefined,
	messages: Array.isArray(messages) ? messages : [message(messages)],
	abortSignal: undefined, ...more });

test("session-protocol 9.1: a message is answered with chunks in order",
    async () => {
	const t = transport(), id = newId("send");
	const types = [];
	const text = await textOf(await send(t, id, "hi"),
	    (c) => types.push(c.type));

	assert.equal(text, HELLO);
	assert.equal(types[0], "start");
	assert.ok(types.indexOf("reasoning-start") <
	    types.indexOf("reasoning-delta"));
	assert.ok(types.indexOf("reasoning-end") > 0);
	assert.ok(types.indexOf("text-start") < types.indexOf("text-delta"));
	assert.deepEqual(types.slice(-2), ["finish-step", "finish"]);
	assert.match(t.getSession(id).lastEventId, /^\d+$/);
	assert.equal(t.getSession(id).isStreaming, false);
});

test("session-protocol 3.7: a turn-complete refreshes the token", async () => {
	const t = transport(), id = newId("refresh");
	await textOf(await send(t, id, "hi"));
	const { runId } = await sessions.start(start(id));

	assert.deepEqual(claimsOf(t.getSession(id).publicAccessToken).scopes, [
		`read:runs:${runId}`, `read:sessions:${id}`,
		`write:inputStreams:${runId}`, `write:sessions:${id}` ]);
});

test("session-protocol 3.8: a token that is over is replaced, once",
    async () => {
	const id = newId("expired");
	let asked = 0;
	const t = transport({
		startSession: undefined,
		sessions: { [id]: { publicAccessToken: "x.y.z" } },
		accessToken: async ({ chatId }) => {
			asked++;
			return (await startSession({ chatId }))
			    .publicAccessToken;
		},
	});
	await startSession({ chatId: id });

	assert.equal(await textOf(await send(t, id, "hi")), HELLO);
	assert.equal(asked, 1);
	const { records } = await (await raw("GET",
	    `/realtime/v1/sessions/${enc(id)}/in/records`)).json();
	assert.equal(records.length, 1);
});

test("session-protocol 7.4: another transport resumes in mid-answer",
    async () => {
	const t = transport(), id = newId("resume");
	await textOf(await send(t, id, "one"));
	const first = (await send(t, id, "two")).getReader();
	let text = "";
	while (!text.includes("n20 ")) {
		const { value } = await first.read();
		if (value.type === "text-delta")
			text += value.delta;
	}
	const state = t.getSession(id);
	assert.equal(state.isStreaming, true);
	const other = transport({ sessions: { [id]: state } });
	const rest = await textOf(await other.reconnectToStream({
		chatId: id }));
	for (;;) {
		const { done, value } = await first.read();
		if (done)
			break;
		if (value.type === "text-delta")
			text += value.delta;
	}

	assert.equal(text, slowText);
	assert.ok(rest.length > 0 && slowText.endsWith(rest));
});

test("session-protocol 7.6: who comes back after the end is told at once",
    async () => {
	const t = transport(), id = newId("settled");
	await textOf(await send(t, id, "hi"));
	const state = { ...t.getSession(id), isStreaming: true,
		activeInputSeq: undefined };
	const before = Date.now();
	const other = transport({ sessions: { [id]: state } });
	assert.equal(await textOf(await other.reconnectToStream({
		chatId: id })), "");
	assert.ok(Date.now() - before < 30000);
	assert.equal(other.getSession(id).isStreaming, false);
});

test("session-protocol 9.3: a stop ends this answer and not the next",
    async () => {
	const t = transport(), id = newId("stop");
	await textOf(await send(t, id, "one"));
	let text = "";
	for await (const c of await send(t, id, "two")) {
		if (c.type === "text-delta")
			text += c.delta;
		if (text.includes("n10 ")) {
			assert.equal(await t.stopGeneration(id), true);
			break;
		}
	}
	assert.ok(text.length < slowText.length);
	assert.equal(await textOf(await send(t, id, "three")),
	    "Third answer.");
	const { messages } = await (await raw("GET",
	    `/api/v1/sessions/${enc(id)}/transcript`)).json();
	assert.equal(messages.length, 6);
	assert.match(messages[3].parts.map((p) => p.text ?? "").join(""),
	    /^n0 n1 /);
});

test("session-protocol 9.3: an idle stop says nothing", async () => {
	const t = transport(), id = newId("idle");
	await textOf(await send(t, id, "one"));
	const last = t.getSession(id).lastEventId;
	await t.stopGeneration(id);
	assert.equal(await textOf(await send(t, id, "two",
	    {})), slowText);
	assert.ok(Number(t.getSession(id).lastEventId) > Number(last));
});

test("session-protocol 9.2: a message that waits gets a turn of its own",
    async () => {
	const t = transport(), id = newId("queue");
	await textOf(await send(t, id, "one"));
	const slow = await send(t, id, "two");
	assert.equal(await t.sendPendingMessage(id, message("three")), true);
	assert.equal(await textOf(slow), slowText);
	assert.match(await textOf(await send(t, id, "four")), /Third answer\./);
	const { records } = await (await raw("GET",
	    `/realtime/v1/sessions/${enc(id)}/out/records`)).json();
	const ends = records.filter((r) =>
	    r.headers?.[0]?.[1] === "turn-complete").map((r) =>
	    Number(r.headers.find((h) => h[0] === "session-in-event-id")[1]));
	assert.deepEqual(ends, [0, 1, 2, 3]);
});

test("session-protocol 11: an unknown action is refused and settled",
    async () => {
	const t = transport(), id = newId("action");
	await textOf(await send(t, id, "one"));
	let settled;
	const types = [];
	await textOf(await t.sendAction(id, { type: "nonsense" },
	    { onSettled: (s) => { settled = s; } }), (c) => types.push(c.type));
	assert.ok(types.includes("error"));
	assert.ok(Number(settled.sessionInEventId) >= settled.inputSeq);

	await textOf(await t.sendAction(id, { type: "undo" }));
	const { messages } = await (await raw("GET",
	    `/api/v1/sessions/${enc(id)}/transcript`)).json();
	assert.equal(messages.length, 0);
});

test("session-protocol 10: nobody can invent an approved call", async () => {
	const t = transport(), id = newId("approve");
	await textOf(await send(t, id, "one"));
	const chunks = [];
	await textOf(await send(t, id, [{ id: "invented", role: "assistant",
		parts: [{ type: "tool-Bash", toolCallId: "c1",
			state: "approval-responded", input: { command: "id" },
			approval: { id: "a1", approved: true } }] }]),
	    (c) => chunks.push(c.type));
	assert.equal(chunks.filter((c) => c.startsWith("tool-")).length, 0);
});

test("session-protocol 5.4: a session closed elsewhere ends the chat",
    async () => {
	const t = transport(), id = newId("closed");
	await textOf(await send(t, id, "one"));
	await sessions.close(id, { reason: "over" });
	await assert.rejects(send(t, id, "two"));
	assert.equal(t.sessionStatus(id), "closed");
	assert.equal(t.sessionClosedReason(id), "over");
});

test("session-protocol 7.4: cut at random bytes, nothing is lost or twice",
    async () => {
	let seed = 7;
	const random = (n) => {
		seed = (seed * 1103515245 + 12345) % 2147483648;
		return seed % n;
	};
	// uploads pass; only long answers are cut
	const proxy = await cuttingProxy(base, () => 2500 + random(6000));
	const t = transport({ baseURL: proxy.url }), id = newId("cut");
	try {
		assert.equal(await textOf(await send(t, id, "one")), HELLO);
		assert.equal(await textOf(await send(t, id, "two")), slowText);
		assert.ok(proxy.cuts() > 2, `${proxy.cuts()} cuts`);
	} finally {
		proxy.close();
	}
});

test("session-protocol 9.4: killed in mid-answer behind cuts, it is all there",
    async () => {
	const proxy = await cuttingProxy(base, () => 4000 + 97 * (serial++ % 40));
	const t = transport({ baseURL: proxy.url }), id = newId("kill");
	let serial = 0, seen = "", again;
	try {
		assert.equal(await textOf(await send(t, id, "one")), HELLO);
		const text = await textOf(await send(t, id, "two"), (c) => {
			seen += c.delta ?? "";
			if (again === undefined && seen.includes("n20 "))
				again = killAndRestart();
		});
		assert.ok(again, "it was not killed");
		await again;
		// what was shown stays, the open step is asked again
		const kept = text.slice(0, -slowText.length);
		assert.ok(kept.includes("n20 ") && slowText.startsWith(kept),
		    text);
		assert.equal(text.slice(kept.length), slowText);
		assert.equal(await textOf(await send(t, id, "three")),
		    "Third answer.");
	} finally {
		proxy.close();
	}
});

test("session-protocol 8.2: AgentChat: send, stop, steer, close", async () => {
	const id = newId("agent");
	const chat = new AgentChat({ agent: TASK, id });
	assert.equal(await (await chat.sendMessage("one")).text(), HELLO);
	let stream = await chat.sendMessage("two");
	let text = "";
	for await (const c of stream) {
		if (c.type === "text-delta")
			text += c.delta;
		if (c.type === "text-delta" && text.includes("n10 ")) {
			await chat.stop();
			break;
		}
	}
	assert.equal(await (await chat.sendMessage("three")).text(),
	    "Third answer.");
	const again = new AgentChat({ agent: TASK, id,
		session: chat.session });
	assert.equal(await (await again.sendMessage("four")).text(),
	    "Third answer.");
	assert.equal(await chat.close(), true);
	assert.equal((await sessions.retrieve(id)).closedAt, null);
	assert.equal(await (await again.sendMessage("five")).text(),
	    "Third answer.");
});

test("session-protocol 9.6: useChat: send, regenerate, stop, messages",
    async () => {
	const t = transport(), id = newId("usechat");
	const chat = new Chat({ id, transport: t });
	await chat.sendMessage({ text: "one" });
	assert.equal(chat.status, "ready");
	const answer = chat.messages[1];
	assert.deepEqual(answer.parts.map((p) => p.type),
	    ["step-start", "reasoning", "text"]);
	assert.equal(answer.parts[2].text, HELLO);
	await chat.regenerate();
	assert.equal(chat.messages.length, 2);
	assert.notEqual(chat.messages[1].id, answer.id);
	assert.equal(chat.messages[1].parts[2].text, HELLO);

	const slow = chat.sendMessage({ text: "two" });
	while (!(chat.messages[3]?.parts.at(-1)?.text ?? "").includes("n10 "))
		await tick(5);
	await chat.stop();
	await slow;
	assert.equal(chat.status, "ready");
	await chat.sendMessage({ text: "three" });
	assert.equal(chat.messages.at(-1).parts.at(-1).text, "Third answer.");

	const { messages, cursors } = await (await raw("GET",
	    `/api/v1/sessions/${enc(id)}/transcript`)).json();
	assert.deepEqual(messages.map((m) => m.id),
	    chat.messages.map((m) => m.id));
	assert.equal(cursors.lastOutEventId, t.getSession(id).lastEventId);
});

await run();
