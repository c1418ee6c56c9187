// SPDX-License-Identifier: GPL-3.0-or-later
// cuts.mjs - cut connections at random bytes, kill the server, then compare
//
//	node cuts.mjs CHATD CUTS
//
// Writers append to `out` until there were CUTS cuts, each record until it is
// answered, with one part id; the server is killed some times meanwhile.
// Readers begin again behind the last record of the last whole event.

import assert from "node:assert/strict";
import { request } from "node:http";
import { Server, tick, until } from "./abuse-server.mjs";
import { cuttingProxy } from "../clients/proxy.mjs";
import { run, test } from "../clients/tap.mjs";

const chatd = process.argv[2], wanted = Number(process.argv[3]);
const READERS = 6, WRITERS = 4, KILLS = 6, LONGEST = 40000;
const limit = AbortSignal.timeout(900000);
let seed = Number(process.env.CHATD_CUTS_SEED ?? Date.now() % 1e9);
console.log(`# CHATD_CUTS_SEED=${seed}`);

function random()
{
	seed = (seed * 1103515245 + 12345) % 2147483648;
	return seed / 2147483648;
}

// Most are in the head or the first event, some let the largest event pass.
const cut = () => Math.floor(LONGEST ** random());

class Reader {
	constructor(url, key)
	{
		Object.assign(this, { url, key, last: -1, bodies: [],
			twice: 0, holes: 0 });
	}

	event(text)
	{
		if (!text.startsWith("event: batch\n"))
			return;
		const data = /^data: (.*)$/m.exec(text)[1];
		for (const r of JSON.parse(data).records) {
			this.twice += r.seq_num <= this.last;
			this.holes += r.seq_num > this.last + 1;
			this.last = r.seq_num;
			this.bodies.push(r.body);
		}
	}

	connect()
	{
		return new Promise((resolve) => {
			const headers = { Authorization: `Bearer ${this.key}`,
				"Timeout-Seconds": "60" };
			if (this.last >= 0)
				headers["Last-Event-ID"] = String(this.last);
			const rq = request(`${this.url}/realtime/v1/sessions/cut/out`,
			    { headers, agent: false }, (res) => {
				let rest = "";
				res.setEncoding("utf8");
				res.on("data", (d) => {
					const events = (rest + d).split("\n\n");
					rest = events.pop();
					events.forEach((e) => this.event(e));
				});
				res.on("error", () => {});
				res.on("close", resolve);
				assert.equal(res.statusCode, 200);
			});
			rq.on("error", resolve);
			rq.end();
			this.leave = () => rq.destroy();
		});
	}

	async read()
	{
		while (!this.done) {
			await this.connect();
			await tick(1);
		}
	}
}

test("session-protocol 7.4: cut thousands of times and killed, each reader " +
    "has the same", async () => {
	const s = await new Server(chatd).start();
	assert.equal((await s.create("cut")).status, 201);
	const proxy = await cuttingProxy(s.base, cut);
	const told = new Map();
	let writing = true, serial = 0, down = 0;

	async function write()
	{
		while (writing && !limit.aborted) {
			const part = `p${serial++}`;
			const body = JSON.stringify(`${part} \u00e9\ud83d\ude00 ` +
			    "x".repeat(Math.floor(random() * 200)));
			for (;;) {
				const a = await s.append("cut", body,
				    { headers: { "X-Part-Id": part } })
				    .catch(() => null);
				if (a?.status === 200) {
					told.set(part, [a.json.seq, body]);
					break;
				}
				down++;
				await tick(10);
			}
		}
	}

	const readers = Array.from({ length: READERS }, () =>
		new Reader(proxy.url, s.key));
	const reading = readers.map((r) => r.read());
	const writers = Array.from({ length: WRITERS }, write);
	for (let i = 1; i <= KILLS; i++) {
		await until(() => proxy.cuts() > i * wanted / (KILLS + 1) ||
		    limit.aborted);
		assert.equal(await s.stop("SIGKILL"), "SIGKILL");
		await s.start();
	}
	await until(() => proxy.cuts() >= wanted || limit.aborted);
	writing = false;
	await Promise.all(writers);
	assert.ok(proxy.cuts() >= wanted, `${proxy.cuts()} cuts in time`);
	await until(() => readers.every((r) => r.last + 1 === told.size));
	for (const r of readers) {
		r.done = true;
		r.leave();
	}
	proxy.close();
	await Promise.all(reading);
	console.log(`# ${proxy.cuts()} cuts, ${KILLS} kills, ${told.size} ` +
	    `records, ${down} appends made again`);
	assert.ok(down > 0, "no append met a dead server");
	for (const r of readers) {
		assert.equal(r.twice + r.holes, 0);
		assert.deepEqual(r.bodies, readers[0].bodies);
	}
	for (const [part, [seq, body]] of told) {
		const got = JSON.parse(readers[0].bodies[seq]);
		assert.deepEqual([got.id, got.data], [part, body]);
	}
	assert.equal(await s.stop(), 0);
});

await run();
