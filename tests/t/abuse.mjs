// SPDX-License-Identifier: GPL-3.0-or-later
// abuse.mjs - each case harms itself only: others are served, nothing is lost
//
//	node abuse.mjs CHATD

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { numbers, Server, sign, tick, until } from "./abuse-server.mjs";
import { run, test } from "../clients/tap.mjs";

const chatd = process.argv[2];
const MB = 1024 * 1024;
const main = await new Server(chatd).start();
await main.create("good");
let goodCount = 0;

// Somebody else writes, reads and asks, and all is as it was.
async function served(s = main, id = "good")
{
	const { status, json } = await s.append(id, '"still here"');
	assert.equal(status, 200);
	assert.equal(json.seq, goodCount++);
	const list = await s.ask("GET", "/api/v1/sessions");
	assert.equal(list.status, 200);
	assert.equal((await s.ask("GET", "/healthz")).status, 200);
	assert.deepEqual((await s.records(id)).map((r) => r.seqNum),
	    [...Array(goodCount).keys()]);
}

test("readers that do not read cost little, and lose nothing", async () => {
	const count = 640, slow = [], piece = JSON.stringify("x".repeat(64 * 1024));
	await main.create("slow");
	const quick = main.reader("slow");
	for (let i = 0; i < 20; i++) {
		slow.push(main.reader("slow"));
		slow[i].once("connect", () => slow[i].pause());
	}
	await until(() => quick.got.includes("ping"));
	await main.append("slow", piece);
	const before = main.memory();
	for (let i = 1; i < count; i++)
		assert.equal((await main.append("slow", piece)).json.seq, i);
	await until(() => numbers(quick.got).length === count);
	const grown = main.memory() - before;
	// 40 MiB were written; each reader may hold one batch and its mark
	assert.ok(grown < 16 * MB, `${grown} bytes more`);
	await served();
	slow[0].resume();
	await until(() => numbers(slow[0].got).length >= count);
	assert.deepEqual(numbers(slow[0].got), [...Array(count).keys()]);
	for (const s of [quick, ...slow])
		s.destroy();
	await served();
});

test("heads that never end, and connections that say nothing", async () => {
	const all = [];
	for (let i = 0; i < 100; i++) {
		all.push(main.dial(i % 2 ? "" : "GET /healthz HTTP/1.1\r\nX: "));
	}
	const drip = setInterval(() => all.forEach((s, i) => {
		if (i % 2 === 0 && !s.destroyed)
			s.write("y");
	}), 300);
	await served();
	// a head has ten seconds, however it drips
	await Promise.all(all.map((s) => s.over));
	clearInterval(drip);
	for (const [i, s] of all.entries()) {
		if (i % 2 === 0)
			assert.match(s.got, /^HTTP\/1.1 408 /);
		s.destroy();
	}
	await served();
});

test("one who has said all and closed that half is answered", async () => {
	const s = main.dial(`GET /api/v1/sessions HTTP/1.1\r\nHost: x\r\n` +
	    `Connection: close\r\nAuthorization: Bearer ${main.key}\r\n\r\n`);
	s.end();
	await s.over;
	assert.match(s.got, /^HTTP\/1.1 200 /);
	const w = main.dial(`POST /realtime/v1/sessions/good/out/append ` +
	    `HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nConnection: close\r\n` +
	    `Authorization: Bearer ${main.key}\r\n\r\n1`);
	w.end();
	await w.over;
	assert.match(w.got, /"seq":\d+/);
	goodCount++;
	await served();
});

test("connections broken off in the middle of everything", async () => {
	const whole = `POST /realtime/v1/sessions/good/in/append HTTP/1.1\r\n` +
	    `Host: x\r\nContent-Length: 20000\r\n` +
	    `Authorization: Bearer ${main.key}\r\n\r\n` + "z".repeat(20000);
	for (let i = 0; i < 200; i++) {
		const s = main.dial(whole.slice(0, 1 + i * 97));
		await new Promise((resolve) => s.once("connect", resolve));
		s.resetAndDestroy();
	}
	await served();
	assert.deepEqual(await main.records("good", "in"), []);
});

