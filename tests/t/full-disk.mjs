// SPDX-License-Identifier: GPL-3.0-or-later
// full-disk.mjs - the disk is full in mid-answer, and then it is not
//
//	node full-disk.mjs CHATD
//
// The database lies on a tmpfs of its own, in a mount namespace: as root, or
// as the root of a user namespace. Where neither is to be had a limit on the
// size of files stands for the end of the disk (DISK=limit: at once).

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, unlinkSync, writeFileSync, writeSync,
	openSync, closeSync } from "node:fs";
import { join } from "node:path";
import { numbers, Server, until } from "./abuse-server.mjs";
import { run, test } from "../clients/tap.mjs";

const chatd = process.argv[2];
const WORDS = 400, words = [...Array(WORDS).keys()].map((i) => `n${i} `);

// How to get a small disk: the words before a command; null: not at all.
const NAMESPACES = [["unshare", "-m"], ["unshare", "-Urm"]].map((c) =>
	[...c, "--propagation", "private"]);
const wrap = process.env.DISK !== "limit" && NAMESPACES.find((c) => spawnSync(c[0], [...c.slice(1), "sh", "-c",
	"mount -t tmpfs -o size=1m none /mnt"]).status === 0);

class SmallDisk {
	constructor(s)
	{
		this.s = s;
		mkdirSync(join(s.home, "data"));
	}

	// What stands before the program.
	get limits()
	{
		const data = join(this.s.home, "data");
		return wrap ? `exec ${wrap.join(" ")} sh -c 'mount -t tmpfs ` +
		    `-o size=3m none ${data} && exec "$@"' sh "$@"` :
		    "trap '' XFSZ";
	}

	get ballast()
	{
		return `/proc/${this.s.child.pid}/root${this.s.home}/data/ballast`;
	}

	fill()
	{
		if (!wrap)
			return this.limit("4096");
		const fd = openSync(this.ballast, "w");
		for (let size = 65536; size >= 1;) {
			try {
				writeSync(fd, Buffer.alloc(size));
			} catch (e) {
				assert.equal(e.code, "ENOSPC");
				size = size >> 1;
			}
		}
		closeSync(fd);
	}

	empty()
	{
		if (!wrap)
			return this.limit("unlimited");
		unlinkSync(this.ballast);
	}

	limit(to)
	{
		assert.equal(spawnSync("prlimit", ["--pid",
			String(this.s.child.pid), `--fsize=${to}:`]).status, 0);
	}
}

const textOf = (got) => [...got.matchAll(
    /\\"type\\":\\"text-delta\\".*?\\"delta\\":\\"(.*?)\\"/g)]
    .map((m) => m[1]).join("");

const state = async (s, id) => (await s.ask("GET",
    "/api/chatd/v1/sessions?all=1")).json.data.find((d) =>
	d.externalId === id).state;

test("an answer that the disk does not take", async () => {
	const s = new Server(chatd), disk = new SmallDisk(s);
	console.log(`# ${wrap ? wrap.join(" ") : "by a limit"}`);
	writeFileSync(s.script, words.map((w) => `{"type":"text-delta",` +
	    `"text":"${w}"}\n{"wait":25}\n`).join(""));
	await s.start(disk.limits);
	assert.equal((await s.create("a")).status, 201);
	const other = await s.create("b");
	const first = s.reader("a"), quiet = s.reader("b");
	assert.equal((await s.append("a", JSON.stringify({ kind: "message",
		payload: { trigger: "submit-message", chatId: "a", message: {
			id: "u1", role: "user", parts: [{ type: "text",
				text: "go on" }] } } }), { to: "in" })).status, 200);
	await until(() => textOf(first.got).includes("n3 "));
	assert.equal(await state(s, "a"), "running");
	disk.fill();

	/* every reader is told, and none that it was the end */
	await until(() => first.got.includes("event: error"));
	await first.over;
	assert.ok(!first.got.includes("[DONE]"));
	assert.match(first.got, /event: error\ndata: .*(full|I\/O)/);
	await until(async () => await state(s, "a") === "interrupted");
	assert.ok(!quiet.got.includes("event: error"));
	assert.equal((await s.append("b", '"no"')).status, 500);

	/* who comes back reads what there is, and then waits */
	const again = s.reader("a");
	await until(() => again.got.includes("event: ping"));
	assert.equal(again.got.split("\r\n")[0], "HTTP/1.1 200 OK");
	const kept = numbers(again.got).length;
	assert.deepEqual(numbers(again.got), numbers(first.got));
	assert.equal(textOf(again.got), textOf(first.got));
	assert.ok(kept > 0);
	assert.equal(await state(s, "a"), "interrupted");

	/* it is tried now and then, and no model is asked for nothing */
	await until(() => /agent info: .*(full|I\/O)/.test(s.log));
	assert.ok(!s.log.includes("going on with"));

	/* with room again it goes on by itself */
	disk.empty();
	await until(() => again.got.includes("turn-complete"));
	const all = numbers(again.got);
	assert.deepEqual(all, [...Array(all.length).keys()]);
	assert.ok(textOf(again.got).endsWith(words.join("")));
	assert.equal(await state(s, "a"), "idle");
	assert.equal((await s.append("b", '"yes"')).status, 200);
	await until(() => numbers(quiet.got).length === 1);
	await until(() => s.log.includes("going on with"));
	assert.equal(s.log.split("going on with").length, 2);
	again.destroy();
	quiet.destroy();
	assert.equal(await s.stop(), 0, s.log);
	s.dispose();
});

await run();
