// SPDX-License-Identifier: GPL-3.0-or-later
// abuse-server.mjs - a chatd serve of a test's own, and how it is spoken to

import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const tick = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Until fn says so; the end of waiting is the runner's.
export async function until(fn)
{
	for (;;) {
		const value = await fn();
		if (value)
			return value;
		await tick(20);
	}
}

const living = new Set();
process.on("exit", () => {
	for (const s of living)
		s.dispose();
});

export class Server {
	constructor(chatd)
	{
		this.chatd = chatd;
		this.home = mkdtempSync(join(tmpdir(), "chatd-abuse-"));
		this.script = join(this.home, "answers");
		this.log = "";
		writeFileSync(this.script,
		    '{"type":"text-delta","text":"Hello"}\n');
		living.add(this);
	}

	// limits: shell commands before the program ("ulimit -n 64")
	async start(limits = ":", ...args)
	{
		this.child = spawn("sh", ["-c", `${limits}; exec "$@"`, "sh",
		    this.chatd, "serve", "--listen", `127.0.0.1:${this.port ?? 0}`, "-m",
		    `script:${this.script}`, ...args], { env: { ...process.env,
			CHATD_HOME: this.home } });
		this.dead = new Promise((resolve) => this.child.once("exit",
		    (code, signal) => resolve(signal ?? code)));
		this.child.stderr.on("data", (d) => { this.log += d; });
		let said = "";
		this.child.stdout.on("data", (d) => { said += d; });
		this.child.once("exit", () => { said += "\nended"; });
		const port = await until(() =>
			/listening at http:[^ ]*:(\d+)|\nended/.exec(said));
		if (!port[1])
			throw new Error(this.log);
		this.port = Number(port[1]);
		this.base = `http://127.0.0.1:${this.port}`;
		const keys = readFileSync(join(this.home, "config/keys"), "utf8");
		this.key = /^tr_.*$/m.exec(keys)[0];
		return this;
	}

	async stop(signal = "SIGTERM")
	{
		this.child.kill(signal);
		return this.dead;
	}

	dispose()
	{
		living.delete(this);
		this.child?.kill("SIGKILL");
		rmSync(this.home, { recursive: true, force: true });
	}

	// Bytes of memory that are its own. A sanitizer takes more than all of
	// what is measured here, so under one nothing is.
	memory()
	{
		if (readFileSync(`/proc/${this.child.pid}/maps`, "utf8")
		    .includes("libasan"))
			return 0;
		const s = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
		return Number(/^RssAnon:\s+(\d+)/m.exec(s)[1]) * 1024;
	}

	async ask(method, path, { token = this.key, headers = {}, body } = {})
	{
		const res = await fetch(this.base + path, { method, body,
			headers: { ...(token ? { Authorization:
			    `Bearer ${token}` } : {}), Connection: "close",
			...headers } });
		const bytes = new Uint8Array(await res.arrayBuffer());
		const text = new TextDecoder("utf-8", { fatal: true })
		    .decode(bytes);
		return { status: res.status, text,
			get json() { return JSON.parse(text); } };
	}

	async create(id)
	{
		return this.ask("POST", "/api/v1/sessions", { body:
			JSON.stringify({ type: "chat.agent", externalId: id,
				taskIdentifier: "chat", triggerConfig: {
				basePayload: { chatId: id, trigger: "preload" } } }) });
	}

	append(id, body, how = {})
	{
		return this.ask("POST", `/realtime/v1/sessions/${id}/` +
		    `${how.to ?? "out"}/append`, { body, ...how });
	}

	async records(id, from = "out")
	{
		const { json } = await this.ask("GET",
		    `/realtime/v1/sessions/${id}/${from}/records`);
		return json.records;
	}

	// A socket and what came over it.
	dial(text = "")
	{
		const s = connect({ port: this.port, host: "127.0.0.1",
			allowHalfOpen: true });
		s.got = "";
		s.setEncoding("latin1");
		s.on("data", (d) => { s.got += d; });
		s.on("error", () => {});
		s.over = new Promise((resolve) => {
			s.once("end", resolve);
			s.once("close", resolve);
		});
		s.write(text);
		return s;
	}

	reader(id, headers = "", from = "out")
	{
		return this.dial(`GET /realtime/v1/sessions/${id}/${from} ` +
		    `HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${this.key}\r\n` +
		    `${headers}Timeout-Seconds: 600\r\n\r\n`);
	}
}

// The numbers of all records in what a reader got.
export const numbers = (text) =>
	[...text.matchAll(/(?<!"tail":)\{"seq_num":(\d+),/g)].map((m) =>
	    Number(m[1]));

const b64 = (s) => Buffer.from(s).toString("base64url");

export function sign(claims, key, { alg = "HS256", hash = "sha256" } = {})
{
	const text = `${b64(JSON.stringify({ alg }))}.` +
	    b64(JSON.stringify(claims));
	return `${text}.${alg === "none" ? "" :
	    createHmac(hash, key).update(text).digest("base64url")}`;
}