test("floods of headers", async () => {
	const floods = [
		"A: b\r\n".repeat(500), `A: ${"b".repeat(100000)}\r\n`,
		`${"A".repeat(100000)}: b\r\n`, `A: ${"b".repeat(30000)}\r\n`
		    .repeat(3),
	];
	for (const f of floods) {
		const s = main.dial(`GET /healthz HTTP/1.1\r\n${f}\r\n`);
		await s.over;
		assert.match(s.got, /^HTTP\/1.1 431 /);
		s.destroy();
	}
	const s = main.dial(`GET /${"a".repeat(100000)} HTTP/1.1\r\n\r\n`);
	await s.over;
	assert.match(s.got, /^HTTP\/1.1 431 /);
	await served();
});

test("session-protocol 15: bodies that are too large", async () => {
	const head = (path, more) => `POST ${path} HTTP/1.1\r\nHost: x\r\n` +
	    `Authorization: Bearer ${main.key}\r\n${more}\r\n`;
	const IN = "/realtime/v1/sessions/good/in/append";
	const before = main.memory();
	const sizes = [
		[IN, 1048577], [IN, 1e12], ["/api/v1/sessions", 32769],
		["/api/v1/sessions/good/close", 1025],
		["/api/v1/auth/jwt/claims", 1e15],
	];
	for (const [path, n] of sizes) {
		const s = main.dial(head(path, `Content-Length: ${n}\r\n`));
		await s.over;
		assert.match(s.got, /^HTTP\/1.1 413 /, `${path} ${n}`);
		s.destroy();
	}
	const s = main.dial(head("/api/v1/sessions/good/close",
	    "Transfer-Encoding: chunked\r\n"));
	const chunk = `10000\r\n${"c".repeat(65536)}\r\n`;
	for (let i = 0; i < 200 && !s.destroyed; i++)
		s.write(chunk);
	await until(() => s.got.includes("\r\n\r\n"));
	assert.match(s.got, /^HTTP\/1.1 413 /);
	s.destroy();
	assert.ok(main.memory() - before < 4 * MB);
	await served();
});

