// SPDX-License-Identifier: GPL-3.0-or-later
// sessions.mjs - sessions.*, auth.* and plain requests, against BASE_URL

import assert from "node:assert/strict";
import { auth, sessions } from "@trigger.dev/sdk";
import { claimsOf, enc, key, newId, raw, sign, start }
    from "./server.mjs";
import { run, test } from "./tap.mjs";

const API = "/api/v1/sessions";
const REALTIME = "/realtime/v1/sessions";

test("session-protocol 5.1: sessions.start makes a session, once", async () => {
	const id = newId("start");
	const first = await sessions.start(start(id, { tags: ["a"],
		metadata: { n: 1 } }));
	const again = await sessions.start(start(id));

	assert.match(first.id, /^session_[a-z0-9]{20,26}$/);
	assert.match(first.runId, /^run_/);
	assert.equal(first.externalId, id);
	assert.equal(first.isCached, false);
	assert.equal(again.isCached, true);
	assert.equal(again.id, first.id);
	assert.deepEqual((await sessions.retrieve(id)).metadata, { n: 1 });
});

test("session-protocol 5.1: starts that race make one session", async () => {
	const id = newId("race");
	const all = await Promise.all(Array.from({ length: 8 },
	    () => sessions.start(start(id))));

	assert.equal(new Set(all.map((s) => s.id)).size, 1);
	assert.equal(all.filter((s) => !s.isCached).length, 1);
});

test("session-protocol 3.7: a start gives a token for an hour", async () => {
	const id = newId("token");
	const { publicAccessToken } = await sessions.start(start(id));
	const c = claimsOf(publicAccessToken);

	assert.deepEqual(c.scopes, [`read:sessions:${id}`,
	    `write:sessions:${id}`]);
	assert.equal(c.pub, true);
	assert.equal(c.exp - c.iat, 3600);
	assert.equal(c.iss, "https://id.trigger.dev");
	assert.equal(c.aud, "https://api.trigger.dev");
});

test("session-protocol 5.2: retrieve by both names", async () => {
	const id = newId("a/b c?d#e%");
	const made = await sessions.start(start(id));

	assert.equal((await sessions.retrieve(id)).id, made.id);
	assert.equal((await sessions.retrieve(made.id)).externalId, id);
	await assert.rejects(sessions.retrieve(newId("nobody")),
	    (e) => e.status === 404);
});

test("session-protocol 5.3: update", async () => {
	const id = newId("update");
	await sessions.start(start(id, { tags: ["x"] }));
	const now = await sessions.update(id, { tags: ["y", "z"],
		metadata: { a: { b: 1 } } });

	assert.deepEqual(now.tags, ["y", "z"]);
	assert.deepEqual(now.metadata, { a: { b: 1 } });
	assert.equal((await sessions.update(id, { metadata: null })).metadata,
	    null);
	await assert.rejects(sessions.update(id, { externalId: "other" }),
	    (e) => e.status === 422);
});

test("session-protocol 5.4: close, once and for all", async () => {
	const id = newId("close");
	const made = await sessions.start(start(id));
	const first = await sessions.close(id, { reason: "done" });
	const again = await sessions.close(made.id, { reason: "other" });

	assert.equal(first.closedReason, "done");
	assert.equal(again.closedReason, "done");
	assert.deepEqual(again.closedAt, first.closedAt);
	await assert.rejects(sessions.start(start(id)),
	    (e) => e.status === 409);
	await assert.rejects(sessions.open(id).in.send({ kind: "stop" }));
	const answer = await raw("POST", `${REALTIME}/${enc(id)}/in/append`,
	    { body: "{}" });
	assert.equal(answer.status, 409);
	assert.equal(answer.headers.get("x-should-retry"), "false");
	assert.deepEqual(await answer.json(), { ok: false,
		error: "Cannot append to a closed session",
		code: "session_closed", closedReason: "done" });
});

test("session-protocol 5.5: list, filter, walk pages", async () => {
	const tag = newId("tag");
	const ids = [];
	for (let i = 0; i < 5; i++)
		ids.push((await sessions.start(start(newId("list"),
		    { tags: [tag] }))).id);
	const seen = [];
	for await (const s of sessions.list({ tag, limit: 2 }))
		seen.push(s.id);
	assert.deepEqual(seen, ids.toReversed());

	const page = await sessions.list({ tag, limit: 2 });
	const next = await page.getNextPage();
	assert.equal(page.data.length, 2);
	assert.equal(next.data[0].id, ids[2]);
	await sessions.close(ids[0]);
	const closed = await sessions.list({ tag, status: "CLOSED" });
	assert.deepEqual(closed.data.map((s) => s.id), [ids[0]]);
});

test("session-protocol 3.3: createPublicToken signs for this server",
    async () => {
	const id = newId("public");
	await sessions.start(start(id));
	const token = await auth.createPublicToken({
		scopes: { read: { sessions: id } }, expirationTime: "5m" });
	const get = (path) => raw("GET", path, { token });

	assert.equal((await get(`${API}/${enc(id)}`)).status, 200);
	const answer = await raw("PATCH", `${API}/${enc(id)}`, { token,
		body: "{}" });
	assert.equal(answer.status, 403);
	assert.deepEqual(await answer.json(), { error: "Unauthorized",
		code: "unauthorized", param: "access_token",
		type: "authorization" });
});

