// SPDX-License-Identifier: GPL-3.0-or-later
// sdk-cuts.mjs - many chats of the SDK's clients over streams that are cut
//
// Until CUTS streams were cut, each chat asks for a short and a slow answer and
// begins anew. The model plays chat.script.

import assert from "node:assert/strict";
import { auth, configure, sessions } from "@trigger.dev/sdk";
import { AgentChat, TriggerChatTransport } from "@trigger.dev/sdk/chat";
import { cuttingProxy } from "./proxy.mjs";
import { base, key, message, newId, start, TASK, textOf } from "./server.mjs";
import { run, test } from "./tap.mjs";

const slowText = Array.from({ length: 200 }, (_, i) => `n${i} `).join("");
const HELLO = "Hello from the script.";
const CHATS = 100, LONGEST = 40000, wanted = Number(process.env.CUTS);
const limit = AbortSignal.timeout(900000);
let seed = Number(process.env.CHATD_CUTS_SEED ?? Date.now() % 1e9);
console.log(`# CHATD_CUTS_SEED=${seed}`);

// In the head or the first events mostly. A transport gives up after five
// connections without a record, so each fourth lets the largest event pass.
const tries = new Map();

function cut(request)
{
	const path = request.split(" ")[1], n = (tries.get(path) ?? 0) + 1;
	tries.set(path, n);
	if (n % 4 === 0)
		return LONGEST;
	seed = (seed * 1103515245 + 12345) % 2147483648;
	return Math.floor(LONGEST ** (0.4 + 0.6 * seed / 2147483648));
}

// A browser's: one transport, as useChat has it.
function browserChat(id, baseURL)
{
	const t = new TriggerChatTransport({ task: TASK, baseURL,
		startSession: async ({ chatId }) => ({ publicAccessToken:
			(await sessions.start(start(chatId))).publicAccessToken }),
		accessToken: ({ chatId }) => auth.createPublicToken({ scopes: {
			read: { sessions: chatId },
			write: { sessions: chatId } } }) });

	return async (text) => textOf(await t.sendMessages({
		trigger: "submit-message", chatId: id, messageId: undefined,
		messages: [message(text)], abortSignal: undefined }));
}

// A server's.
function agentChat(id)
{
	const chat = new AgentChat({ agent: TASK, id });

	return async (text) => (await chat.sendMessage(text)).text();
}

async function talk(i, proxy, count)
{
	while (proxy.cuts() < wanted && !limit.aborted) {
		const id = newId(`cut${i}`);
		const ask = i % 4 === 0 ? agentChat(id) :
		    browserChat(id, proxy.url);
		assert.equal(await ask("one"), HELLO);
		assert.equal(await ask("two"), slowText);
		count.answers += 2;
	}
}

test("session-protocol 7.4: cut thousands of times, the SDK's clients get " +
    "each answer whole", async () => {
	const proxy = await cuttingProxy(base, cut, "GET ");
	const count = { answers: 0 };

	configure({ baseURL: proxy.url, accessToken: key });
	try {
		await Promise.all(Array.from({ length: CHATS }, (_, i) =>
		    talk(i, proxy, count)));
		console.log(`# ${proxy.cuts()} cuts, ${count.answers} answers`);
		assert.ok(proxy.cuts() >= wanted);
	} finally {
		proxy.close();
	}
});

await run();
