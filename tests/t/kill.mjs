// SPDX-License-Identifier: GPL-3.0-or-later
// kill.mjs - kill -9 at random moments of a conversation, then look
//
//	node kill.mjs CHATD TIMES
//
// One database for all rounds. A round is a session of three turns given by
// one pipe; the process is killed at a random moment, perhaps twice, and then
// the conversation is finished. What must hold is in check().

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [chatd, timesText] = process.argv.slice(2);
const times = Number(timesText);
const home = mkdtempSync(join(tmpdir(), 'chatd-kill-'));
const script = join(home, 'answers.jsonl');
const env = { ...process.env, CHATD_HOME: home, CHATD_NO_DISCOVERY: '1' };
let seed = Number(process.env.CHATD_KILL_SEED ?? Date.now() % 1e9);
let done = 0;
let failed = 0;

function random() {
	seed = (seed * 1103515245 + 12345) % 2147483648;
	return seed / 2147483648;
}

// Each turn: reasoning, ten pieces of text with pauses.
function section(n) {
	const lines = [{ type: 'reasoning-delta', text: `thinking ${n}` }];
	for (let i = 0; i < 10; i++)
		lines.push({ wait: 3 }, { type: 'text-delta', text: `a${n}.${i} ` });
	return lines.map((l) => JSON.stringify(l)).join('\n');
}
writeFileSync(script, [1, 2, 3].map(section).join('\n{"turn":true}\n') + '\n');

function record(key, n) {
	return JSON.stringify({ kind: 'message', payload: { chatId: key,
		trigger: 'submit-message', message: { id: `${key}-u${n}`,
			role: 'user', parts: [{ type: 'text', text: `q${n}` }] } } });
}

// Run the turns from first on; resolves with what was seen on stdout.
function talk(key, first, killAfter) {
	return new Promise((resolve) => {
		const p = spawn(chatd, ['run', '-s', key, '-m', `script:${script}`,
			'--input-format', 'stream-json', '-o', 'stream-json'], { env });
		let out = '';
		let err = '';
		p.stdout.on('data', (d) => { out += d; });
		p.stderr.on('data', (d) => { err += d; });
		const timer = killAfter === undefined ? undefined :
			setTimeout(() => p.kill('SIGKILL'), killAfter);
		p.on('close', (code) => {
			clearTimeout(timer);
			resolve({ code, err, seen: parse(out) });
		});
		p.stdin.on('error', () => {});
		for (let n = first; n <= 3; n++)
			p.stdin.write(record(key, n) + '\n');
		p.stdin.end();
	});
}

function parse(out) {
	const seen = [];
	for (const line of out.split('\n').slice(0, -1)) {
		const o = JSON.parse(line);
		if (o.seq !== undefined)
			seen.push(o);
	}
	return seen;
}

function json(...args) {
	const r = spawnSync(chatd, args, { env, encoding: 'utf8',
		maxBuffer: 1 << 28 });
	if (r.status !== 0)
		throw new Error(`chatd ${args.join(' ')}: ${r.status} ${r.stderr}`);
	return JSON.parse(r.stdout);
}

// All there is of a session; undefined if it was never made.
function whole(key) {
	const r = spawnSync(chatd, ['export', key, '--json'], { env,
		encoding: 'utf8', maxBuffer: 1 << 28 });
	if (r.status === 66)
		return undefined;
	if (r.status !== 0)
		throw new Error(`chatd export: ${r.status} ${r.stderr}`);
	const o = JSON.parse(r.stdout);
	o.out = o.out.map((r) => ({ seq: r.seq_num,
		control: r.headers?.find(([name]) => name === 'trigger-control')?.[1],
		chunk: r.body ? JSON.parse(r.body).data : undefined }));
	o.in = o.in.map((r) => ({ seq: r.seq_num }));
	return o;
}

function holes(records) {
	return records.some((r, i) => r.seq !== i);
}

function check(key, runs, shown) {
	const wrong = [];
	const out = shown.out;
	if (holes(shown.in))
		wrong.push('a hole in the numbers of in');
	if (holes(out))
		wrong.push('a hole in the numbers of out');
	for (const run of runs)
		for (const s of run.seen) {
			const kept = out[s.seq];
			if (kept === undefined)
				wrong.push(`record ${s.seq} was shown and is lost`);
			else if (s.chunk !== undefined &&
			    JSON.stringify(kept.chunk) !== JSON.stringify(s.chunk))
				wrong.push(`record ${s.seq} changed`);
		}
	const roles = shown.messages.map((m) => m.role).join(' ');
	if (roles !== 'user assistant user assistant user assistant')
		wrong.push(`the transcript is: ${roles}`);
	for (let n = 1; n <= 3; n++) {
		const user = shown.messages[2 * n - 2];
		const text = user?.parts.map((p) => p.text).join('');
		if (text !== `q${n}`)
			wrong.push(`message ${n} is ${text}`);
		const answer = (shown.messages[2 * n - 1]?.parts ?? [])
			.filter((p) => p.type === 'text' &&
			    !p.providerMetadata?.chatd?.interrupted)
			.map((p) => p.text).join('');
		const want = Array.from({ length: 10 }, (_, i) => `a${n}.${i} `).join('');
		if (answer !== want)
			wrong.push(`answer ${n} is ${JSON.stringify(answer)}`);
	}
	const ends = out.filter((r) => r.control === 'turn-complete').length;
	if (ends !== 3)
		wrong.push(`${ends} turn-completes`);
	return wrong;
}

// How many of the three user messages does the log hold?
function accepted(shown) {
	return shown?.in.length ?? 0;
}

async function round(i, span) {
	const key = `kill-${i}`;
	const runs = [await talk(key, 1, random() * span)];
	const tries = 1 + Math.floor(random() * 2);
	for (let k = 0; k < tries; k++) {
		const killAfter = k + 1 < tries ? random() * span : undefined;
		const had = accepted(whole(key));
		if (had >= 3 && killAfter === undefined)
			break;
		runs.push(await talk(key, had + 1, killAfter));
	}
	// `chatd -c` goes on: nothing new to say, but all must get finished
	spawnSync(chatd, ['wait', key], { env, timeout: 300000 });
	return check(key, runs, whole(key));
}

function report(name, wrong) {
	done++;
	if (wrong.length > 0)
		failed++;
	console.log(`${wrong.length === 0 ? 'ok' : 'not ok'} ${done} - ${name}`);
	for (const w of wrong.slice(0, 8))
		console.log(`# ${w}`);
}

console.log(`1..${times + 3}`);
console.log(`# seed ${seed}`);
const start = process.hrtime.bigint();
const calm = await talk('kill-none', 1);
const span = Number(process.hrtime.bigint() - start) / 1e6;
report('three turns without a kill', calm.code === 0 ?
	check('kill-none', [calm], whole('kill-none')) : [calm.err]);
for (let i = 0; i < times; i++) {
	let wrong;
	try {
		wrong = await round(i, span * 1.1);
	} catch (e) {
		wrong = [String(e)];
	}
	report(`killed in round ${i}`, wrong);
}
const integrity = spawnSync('sqlite3', [join(home, 'data', 'chatd.db'),
	'PRAGMA integrity_check'], { encoding: 'utf8' }).stdout.trim();
report('PRAGMA integrity_check', integrity === 'ok' ? [] : [integrity]);
const listed = json('ls', '--all', '--limit', '1000', '--json').length;
report('all sessions are listed', listed >= times / 2 ? [] : [`${listed} sessions`]);
rmSync(home, { recursive: true });
process.exit(failed === 0 ? 0 : 1);
