// SPDX-License-Identifier: GPL-3.0-or-later
// halves.mjs - kill -9 of client and server halves in scripted conversations
//
//	node halves.mjs CHATD SECONDS local|remote [LANES]
//
// Each lane holds one conversation after the other, all in one home. A turn
// is said by one of the clients; it and the server halves (remote: the lane's
// chatd serve, which comes back) are killed at random moments, at most twice
// in a turn, for the third crash of a turn ends it with an error. A call appends
// a line to a file; some calls wait for an approval. Nothing is said twice
// unless the one who said it was killed and it is not in `in`. What must
// hold is in check(). CHATD_KILL_SEED repeats the plan.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync,
	rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [chatd, secondsText, mode, lanesText] = process.argv.slice(2);
const seconds = Number(secondsText);
const lanes = Number(lanesText ?? 2);
const remote = mode === "remote";
const home = mkdtempSync(join(tmpdir(), "chatd-halves-"));
const work = join(home, "work");
const TURNS = 4;
const TEXT = 8;
const DEADLINE = 60000;
const firstSeed = Number(process.env.CHATD_KILL_SEED ?? Date.now() % 1e9);
const figures = { talks: 0, turns: 0, clients: 0, halves: 0, calls: 0,
	interrupted: 0, approvals: 0, again: 0 };
let done = 0;
let failed = 0;

mkdirSync(work);
mkdirSync(join(home, "config", "agents"), { recursive: true });
writeFileSync(join(home, "config", "config.yaml"),
    "permissionMode: allow-all\nsandbox: \"off\"\n" +
    "permissions:\n  ask: [\"Bash(printf *)\"]\n");

const tick = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Random {
	constructor(seed) { this.seed = seed % 2147483648; }
	next() {
		this.seed = (this.seed * 1103515245 + 12345) % 2147483648;
		return this.seed / 2147483648;
	}
	below(n) { return Math.floor(this.next() * n); }
	chance(p) { return this.next() < p; }
	of(list) { return list[this.below(list.length)]; }
}

/* ---------------------------------------------------------- what is said */

const words = (n, step) => Array.from({ length: TEXT },
    (_, i) => `${step}${n}.${i} `);
const token = (key, n) => `${key}/${n}`;

// A turn has two steps: text and a call, then text.
function section(key, n, asks)
{
	const ledger = join(work, `${key}.ledger`);
	const text = (step) => words(n, step).flatMap((t) => [{ wait: 4 },
	    { type: "text-delta", text: t }]);
	const command = asks ? `printf '%s\\n' ${token(key, n)} >>${ledger}` :
	    `echo ${token(key, n)} >>${ledger}; sleep 0.05`;
	return [{ type: "reasoning-delta", text: `thinking ${n}` },
	    ...text("a"), { type: "tool-call", id: `c${n}`, name: "Bash",
		input: { command } },
	    { turn: true }, ...text("b")];
}

function script(key, asks)
{
	const path = join(home, `${key}.jsonl`);
	const all = asks.flatMap((ask, i) => [...(i > 0 ? [{ turn: true }] : []),
	    ...section(key, i + 1, ask)]);
	writeFileSync(path, all.map((l) => JSON.stringify(l)).join("\n") + "\n");
	// another server is asked for an agent, not for a model
	writeFileSync(join(home, "config", "agents", `${key}.md`),
	    `---\nmodel: script:${path}\n---\n`);
	return remote ? ["-a", key] : ["-m", `script:${path}`];
}

/* ------------------------------------------------------------- processes */

const envOf = (lane) => ({ ...process.env, CHATD_HOME: remote ?
    join(home, `client${lane}`) : home, CHATD_NO_DISCOVERY: "1",
	CHATD_HALVES_LANE: String(lane), LC_ALL: "C.UTF-8",
	...(remote ? { CHATD_URL: servers[lane].url,
	    CHATD_TOKEN: servers[lane].key } : {}) });
const servers = [];
let ending = false;

