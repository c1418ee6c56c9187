// SPDX-License-Identifier: GPL-3.0-or-later
// refserver.mjs - a server of the session protocol around a real chat.agent()
//
// Knows nothing of chatd: no endpoint of its own, no transcript, `out` holds
// about one turn (session-protocol 8.4). Prints its port. For tests:
//
//	POST /test/expire	the tokens given until now are good no more;
//				409 while a turn runs, whose end brings another
//	POST /test/busy		what people wrote is not told (503), or again
//	POST /test/forget	all sessions have vanished
//	POST /test/legacy	turns end as before May 2026, or as now again
//	GET  /test/log		what was asked, a line each

import { fork } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const key = process.env.REF_KEY ?? "tr_dev_refrefrefrefrefrefref0001";
const sub = "env_ref";
const sessions = new Map();
const log = [];
let epoch = 0;
let legacy = false;
let busy = false;

const b64 = (s) => Buffer.from(s).toString("base64url");
const signed = (text) => createHmac("sha256", key).update(text)
    .digest("base64url");

function token(id)
{
	const now = Math.floor(Date.now() / 1000);
	const text = b64(JSON.stringify({ alg: "HS256" })) + "." +
	    b64(JSON.stringify({ sub, pub: true, iat: now, exp: now + 3600, epoch,
		scopes: [`read:sessions:${id}`, `write:sessions:${id}`],
		iss: "https://id.trigger.dev", aud: "https://api.trigger.dev" }));
	return `${text}.${signed(text)}`;
}

// The scopes of a token, true for the key, undefined for neither.
function bearer(req)
{
	const value = (req.headers.authorization ?? "").replace(/^Bearer /, "");
	if (value === key)
		return true;
	const [head, body, mac] = value.split(".");
	if (!mac || signed(`${head}.${body}`) !== mac)
		return undefined;
	const claims = JSON.parse(Buffer.from(body, "base64url"));
	// whoever signs for himself says no epoch, and is judged by its time
	if (claims.sub !== sub || !claims.pub || claims.exp < Date.now() / 1000 ||
	    (claims.epoch ?? epoch) < epoch)
		return undefined;
	return claims.scopes;
}

function item(s, more = {})
{
	return { id: s.id, externalId: s.externalId, type: s.type,
	    taskIdentifier: s.taskIdentifier, triggerConfig: s.triggerConfig,
	    currentRunId: s.runId, tags: s.tags, metadata: s.metadata,
	    closedAt: s.closedAt, closedReason: s.closedReason,
	    expiresAt: null, createdAt: s.createdAt, updatedAt: s.createdAt,
	    ...more };
}

const find = (k) => [...sessions.values()].find((s) =>
    k.startsWith("session_") ? s.id === k : s.externalId === k);

function append(ch, record)
{
	ch.records.push({ seq_num: ch.next++, timestamp: Date.now(), ...record });
	for (const wake of ch.waiting.splice(0))
		wake();
	return ch.next - 1;
}

const CONTROL = "trigger:";

// What the agent wrote, as the runtime puts it on the real stream.
function agentWrote(s, chunk)
{
	if (!chunk.type?.startsWith(CONTROL)) {
		s.busy = true;
		append(s.out, { headers: [],
		    body: JSON.stringify({ data: chunk, id: randomUUID() }) });
		return;
	}
	const publicAccessToken = token(s.externalId ?? s.id);
	const headers = [["trigger-control", chunk.type.slice(CONTROL.length)],
	    ["public-access-token", publicAccessToken]];
	if (chunk.sessionInEventId !== undefined)
		headers.push(["session-in-event-id", chunk.sessionInEventId]);
	const seq = append(s.out, !legacy ? { headers, body: "" } : {
		headers: [], body: JSON.stringify({ id: randomUUID(),
			data: { type: chunk.type, publicAccessToken } }) });
	append(s.out, { headers: [["", "trim"]], body: "" });
	s.out.records = s.out.records.filter((r) => r.seq_num >= s.lastComplete);
	s.lastComplete = seq;
	s.busy = false;
}

