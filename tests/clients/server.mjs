// SPDX-License-Identifier: GPL-3.0-or-later
// server.mjs - which server the tests talk to, and how, without an SDK

import { createHmac, randomUUID } from "node:crypto";
import { configure } from "@trigger.dev/sdk";

export const base = process.env.BASE_URL;
export const key = process.env.SECRET_KEY;
if (!base || !key) {
	console.log("Bail out! BASE_URL and SECRET_KEY are wanted");
	process.exit(1);
}
configure({ baseURL: base, accessToken: key });

export const TASK = "chat";
export const newId = (what) => `${what}:${randomUUID()}`;
export const enc = encodeURIComponent;

export function raw(method, path, { token = key, headers = {}, body } = {})
{
	return fetch(base + path, {
		method, body,
		headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}),
		    ...headers },
	});
}

export function start(externalId, more = {})
{
	return {
		type: "chat.agent", externalId, taskIdentifier: TASK,
		triggerConfig: { basePayload: { chatId: externalId,
			trigger: "preload" } },
		...more,
	};
}

export const message = (text) => ({
	id: randomUUID(), role: "user", parts: [{ type: "text", text }],
});

// What a stream of UIMessageChunks says, as text.
export async function textOf(stream, onChunk = () => {})
{
	let text = "";
	for await (const chunk of stream) {
		onChunk(chunk);
		if (chunk.type === "text-delta")
			text += chunk.delta;
	}
	return text;
}

const b64 = (s) => Buffer.from(s).toString("base64url");

// A token as somebody else would sign it.
export function sign(claims, { alg = "HS256", hash = "sha256", by = key } = {})
{
	const text = `${b64(JSON.stringify({ alg }))}.` +
	    b64(JSON.stringify(claims));
	const signature = alg === "none" ? "" :
	    createHmac(hash, by).update(text).digest("base64url");
	return `${text}.${signature}`;
}

export const claimsOf = (token) =>
	JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