// Runs to its end, or to the end of our patience.
function start(lane, args, input)
{
	const p = spawn(chatd, args, { env: envOf(lane), cwd: work });
	const c = { p, pid: p.pid, args, out: "", err: "", killed: false };
	p.stdout.on("data", (d) => { c.out += d; });
	p.stderr.on("data", (d) => { c.err += d; });
	p.stdin.on("error", () => {});
	p.stdin.end(input ?? "");
	const timer = setTimeout(() => { c.late = true; p.kill("SIGKILL"); },
	    DEADLINE);
	c.end = new Promise((resolve) => p.on("close", (code) => {
		clearTimeout(timer);
		c.code = code;
		resolve(c);
	}));
	return c;
}

function ask(lane, ...args)
{
	return start(lane, args).end;
}

// The server halves of a lane, by their sockets and the environment that
// they got from who started them.
function halves(lane)
{
	const found = [];
	for (const name of readdirSync(join(home, "run"))) {
		const pid = Number(name.match(/^(\d+)\.sock$/)?.[1]);
		try {
			if (pid && readFileSync(`/proc/${pid}/environ`, "utf8")
			    .split("\0").includes(`CHATD_HALVES_LANE=${lane}`) &&
			    readFileSync(`/proc/${pid}/comm`, "utf8")
			    .startsWith("chatd"))
				found.push(pid);
		} catch {
			// gone meanwhile
		}
	}
	return found;
}

function shoot(pid)
{
	try {
		return pid !== undefined && process.kill(pid, "SIGKILL");
	} catch {
		return false;
	}
}

/* ---------------------------------------------------------- chatd serve */

const freePort = () => new Promise((resolve) => {
	const s = createServer().listen(0, "127.0.0.1", () => {
		const { port } = s.address();
		s.close(() => resolve(port));
	});
});

// It comes back, as under an init.
async function serve(lane, port)
{
	const p = spawn(chatd, ["serve", "--listen", `127.0.0.1:${port}`],
	    { env: { ...process.env, CHATD_HOME: home, CHATD_NO_DISCOVERY: "1" },
	    cwd: work, stdio: ["ignore", "pipe", "ignore"] });
	const s = servers[lane] = { ...servers[lane], p, pid: p.pid,
	    url: `http://127.0.0.1:${port}` };
	p.on("exit", () => {
		s.pid = undefined;
		if (!ending)
			setTimeout(serve, 50, lane, port);
	});
	await new Promise((resolve) => p.stdout.once("data", resolve));
	s.key = readFileSync(join(home, "config", "keys"), "utf8")
	    .match(/^tr_\S+/m)[0];
}

async function endServers()
{
	ending = true;
	for (const { p } of servers) {
		const gone = new Promise((resolve) => p.once("exit", resolve));
		if (p.exitCode === null && p.signalCode === null &&
		    p.kill("SIGTERM"))
			await gone;
	}
}

/* ---------------------------------------------------------------- a turn */

// All there is of a session; undefined if it was never made.
async function whole(lane, key)
{
	let c;
	do	// it has a server half too, and may be hit
		c = await ask(lane, "export", key, "--json");
	while (c.code === null && !c.late);
	if (c.code === 66)
		return undefined;
	if (c.code !== 0)
		throw new Error(`chatd export: ${c.code} ${c.err}`);
	const o = JSON.parse(c.out);
	o.out = o.out.map((r) => ({ seq: r.seq_num,
		control: r.headers?.find(([name]) =>
		    name === "trigger-control")?.[1],
		chunk: r.body ? JSON.parse(r.body).data : undefined }));
	o.in = o.in.map((r) => {
		const data = r.body ? JSON.parse(r.body).data : undefined;
		return { seq: r.seq_num,
		    data: typeof data === "string" ? JSON.parse(data) : data };
	});
	return o;
}

const said = (all, text) => (all?.in ?? []).filter((r) =>
    r.data?.payload?.message?.role === "user" &&
    r.data.payload.message.parts.some((p) => p.text === text)).length;

function seen(out)
{
	const list = [];
	for (const line of out.split("\n").slice(0, -1)) {
		const o = JSON.parse(line);
		if (o.seq !== undefined)
			list.push(o);
	}
	return list;
}