function start(s)
{
	s.agent = fork(fileURLToPath(new URL("refagent.mjs", import.meta.url)),
	    [s.externalId ?? s.id], { stdio: ["ignore", 2, 2, "ipc"] });
	s.ready = new Promise((done) => s.agent.on("message", (m) =>
	    m.ready ? done() : agentWrote(s, m.chunk)));
}

const channel = () => ({ records: [], next: 0, waiting: [], parts: new Map() });

function create(body)
{
	const old = body.externalId && find(body.externalId);
	if (old?.closedAt)
		return [409, { error: "Session is closed" }];
	const s = old ?? { id: `session_${randomUUID().replace(/-/g, "")
	    .slice(0, 24)}`, externalId: body.externalId ?? null,
	    runId: `run_${randomUUID().replace(/-/g, "").slice(0, 24)}`,
	    type: body.type, taskIdentifier: body.taskIdentifier,
	    tags: body.tags ?? [], metadata: body.metadata ?? null,
	    closedAt: null, closedReason: null, lastComplete: 0,
	    createdAt: new Date().toISOString(), in: channel(), out: channel() };
	s.triggerConfig = body.triggerConfig;
	if (!old) {
		sessions.set(s.id, s);
		start(s);
	}
	return [old ? 200 : 201, item(s, { runId: s.runId, isCached: !!old,
	    publicAccessToken: token(s.externalId ?? s.id) })];
}

async function appendIn(s, req, body)
{
	if (s.closedAt)
		return [409, { ok: false, code: "session_closed",
		    closedReason: s.closedReason,
		    error: "Cannot append to a closed session" }];
	const part = req.headers["x-part-id"];
	if (part && s.in.parts.has(part))
		return [200, { ok: true, seq: s.in.parts.get(part) }];
	const seq = append(s.in, { headers: [], body: JSON.stringify({
	    data: body, id: part ?? randomUUID() }) });
	s.in.parts.set(part, seq);
	s.ready.then(() => s.agent.send({ record: JSON.parse(body) }));
	return [200, { ok: true, seq }];
}

