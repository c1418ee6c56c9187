// SPDX-License-Identifier: GPL-3.0-or-later
// server.mjs - the page's own server: it has the secret key, the browser not
//
//	TRIGGER_API_URL=http://127.0.0.1:8788 TRIGGER_SECRET_KEY=tr_dev_... \
//	    PORT=8080 node server.mjs
//
// Whoever can reach it can chat: put your own login in front of /api.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { auth, sessions } from "@trigger.dev/sdk";

const api = process.env.TRIGGER_API_URL ?? "http://127.0.0.1:8788";
const key = process.env.TRIGGER_SECRET_KEY;
const dist = process.env.DIST ??
    fileURLToPath(new URL("dist/", import.meta.url));
const types = { ".html": "text/html; charset=utf-8", ".css": "text/css",
    ".js": "text/javascript" };

// What the page asks for; all take {chatId}.
const calls = {
	"/api/config": () => ({ baseURL: api }),
	"/api/start": async ({ chatId }) => {
		const { publicAccessToken } = await sessions.start({
			type: "chat.agent", externalId: chatId,
			taskIdentifier: "chat",
			triggerConfig: { basePayload: { chatId,
				trigger: "preload" } },
		});
		return { publicAccessToken };
	},
	"/api/token": async ({ chatId }) => ({
		token: await auth.createPublicToken({ expirationTime: "1h",
			scopes: { read: { sessions: chatId },
				write: { sessions: chatId } } }),
	}),
	// live: with what there is of an answer under way
	"/api/transcript": async ({ chatId, live }) => {
		const answer = await fetch(`${api}/api/v1/sessions/` +
		    `${encodeURIComponent(chatId)}/transcript` +
		    (live ? "?live=1" : ""),
		    { headers: { Authorization: `Bearer ${key}` } });
		if (answer.status === 404)
			return { messages: [] };
		if (!answer.ok)
			throw new Error(`transcript: ${answer.status}`);
		return answer.json();
	},
};

async function answerCall(call, request, response)
{
	let body = "";
	for await (const piece of request)
		body += piece;
	const result = await call(JSON.parse(body || "{}"));
	response.writeHead(200, { "Content-Type": "application/json" });
	response.end(JSON.stringify(result));
}

async function answerFile(path, response)
{
	const file = join(dist, normalize(path === "/" ? "index.html" : path));
	const bytes = await readFile(file);
	response.writeHead(200, { "Content-Type":
	    types[extname(file)] ?? "application/octet-stream" });
	response.end(bytes);
}

const server = createServer((request, response) => {
	const { pathname } = new URL(request.url, "http://x");
	const call = request.method === "POST" ? calls[pathname] : undefined;
	const done = call ? answerCall(call, request, response) :
	    answerFile(pathname, response);
	done.catch((e) => {
		response.writeHead(e.code === "ENOENT" ? 404 : 500);
		response.end(e.code === "ENOENT" ? "" : String(e.message));
	});
});

server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () =>
	console.log(`http://127.0.0.1:${server.address().port}/`));