function record(key, text)
{
	return JSON.stringify({ kind: "message", payload: { chatId: key,
		trigger: "submit-message", message: { id: `${key}-${text}`,
		role: "user", parts: [{ type: "text", text }] } } }) + "\n";
}

// How each client says something. shows: what it prints are records.
const clients = {
	run: (t, text) => ({ args: ["run", "-s", t.key, ...t.model,
	    "-o", "stream-json", text], shows: true }),
	lines: (t, text) => ({ args: ["run", "-s", t.key, ...t.model,
	    "--input-format", "stream-json", "-o", "stream-json"],
	    input: record(t.key, text), shows: true }),
	send: (t, text) => ({ args: ["send", t.key, text] }),
	attach: (t, text) => ({ args: ["attach", t.key], input: `${text}\n` }),
};

// What may be shot in this turn, and when.
function aim(t, c)
{
	const rnd = t.random;
	const what = rnd.of(["client", "half", "half", "both"]);
	const timer = setTimeout(() => {
		if (t.kills <= 0)
			return;
		t.kills--;
		if (what !== "half" && shoot(c.pid)) {
			c.killed = true;
			figures.clients++;
		}
		if (what === "client")
			return;
		const all = remote ? [servers[t.lane].pid] :
		    halves(t.lane).filter((pid) => pid !== c?.pid);
		if (all.length > 0 && shoot(rnd.of(all)))
			figures.halves++;
	}, rnd.of([0, 1, 1, rnd.next()]) * rnd.next() * t.span);
	return () => clearTimeout(timer);
}

async function underFire(t, args, input, fire = true)
{
	const c = start(t.lane, args, input);
	const stops = fire && t.kills > 0 ?
	    Array.from({ length: 1 + t.random.below(2) }, () => aim(t, c)) : [];
	await c.end;
	for (const stop of stops)
		stop();
	if (c.late)
		t.wrong.push(`chatd ${args.join(" ")}: hangs: ${c.err}`);
	return c;
}

// Until nothing runs any more.
async function settle(t)
{
	for (let i = 0; ; i++) {
		const c = await underFire(t, ["wait", t.key], "", i < 2);
		if (c.killed)
			continue;
		if (c.code !== 0 && c.code !== 3)
			t.wrong.push(`wait: ${c.code} ${c.err}`);
		return;
	}
}

async function say(t, text)
{
	for (let i = 0; ; i++) {
		const kind = t.made ? t.random.of(Object.keys(clients)) :
		    t.random.of(["run", "lines"]);
		const how = clients[kind](t, text);
		const c = await underFire(t, how.args, how.input, i < 3);
		if (how.shows)
			t.shown.push(...seen(c.out).map((r) => ({ ...r, run: c })));
		if (!c.killed && c.code !== 0 && c.code !== 3)
			t.wrong.push(`${kind} of ${text}: ${c.code} ${c.err}`);
		const all = await whole(t.lane, t.key);
		t.made = all !== undefined;
		if (said(all, text) > 0)
			return;
		if (!c.killed && c.code === 0)
			t.wrong.push(`${text} was taken by ${kind} and is lost`);
		figures.again++;
		if (i > 10)
			throw new Error(`${text} cannot be said`);
	}
}

/* --------------------------------------------------------------- a screen */

const tmux = (...args) => spawnSync("tmux", ["-S", join(home, "tmux"),
    "-f", "/dev/null", ...args], { encoding: "utf8" });
const look = (t) => tmux("capture-pane", "-p", "-t", t.key).stdout ?? "";

async function until(what, fn)
{
	for (const end = Date.now() + DEADLINE; Date.now() < end; await tick(100))
		if (await fn())
			return;
	throw new Error(`in vain: ${what()}`);
}

// The screen's process; its parent, the guard, is what tmux has started.
function screenPid(t)
{
	const guard = tmux("list-panes", "-t", t.key, "-F", "#{pane_pid}")
	    .stdout.trim();
	try {
		return Number(readFileSync(`/proc/${guard}/task/${guard}/children`,
		    "utf8").split(" ")[0]) || undefined;
	} catch {
		return undefined;
	}
}