function event(res, name, data)
{
	res.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

async function stream(ch, s, req, res)
{
	const last = /^\d+$/.test(req.headers["last-event-id"] ?? "") ?
	    Number(req.headers["last-event-id"]) : -1;
	let next = Math.min(last + 1, ch.next);
	const end = ch.records.filter((r) => r.headers[0]?.[0] !== "").at(-1);
	const settled = req.headers["x-peek-settled"] === "1" && !s.busy &&
	    end?.headers[0]?.[1] === "turn-complete" && ch === s.out;
	res.writeHead(200, { "Content-Type": "text/event-stream",
	    "X-Stream-Version": "v2",
	    ...(settled ? { "X-Session-Settled": "true" } : {}) });
	res.flushHeaders();
	const gone = new Promise((done) => res.on("close", done));
	const tail = () => ({ seq_num: ch.next, timestamp: Date.now() });
	let open = true;
	gone.then(() => { open = false; });
	while (open) {
		const records = ch.records.filter((r) => r.seq_num >= next)
		    .slice(0, 20);
		if (records.length > 0) {
			event(res, "batch", { records, tail: tail() });
			next = records.at(-1).seq_num + 1;
			continue;
		}
		if (settled)
			break;
		event(res, "ping", { timestamp: Date.now(), tail: tail() });
		let timer;
		await Promise.race([gone, new Promise((done) => {
			ch.waiting.push(done);
			timer = setTimeout(done, 5000);
		})]);
		clearTimeout(timer);
	}
	res.end("data: [DONE]\n\n");
}

const records = (ch) => ({ records: ch.records.filter((r) =>
    r.headers[0]?.[0] !== "").map((r) => ({
	seqNum: r.seq_num, ...(r.body === "" ? { data: "", id: "" } :
	    JSON.parse(r.body)),
	...(r.headers.length > 0 ? { headers: r.headers } : {}) })) });

function list(url)
{
	const status = url.searchParams.get("filter[status]");
	const data = [...sessions.values()].reverse().filter((s) =>
	    !status || (status === "CLOSED") === !!s.closedAt).map((s) => item(s));
	return { data, pagination: {} };
}

// The routes of one session; undefined: none.
async function ofSession(s, rest, req, res, body)
{
	switch (`${req.method} ${rest}`) {
	case "GET ":
		return [200, item(s)];
	case "PATCH ":
		Object.assign(s, JSON.parse(body));
		return [200, item(s)];
	case "POST /close":
		s.closedAt ??= new Date().toISOString();
		s.closedReason ??= JSON.parse(body || "{}").reason ?? null;
		s.agent.disconnect();
		return [200, item(s)];
	case "POST /in/append":
		return appendIn(s, req, body);
	case "GET /out":
		return stream(s.out, s, req, res);
	case "GET /in":
		return stream(s.in, s, req, res);
	case "GET /out/records":
		return [200, records(s.out)];
	case "GET /in/records":
		return busy ? [503, {}] : [200, records(s.in)];
	}
	return [404, { error: "Not Found" }];
}

function forTests(path)
{
	if (path === "/test/log")
		return [200, log];
	if (path === "/test/expire") {
		if ([...sessions.values()].some((s) => s.busy))
			return [409, {}];
		epoch++;
	}
	if (path === "/test/busy")
		busy = !busy;
	if (path === "/test/legacy")
		legacy = !legacy;
	if (path === "/test/forget") {
		for (const s of sessions.values())
			s.agent.disconnect();
		sessions.clear();
	}
	return [200, {}];
}

async function route(req, res, body)
{
	const url = new URL(req.url, "http://x");
	if (url.pathname.startsWith("/test/"))
		return forTests(url.pathname);
	const who = bearer(req);
	log.push(`${req.method} ${url.pathname} ` +
	    (who === true ? "key" : who ? "token" : "nobody"));
	if (!who)
		return [401, { error: "Invalid or Missing API key" }];
	if (url.pathname === "/api/v1/auth/jwt/claims" && who === true)
		return [200, { sub, pub: true }];
	const [, path, k, rest] = url.pathname.match(
	    /^(\/(?:api|realtime)\/v1\/sessions)(?:\/([^/]+)(.*))?$/) ?? [];
	if (path === undefined)
		return [404, { error: "Not Found" }];
	if (k === undefined && who === true)
		return req.method === "POST" ? create(JSON.parse(body)) :
		    [200, list(url)];
	const s = find(decodeURIComponent(k ?? ""));
	const write = req.method !== "GET";
	const names = [s?.id, s?.externalId, decodeURIComponent(k ?? "")];
	if (who !== true && !names.some((n) =>
	    who.includes(`${write ? "write" : "read"}:sessions:${n}`)))
		return [403, { error: "Unauthorized" }];
	return s ? ofSession(s, rest, req, res, body) :
	    [404, { error: "Not found" }];
}

const server = createServer(async (req, res) => {
	let body = "";
	for await (const bytes of req)
		body += bytes;
	try {
		const [status, json] = await route(req, res, body) ?? [];
		if (status === undefined)
			return;
		res.writeHead(status, { "Content-Type": "application/json",
		    ...(status === 404 ? { "x-should-retry": "false" } : {}) });
		res.end(JSON.stringify(json));
	} catch (e) {
		console.error(e);
		res.writeHead(500).end('{"error":"Something went wrong"}');
	}
});
process.on("SIGTERM", () => process.exit(0));
process.on("exit", () => {
	for (const s of sessions.values())
		if (s.agent.connected)
			s.agent.disconnect();
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