test("requests that are none", async () => {
	const bad = [
		"\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00",
		"GET /healthz HTTP/1.1\r\nA b\r\n\r\n",
		"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
		"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: 1\r\n" +
		    "Content-Length: 2\r\n\r\nxx",
		"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: 1\r\n" +
		    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"POST /api/v1/sessions HTTP/1.1\r\n" +
		    "Content-Length: 99999999999999999999\r\n\r\n",
		"POST /api/v1/auth/jwt/claims HTTP/1.1\r\nAuthorization: Bearer " +
		    `${main.key}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
	];
	for (const text of bad) {
		const s = main.dial(text);
		s.end();
		await s.over;
		assert.match(s.got, /^HTTP\/1.1 4\d\d /, JSON.stringify(text));
		s.destroy();
	}
	await served();
});

test("bad UTF-8 and bad JSON", async () => {
	const bytes = (...parts) => Buffer.concat(parts.map((p) =>
		typeof p === "string" ? Buffer.from(p) : Buffer.from(p)));
	const bad = ["", "{", "[1,", '{"a":}', "nul", "\0", '{"a":"\\ud800"}',
		"[".repeat(30000), `{"type":${"9".repeat(30000)}}`,
		'"text"', "null", bytes('{"type":"', [0xff, 0xfe, 0xc0], '"}')];
	for (const body of bad) {
		for (const [m, path] of [["POST", "/api/v1/sessions"],
		    ["PATCH", "/api/v1/sessions/good"],
		    ["POST", "/api/v1/sessions/none/close"],
		    ["POST", "/api/v1/auth/public-tokens"]]) {
			const { status } = await main.ask(m, path, { body });
			assert.ok(status >= 400 && status < 500 ||
			    m === "PATCH" && status === 200,
			    `${m} ${path} ${String(body).slice(0, 40)}: ${status}`);
		}
	}
	/* what is appended may be anything; what is read is JSON in UTF-8 */
	await main.create("odd");
	const odd = [bytes('{"a":"', [0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80], '"}'),
		bytes([0, 1, 2, 0x80]), "[".repeat(100000), "{", '"\u2028"',
		bytes("\r\n\r\ndata: x\n\n", [0xf0, 0x9f])];
	for (const body of odd) {
		const { status, json } = await main.append("odd", body);
		assert.equal(status, 200);
		assert.equal(typeof json.seq, "number");
	}
	for (const body of odd)
		assert.equal((await main.append("odd", body,
		    { to: "in" })).status, 200);
	assert.equal((await main.records("odd")).length >= odd.length, true);
	const r = main.reader("odd");
	await until(() => numbers(r.got).length >= odd.length);
	new TextDecoder("utf-8", { fatal: true }).decode(
	    Buffer.from(r.got, "latin1"));
	r.destroy();
	await served();
});

test("session-protocol 3.5: tokens that are wrong or forged", async () => {
	const { json } = await main.ask("POST", "/api/v1/auth/jwt/claims");
	const now = Math.floor(Date.now() / 1000);
	const claims = { ...json, iss: "https://id.trigger.dev",
		aud: "https://api.trigger.dev", iat: now, exp: now + 600,
		scopes: ["read:sessions:good", "write:sessions:good"] };
	const get = (token, id = "good") => main.ask("GET",
	    `/api/v1/sessions/${id}`, { token });
	const good = sign(claims, main.key);
	assert.equal((await get(good)).status, 200);
	assert.equal((await get(sign({ ...claims, aud: ["x", claims.aud] },
	    main.key))).status, 200);
	const [head, body, mark] = good.split(".");
	const forged = {
		none: sign(claims, main.key, { alg: "none" }),
		HS512: sign(claims, main.key, { alg: "HS512", hash: "sha512" }),
		RS256: sign(claims, main.key, { alg: "RS256" }),
		lower: sign(claims, main.key, { alg: "hs256" }),
		"no alg": sign(claims, main.key, { alg: null }),
		"other key": sign(claims, "tr_dev_another"),
		"empty key": sign(claims, ""),
		audience: sign({ ...claims, aud: "https://other" }, main.key),
		"no audience": sign({ ...claims, aud: undefined }, main.key),
		issuer: sign({ ...claims, iss: "me" }, main.key),
		sub: sign({ ...claims, sub: "other" }, main.key),
		"not public": sign({ ...claims, pub: false }, main.key),
		over: sign({ ...claims, exp: now - 1 }, main.key),
		"not yet": sign({ ...claims, nbf: now + 600 }, main.key),
		"for ever": sign({ ...claims, exp: undefined }, main.key),
		unsigned: `${head}.${body}.`, cut: good.slice(0, -4),
		"two parts": `${head}.${body}`, "four parts": `${good}.${mark}`,
		changed: `${head}.${Buffer.from(JSON.stringify({ ...claims,
			scopes: ["admin"] })).toString("base64url")}.${mark}`,
		long: `${head}.${"a".repeat(20000)}.${mark}`,
		rubbish: "....", key: main.key.slice(0, -1),
		"longer key": `${main.key}x`,
	};
	for (const [what, token] of Object.entries(forged)) {
		const { status } = await get(token);
		assert.equal(status, 401, what);
	}
	await main.create("other");
	assert.equal((await get(good, "other")).status, 403);
	assert.equal((await main.append("other", "1", { to: "in",
		token: good })).status, 403);
	assert.equal((await main.append("good", "1",
	    { token: good })).status, 403);
	assert.equal((await main.ask("POST", "/api/v1/sessions/good/close",
	    { token: good, body: "{}" })).status, 403);
	await served();
});

test("2,000 readers at once", async () => {
	const all = [], before = main.memory();
	await main.create("many");
	for (let i = 0; i < 2000; i++) {
		all.push(main.reader("many"));
		if (i % 100 === 0)
			await new Promise((r) => all[i].once("connect", r));
	}
	await until(() => all.every((s) => s.got.includes("event: ping")));
	const each = (main.memory() - before) / all.length;
	assert.ok(each < 8192, `${each} bytes each`);
	await main.append("many", '"to all"');
	await until(() => all.every((s) => s.got.includes("to all")));
	assert.ok(all.every((s) => numbers(s.got).length === 1));
	await served();
	all.forEach((s) => s.destroy());
	await served();
});

// Each of these has a server of its own.
async function alone(limits, fn)
{
	const s = new Server(chatd);
	const kept = goodCount;
	goodCount = 0;
	try {
		await s.start(limits);
		await s.create("good");
		await fn(s);
		assert.equal(await s.stop(), 0, s.log);
		await s.start();
		await served(s);
		assert.equal(await s.stop(), 0);
		const { stdout } = spawnSync("sqlite3",
		    [join(s.home, "data/chatd.db"), "PRAGMA integrity_check"]);
		assert.equal(String(stdout).trim(), "ok");
	} finally {
		goodCount = kept;
		s.dispose();
	}
}

test("who comes takes no descriptor that turns need", () => alone(
    "ulimit -n 64", async (s) => {
	const mine = s.reader("good"), all = [], body = JSON.stringify({
		kind: "message", payload: { trigger: "submit-message",
			chatId: "turn", message: { id: "u1", role: "user",
				parts: [{ type: "text", text: "hello" }] } } });
	await s.create("turn");
	const turn = s.reader("turn"), writer = s.dial();
	await until(() => mine.got.includes("ping") &&
	    turn.got.includes("ping"));
	for (let i = 0; i < 100; i++)
		all.push(s.reader("good"));
	await until(() => all.every((c) => c.destroyed || c.got !== "" ||
	    c.readableEnded));
	const away = all.filter((c) => !c.got.startsWith("HTTP/1.1 200"));
	assert.ok(away.length >= 52 && away.length < 90, `${away.length}`);
	assert.ok(away.some((c) => c.got.startsWith("HTTP/1.1 503") &&
	    c.got.endsWith('{"error":"Too many connections"}')));
	await until(() => s.log.includes("cannot accept: too many"));
	assert.ok(!mine.got.includes("[DONE]"));
	/* who is in is served as ever: a session taken, a model asked */
	writer.write("POST /realtime/v1/sessions/turn/in/append HTTP/1.1\r\n" +
	    `Host: x\r\nAuthorization: Bearer ${s.key}\r\n` +
	    `Content-Length: ${body.length}\r\n\r\n${body}`);
	await until(() => writer.got.includes('{"ok":true,"seq":0}') &&
	    turn.got.includes("turn-complete"));
	assert.match(turn.got, /Hello/);
	[...all, turn, writer].forEach((c) => c.destroy());
	await until(async () =>
		(await s.ask("GET", "/api/v1/sessions")).status === 200);
	await served(s);
	await until(() => mine.got.includes("still here"));
	mine.destroy();
}));

test("the disk is full", () => alone("trap '' XFSZ; ulimit -S -f 2048",
    async (s) => {
	const reader = s.reader("good"), told = [];
	const piece = JSON.stringify("d".repeat(50000));
	await served(s);
	await s.create("big");
	let answer;
	do {
		answer = await s.append("big", piece);
		if (answer.status === 200)
			told.push(answer.json.seq);
	} while (answer.status === 200);
	assert.equal(answer.status, 500);
	assert.deepEqual(answer.json, { ok: false, error:
		"Something went wrong, please try again." });
	await until(() => /error: .*(disk|full)/i.test(s.log));
	/* who only reads does not notice */
	assert.equal((await s.ask("GET", "/api/v1/sessions")).status, 200);
	assert.deepEqual((await s.records("big")).map((r) => r.seqNum), told);
	assert.equal((await s.append("big", piece)).status, 500);
	/* and when there is room again, it goes on by itself */
	spawnSync("prlimit", ["--pid", String(s.child.pid),
		"--fsize=unlimited:"]);
	const again = await s.append("big", piece);
	assert.equal(again.status, 200, s.log);
	assert.equal(again.json.seq, told.length);
	assert.equal(numbers(reader.got).length, goodCount);
	await served(s);
	reader.destroy();
}));

// Returns what gives it free again.
async function lock(s)
{
	const other = spawn("sqlite3", [join(s.home, "data/chatd.db")]);
	let said = "";
	other.stdout.on("data", (d) => { said += d; });
	other.stdin.write(".timeout 10000\nBEGIN IMMEDIATE;\n" +
	    "SELECT 'locked';\n");
	await until(() => said.includes("locked"));
	return async () => {
		other.stdin.end("COMMIT;\n");
		await new Promise((resolve) => other.once("exit", resolve));
	};
}

test("while it is locked readers are served, and writers wait", () => alone(
    ":", async (s) => {
	const words = [...Array(300).keys()].map((i) => `n${i} `);
	writeFileSync(s.script, words.map((w) => `{"type":"text-delta",` +
	    `"text":"${w}"}\n{"wait":10}\n`).join(""));
	await served(s);
	await s.create("turn");
	const turn = s.reader("turn");
	assert.equal((await s.append("turn", JSON.stringify({ kind: "message",
		payload: { trigger: "submit-message", chatId: "turn",
			message: { id: "u1", role: "user", parts: [{
				type: "text", text: "go on" }] } } }),
	    { to: "in" })).status, 200);
	await until(() => turn.got.includes("n3 "));
	// a busy machine may need longer than writers wait: then once more
	let answers = [];
	for (let tries = 0; tries < 5 && !answers.includes("200"); tries++) {
		const release = await lock(s);
		const before = s.log.length;
		const waiting = [...Array(20).keys()].map(() =>
			s.append("good", '"still here"'));
		let over = 0;
		waiting.forEach((w) => w.then(() => { over++; }));
		const late = s.reader("good");
		assert.equal((await s.ask("GET", "/healthz")).status, 200);
		await until(() => numbers(late.got).length >= 1);
		assert.equal((await s.ask("GET", "/api/v1/sessions")).status,
		    200);
		const first = over === 0 && !s.log.slice(before)
		    .includes("/append");
		await release();
		const all = await Promise.all(waiting);
		goodCount += all.filter((a) => a.status === 200).length;
		answers = all.map((a) => String(first ? a.status : "late"));
		late.destroy();
	}
	assert.deepEqual(answers, Array(20).fill("200"));
	await until(() => turn.got.includes("turn-complete"));
	const text = [...turn.got.matchAll(/\\"delta\\":\\"(.*?)\\"/g)];
	assert.equal(text.map((m) => m[1]).join(""), words.join(""));
	assert.ok(!s.log.includes("going on with"));
	turn.destroy();
	await served(s);
}));

test("another process keeps the database locked", () => alone(":",
    async (s) => {
	const reader = s.reader("good");
	await served(s);
	await until(() => reader.got.includes("still here"));
	const release = await lock(s);
	const answers = await Promise.all([...Array(20).keys()].map(() =>
		s.append("good", '"no"')));
	for (const a of answers)
		assert.equal(a.status, 500);
	await until(() => s.log.includes("kept it locked"));
	/* one wait is enough: with twenty it would be twenty */
	const start = Date.now();
	for (let i = 0; i < 5; i++)
		assert.equal((await s.append("good", '"no"')).status, 500);
	assert.equal((await s.ask("GET", "/api/v1/sessions")).status, 200);
	assert.equal((await s.records("good")).length, goodCount);
	assert.ok(Date.now() - start < 9000, "others waited too");
	await release();
	await served(s);
	assert.equal(numbers(reader.got).at(-1) <= goodCount, true);
	reader.destroy();
}));

await run();