// One turn at the screen, answers to questions included. Its server half is
// shot at and it must show all; when it was shot itself, others go on.
async function atScreen(t, n)
{
	const env = envOf(t.lane);
	const c = { killed: false };
	// what a killed one had in its composer would come back in front of ours
	rmSync(join(env.CHATD_HOME, "state", "drafts"),
	    { recursive: true, force: true });
	tmux("new-session", "-d", "-x", "100", "-y", "40", "-s", t.key,
	    "-e", "TERM=tmux-256color", ...["CHATD_HOME", "CHATD_URL",
		"CHATD_TOKEN", "CHATD_NO_DISCOVERY", "CHATD_HALVES_LANE",
		"LC_ALL"].filter((k) => env[k]).flatMap((k) => ["-e",
		`${k}=${env[k]}`]), `cd ${work}; ${chatd} attach ${t.key}; cat`);
	await until(() => "a screen", () => look(t).includes("\u203a") ||
	    look(t).includes(">"));
	c.pid = screenPid(t);
	const stop = aim(t, c);
	tmux("send-keys", "-t", t.key, "-l", `q${n}`);
	await tick(t.random.below(2) * 20);
	tmux("send-keys", "-t", t.key, "Enter");
	await until(() => `q${n} said at the screen`, async () => c.killed ||
	    said(await whole(t.lane, t.key), `q${n}`) > 0);
	const last = words(n, "b").at(-1).trim();
	let pressed = 0;
	await until(() => `${last} on the screen: ${look(t)}`, () => {
		const text = look(t);
		// a question listens after a while without keys
		if (/May Bash run/.test(text) && Date.now() - pressed > 1500) {
			tmux("send-keys", "-t", t.key, "-l", "y");
			pressed = Date.now();
		}
		return c.killed || text.includes(last);
	});
	stop();
	tmux("kill-session", "-t", t.key);
	figures.screens = (figures.screens ?? 0) + 1;
	return said(await whole(t.lane, t.key), `q${n}`) > 0;
}

const waits = (all) => all.messages.at(-1)?.parts.some((p) =>
    p.state === "approval-requested");

async function approve(t)
{
	for (let i = 0; i < 10 && waits(await whole(t.lane, t.key)); i++) {
		t.kills = Math.min(t.kills + 1, 2);
		const c = await underFire(t, ["approve", t.key], "", i < 2);
		if (!c.killed && c.code !== 0)
			t.wrong.push(`approve: ${c.code} ${c.err}`);
		figures.approvals++;
		await settle(t);
	}
}

/* -------------------------------------------------------------- a talk */

function checkTurn(t, all, n)
{
	const wrong = [];
	const user = all.messages[2 * n - 2];
	const answer = all.messages[2 * n - 1];
	const text = user?.parts.map((p) => p.text).join("");
	if (text !== `q${n}`)
		wrong.push(`message ${n} is ${text}`);
	const whole = (answer?.parts ?? []).filter((p) => p.type === "text" &&
	    !p.providerMetadata?.chatd?.interrupted).map((p) => p.text).join("");
	if (whole !== [...words(n, "a"), ...words(n, "b")].join(""))
		wrong.push(`answer ${n} is ${JSON.stringify(whole)}`);
	const calls = (answer?.parts ?? []).filter((p) => p.toolCallId);
	const ran = existsSync(t.ledger) ? readFileSync(t.ledger, "utf8")
	    .split("\n").filter((l) => l === token(t.key, n)).length : 0;
	const call = calls[0];
	figures.calls++;
	if (calls.length !== 1)
		wrong.push(`${calls.length} calls in answer ${n}`);
	else if (call.state === "output-available" ? ran !== 1 : ran > 1)
		wrong.push(`call ${n} is ${call.state} and ran ${ran} times`);
	else if (call.state === "output-error" &&
	    !call.errorText.startsWith("interrupted"))
		wrong.push(`call ${n}: ${call.errorText}`);
	else if (!["output-available", "output-error"].includes(call.state))
		wrong.push(`call ${n} stays ${call.state}`);
	else if (call.state === "output-error")
		figures.interrupted++;
	return wrong;
}