test("session-protocol 3.5: forged tokens are refused", async () => {
	const id = newId("forged");
	const { publicAccessToken } = await sessions.start(start(id));
	const claims = claimsOf(publicAccessToken);
	const status = async (token) =>
		(await raw("GET", `${API}/${enc(id)}`, { token })).status;

	assert.equal(await status(sign(claims)), 200);
	assert.equal(await status(sign({ ...claims,
		aud: ["x", claims.aud] })), 200);
	for (const bad of [
		sign(claims, { alg: "none" }),
		sign(claims, { alg: "HS512", hash: "sha512" }),
		sign(claims, { alg: "HS384", hash: "sha384" }),
		sign(claims, { alg: null }),
		sign(claims, { by: "tr_dev_wrong" }),
		sign({ ...claims, aud: "https://elsewhere" }),
		sign({ ...claims, iss: "https://elsewhere" }),
		sign({ ...claims, sub: "env_else" }),
		sign({ ...claims, exp: Math.floor(Date.now() / 1000) - 1 }),
		sign({ ...claims, exp: undefined }),
		sign({ ...claims, nbf: Math.floor(Date.now() / 1000) + 60 }),
		sign({ ...claims, pub: undefined }),
		publicAccessToken.slice(0, -2),
		"", "x", `${key}x`,
	])
		assert.equal(await status(bad), 401, bad);
	assert.equal(await status(sign({ ...claims, scopes: undefined })), 403);
});

test("session-protocol 3.4: the server signs for keys that cannot",
    async () => {
	const id = newId("minted");
	await sessions.start(start(id));
	const answer = await raw("POST", "/api/v1/auth/public-tokens", {
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ scopes: [`read:sessions:${id}`],
			expirationTime: "1h" }) });
	const { token } = await answer.json();

	assert.equal(answer.status, 200);
	assert.equal((await raw("GET", `${API}/${enc(id)}`, { token })).status,
	    200);
});

test("session-protocol 6: appends are numbered, and once", async () => {
	const id = newId("append");
	const { publicAccessToken: token } = await sessions.start(start(id));
	const path = `${REALTIME}/${enc(id)}/in/append`;
	const append = async (part, body = '{"kind":"none"}') =>
		(await raw("POST", path, { token, body,
			headers: part ? { "X-Part-Id": part } : {} })).json();

	assert.deepEqual(await append("p1"), { ok: true, seq: 0 });
	assert.deepEqual(await append("p2"), { ok: true, seq: 1 });
	assert.deepEqual(await append("p1", "other"), { ok: true, seq: 0 });
	assert.deepEqual(await append(null, "not JSON \u00e9"),
	    { ok: true, seq: 2 });
	const race = await Promise.all(Array.from({ length: 8 },
	    () => append("p3")));
	assert.deepEqual(new Set(race.map((r) => r.seq)), new Set([3]));
	await sessions.open(id).in.send({ kind: "none", text: "\u2028" });

	const { records } = await (await raw("GET",
	    `${REALTIME}/${enc(id)}/in/records`, { token })).json();
	assert.deepEqual(records.map((r) => r.seqNum), [0, 1, 2, 3, 4]);
	assert.equal(records[2].data, "not JSON \u00e9");
	assert.equal(records[0].id, "p1");
	assert.deepEqual(JSON.parse(records[4].data),
	    { kind: "none", text: "\u2028" });
});

test("session-protocol 6.2: what is wrong with an append", async () => {
	const id = newId("wrong");
	const { publicAccessToken: token } = await sessions.start(start(id));
	const path = `${REALTIME}/${enc(id)}`;
	const status = async (...a) => (await raw(...a)).status;

	assert.equal(await status("POST", `${path}/in/append`, { token,
		body: "x".repeat(1048577) }), 413);
	assert.equal(await status("POST", `${path}/in/append`, { token,
		body: '"'.repeat(700000) }), 413);
	assert.equal(await status("GET", `${path}/in/append`), 405);
	assert.equal(await status("POST", `${path}/out/append`, { token,
		body: "{}" }), 403);
	assert.equal(await status("POST",
	    `${REALTIME}/${enc(newId("none"))}/in/append`, { body: "{}" }),
	    404);
	assert.equal(await status("POST", API, { body: "{" }), 400);
	assert.equal(await status("POST", API, { body: "" }), 400);
	assert.equal(await status("POST", API, { body: JSON.stringify(
	    start(newId("big"), { metadata: { x: "x".repeat(33000) } })) }),
	    413);
});