function check(t, all)
{
	const wrong = t.wrong;
	for (const name of ["in", "out"])
		if (all[name].some((r, i) => r.seq !== i))
			wrong.push(`a hole in the numbers of ${name}`);
	let last = { seq: -1 };
	for (const s of t.shown) {
		const kept = all.out[s.seq];
		if (kept === undefined)
			wrong.push(`record ${s.seq} was shown and is lost`);
		else if (s.chunk !== undefined &&
		    JSON.stringify(kept.chunk) !== JSON.stringify(s.chunk))
			wrong.push(`record ${s.seq} changed`);
		if (s.run === last.run && s.seq <= last.seq)
			wrong.push(`record ${s.seq} was shown again`);
		last = s;
	}
	for (let n = 1; n <= TURNS; n++) {
		if (said(all, `q${n}`) !== 1)
			wrong.push(`q${n} is in ${said(all, `q${n}`)} times`);
		wrong.push(...checkTurn(t, all, n));
	}
	if (all.messages.length !== 2 * TURNS)
		wrong.push(`the transcript is: ${all.messages.map((m) => m.role)}`);
	const ends = all.out.filter((r) => r.control === "turn-complete").length;
	if (ends !== all.in.length)
		wrong.push(`${ends} turn-completes of ${all.in.length} records`);
	return wrong;
}

async function talk(lane, i, random, calm)
{
	const key = `talk-${lane}-${i}`;
	const asks = Array.from({ length: TURNS }, () => random.chance(0.3));
	const t = { lane, key, random, span: 400, kills: 0, wrong: [], shown: [],
	    made: false, ledger: join(work, `${key}.ledger`),
	    model: script(key, asks) };
	try {
		for (let n = 1; n <= TURNS; n++) {
			t.kills = calm ? 0 : random.below(3);
			if (n === 1 || !random.chance(0.25) ||
			    !await atScreen(t, n))
				await say(t, `q${n}`);
			await settle(t);
			await approve(t);
			figures.turns++;
		}
		check(t, await whole(lane, key));
	} catch (e) {
		t.wrong.push(String(e.stack));
	}
	figures.talks++;
	return t;
}

function report(name, wrong)
{
	done++;
	if (wrong.length > 0)
		failed++;
	console.log(`${wrong.length === 0 ? "ok" : "not ok"} ${done} - ${name}`);
	for (const w of wrong.slice(0, 8))
		console.log(`# ${String(w).replaceAll("\n", "\n# ")}`);
}

async function lane(n, until)
{
	const random = new Random(firstSeed + 7919 * n);
	for (let i = 0; Date.now() < until; i++) {
		const t = await talk(n, i, random, false);
		report(`${t.key}, killed`, t.wrong);
		if (t.wrong.length > 0 && failed > 20)
			return;
	}
}

console.log(`# seed ${firstSeed}`);
for (let n = 0; remote && n < lanes; n++)
	await serve(n, await freePort());
const calm = await talk(0, "calm", new Random(firstSeed), true);
report("a conversation without a kill", calm.wrong);
if (failed === 0)
	await Promise.all(Array.from({ length: lanes }, (_, n) =>
	    lane(n, Date.now() + seconds * 1000)));
await endServers();
for (let n = 0; n < lanes; n++)
	for (const pid of halves(n))
		shoot(pid);
tmux("kill-server");
const integrity = spawnSync("sqlite3", [join(home, "data", "chatd.db"),
    "PRAGMA integrity_check"], { encoding: "utf8" }).stdout.trim();
report("PRAGMA integrity_check", integrity === "ok" ? [] : [integrity]);
report("clients and halves were killed", figures.clients > 0 &&
    figures.halves > 0 ? [] : [JSON.stringify(figures)]);
console.log(`# ${JSON.stringify(figures)}`);
console.log(`1..${done}`);
if (failed === 0 || !process.env.CHATD_KEEP)
	rmSync(home, { recursive: true, force: true });
else
	console.log(`# kept: ${home}`);
process.exit(failed === 0 ? 0 : 1);