test("session-protocol 2: a page of another origin may read every answer",
    async () => {
	const Origin = "https://page.example";
	const asked = "authorization,content-type,x-part-id,x-trigger-source";
	const path = `${REALTIME}/x/in/append`;
	const preflight = await raw("OPTIONS", path, { token: null, headers: {
		Origin, "Access-Control-Request-Method": "POST",
		"Access-Control-Request-Headers": asked } });

	assert.ok([200, 204].includes(preflight.status));
	assert.equal(preflight.headers.get("access-control-allow-headers"),
	    asked);
	assert.match(preflight.headers.get("access-control-allow-methods"),
	    /POST/);
	for (const [method, to, token, want] of [
		["GET", API, null, 401],
		["GET", `${API}/${enc(newId("no"))}`, key, 404],
		["GET", "/nothing/here", null, 404],
		["PUT", API, null, 405],
		["POST", path, key, 404],
	]) {
		const answer = await raw(method, to, { token,
			headers: { Origin },
			body: method === "POST" ? "{}" : undefined });
		assert.equal(answer.status, want);
		assert.equal(answer.headers.get("access-control-allow-origin"),
		    Origin);
		assert.equal(typeof (await answer.json()).error, "string");
	}
});

// Reads an event stream until it says needle, then lets go.
async function readUntil(answer, needle)
{
	let text = "";
	const decode = new TextDecoder();
	for await (const bytes of answer.body) {
		text += decode.decode(bytes, { stream: true });
		if (text.includes(needle))
			break;
	}
	return text;
}

test("session-protocol 7.1: the head of a stream comes at once", async () => {
	const id = newId("head");
	await sessions.start(start(id));
	const answer = await raw("GET", `${REALTIME}/${enc(id)}/out`, {
		headers: { Accept: "text/event-stream",
			Origin: "https://page.example" } });

	assert.equal(answer.status, 200);
	assert.match(answer.headers.get("content-type"), /text\/event-stream/);
	assert.equal(answer.headers.get("x-stream-version"), "v2");
	assert.equal(answer.headers.get("access-control-expose-headers"), "*");
	assert.match(answer.headers.get("cache-control"), /no-cache/);
	assert.match(await readUntil(answer, "\n\n"), /event: ping/);
});

test("session-protocol 7.3, 7.4: timeout and cursor", async () => {
	const id = newId("cursor");
	await sessions.start(start(id));
	const path = `${REALTIME}/${enc(id)}/in`;
	for (let i = 0; i < 3; i++)
		await sessions.open(id).in.send({ kind: "none", i });
	const numbers = async (cursor) => {
		const text = await (await raw("GET", path, { headers: {
			"Timeout-Seconds": "1",
			...(cursor === undefined ? {} :
			    { "Last-Event-ID": cursor }) } })).text();
		assert.ok(text.endsWith("data: [DONE]\n\n"));
		return [...text.matchAll(/"seq_num":(\d+),"timestamp":\d+,"[hb]/g)]
		    .map((m) => Number(m[1]));
	};

	assert.deepEqual(await numbers(), [0, 1, 2]);
	assert.deepEqual(await numbers("0"), [1, 2]);
	assert.deepEqual(await numbers("1-0"), [2]);
	assert.deepEqual(await numbers("abc"), [0, 1, 2]);
	assert.deepEqual(await numbers("2"), []);
	assert.deepEqual(await numbers("99999999999999999999"), []);
	for (const bad of ["0", "601", "x"])
		assert.equal((await raw("GET", path, { headers: {
			"Timeout-Seconds": bad } })).status, 400);
});

test("session-protocol 7.5: a reader may come before the session",
    async () => {
	const id = newId("early");
	assert.equal((await raw("GET", `${REALTIME}/session_none/out`)).status,
	    404);
	const answer = await raw("GET", `${REALTIME}/${enc(id)}/in`);
	assert.equal(answer.status, 200);
	await sessions.start(start(id));
	await sessions.open(id).in.send({ kind: "none", hello: 1 });
	assert.match(await readUntil(answer, "hello"), /event: batch/);
});

test("session-protocol 14: a side channel has its own records, and no id " +
    "looks like one", async () => {
	const id = newId("side");
	await sessions.start(start(id));
	const path = `${REALTIME}/${enc(id)}/channels/notes/in`;
	const answer = await raw("POST", `${path}/append`, { body: "{}" });

	assert.equal(answer.status, 200);
	assert.equal((await answer.json()).seq, 0);
	const { records } = await (await raw("GET", `${path}/records`)).json();
	assert.deepEqual(records.map((r) => [r.seqNum, r.data]), [[0, "{}"]]);
	const main = await raw("GET", `${REALTIME}/${enc(id)}/in/records`);
	assert.deepEqual((await main.json()).records, []);
	assert.equal((await raw("POST", API, { body: JSON.stringify(
	    start(`x:channels:${newId("y")}`)) })).status, 400);
});

test("session-protocol 1: health, 404, 405", async () => {
	assert.equal((await raw("GET", "/healthz", { token: null })).status,
	    200);
	assert.equal((await raw("GET", "/api/v9")).status, 404);
	const answer = await raw("DELETE", `${API}/x`);
	assert.equal(answer.status, 405);
	assert.match(answer.headers.get("allow"), /GET/);
});

await run();
