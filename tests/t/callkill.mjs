// SPDX-License-Identifier: GPL-3.0-or-later
// callkill.mjs - kill -9 at each record of a tool call, then look
//
//	callkill.mjs CHATD SCRATCH TOP KIND
//
// KIND: bash, program, mcp. A run without a kill tells how many records there
// are on stdout; then one run for each of them is killed when it has been
// read, once with the call allowed and once with a person asked. What is left
// is finished by others. The tool writes a line whenever it runs.

import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync,
	writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [chatd, scratch, top, kind] = process.argv.slice(2);
const ran = join(scratch, 'ran');
const config = join(process.env.CHATD_HOME, 'config');
const lines = (text) => text.split('\n').filter((l) => l !== '');
let checks = 0;

const kinds = {
	bash: { tool: 'Bash',
		input: { command: `echo run >>${ran}; sleep 0.02; echo fine` },
		output: 'fine' },
	program: { tool: 'noted', input: {}, output: 'fine' },
	mcp: { tool: 'mcp__live__progress', input: {}, output: 'all' },
}[kind];

function write(file, text) {
	writeFileSync(join(scratch, file), text);
	return `script:${join(scratch, file)}`;
}
const jsonl = (...list) => list.map((l) => JSON.stringify(l) + '\n').join('');
const model = write('one', jsonl(
	{ type: 'tool-call', id: 'c1', name: kinds.tool, input: kinds.input },
	{ turn: 1 }, { type: 'text-delta', text: 'over' }));
function expecting(text) {
	const one = [{ expect: text }, { type: 'text-delta', text: 'I see' }];

	return write('see', jsonl(...one, { turn: 1 }, ...one, { turn: 2 },
		...one, { turn: 3 }, ...one));
}

mkdirSync(join(config, 'tools'), { recursive: true });
writeFileSync(join(config, 'tools', 'noted.yaml'),
	'description: notes\ncommand: [./noted.sh]\n');
writeFileSync(join(config, 'tools', 'noted.sh'),
	`#!/bin/sh\ncat >/dev/null\necho run >>${ran}\nsleep 0.02\necho fine\n`);
chmodSync(join(config, 'tools', 'noted.sh'), 0o755);
if (kind === 'mcp')
	writeFileSync(join(config, 'mcp.json'), JSON.stringify({ mcpServers: {
		live: { command: 'node',
			args: [join(top, 'tests/mcp/lively.mjs'), ran] } } }));

function runs() {
	return existsSync(ran) ? lines(readFileSync(ran, 'utf8')).filter((l) =>
		l === 'run' || l.startsWith('call ')).length : 0;
}
function run(...args) {
	return spawnSync(chatd, args, { encoding: 'utf8', timeout: 300000,
		input: '' });
}
const show = (key) => JSON.parse(run('show', key, '--json').stdout);
const user = (id) => JSON.stringify({ kind: 'message', payload: {
	trigger: 'submit-message', message: { id, role: 'user',
		parts: [{ type: 'text', text: 'go' }] } } }) + '\n';
const answer = (asked) => JSON.stringify({ kind: 'message', payload: {
	trigger: 'submit-message', messageId: asked.message, message: {
		id: asked.message, role: 'assistant', parts: [{
			type: 'dynamic-tool', toolName: kinds.tool,
			toolCallId: 'c1', state: 'approval-responded',
			approval: { id: asked.id, approved: true } }] } } }) + '\n';

// Resolves with the number of lines read; killed behind the stop-th.
function talk(key, asks, stop) {
	return new Promise((resolve) => {
		const mode = asks ? 'default' : 'allow-all';
		const p = spawn(chatd, ['run', '-s', key, '-m', model,
			'--sandbox', 'off', '--permission-mode', mode,
			'--input-format', 'stream-json', '-o', 'stream-json']);
		const asked = {};
		let rest = '';
		let count = 0;

		const line = (text) => {
			const chunk = JSON.parse(text).chunk ?? {};

			if (chunk.type === 'start')
				asked.message = chunk.messageId;
			if (chunk.type === 'tool-approval-request')
				asked.id = chunk.approvalId;
			if (text.includes('"control":"turn-complete"') && asked.id) {
				p.stdin.write(answer(asked));
				delete asked.id;
				asked.answered = true;
			} else if (text.includes('"control":"turn-complete"')) {
				p.stdin.end();
			}
		};
		p.stdout.on('data', (d) => {
			const all = (rest + d).split('\n');

			rest = all.pop();
			for (const text of all) {
				if (++count === stop)
					p.kill('SIGKILL');
				if (stop === undefined || count < stop)
					line(text);
			}
		});
		p.stdin.on('error', () => {});
		p.on('close', () => resolve(count));
		p.stdin.write(user('u1'));
	});
}

function check(name, fine, about) {
	checks++;
	if (fine)
		return;
	console.log(`# ${name}: ${about}`);
	process.exitCode = 1;
}

// False: the message had not come in yet.
function finish(key) {
	run('wait', key);
	if (show(key).messages.length === 0) {
		check(key, runs() === 0, 'it ran without a message');
		return false;
	}
	if (show(key).messages.at(-1).parts.some((p) =>
		p.state === 'approval-requested')) {
		check(key, runs() === 0, 'it ran before the yes');
		run('approve', key);
		run('wait', key);
	}
	return true;
}

function look(key) {
	const { messages, session } = show(key);
	const calls = messages.flatMap((m) => m.parts).filter((p) =>
		p.toolCallId);
	const state = calls.map((c) => c.state).join(' ');
	const broken = state === 'output-error' &&
		calls[0].errorText.startsWith('interrupted');

	check(key, runs() <= 1, `it ran ${runs()} times`);
	check(key, broken || (state === 'output-available' && runs() === 1),
		`${state}, run ${runs()} times`);
	check(key, messages.length === 2 &&
		messages[1].parts.at(-1).text === 'over', 'the turn is not over');
	check(key, session.state === undefined || session.state === 'idle',
		`the session is ${session.state}`);
	return broken;
}

async function series(asks) {
	const total = await talk(`${kind}-${asks}-whole`, asks);
	let broken = 0;
	let early = 0;

	check('whole', runs() === 1 && total > 8, `${total} records`);
	for (let n = 1; n < total; n++) {
		const key = `${kind}-${asks}-${n}`;

		rmSync(ran, { force: true });
		await talk(key, asks, n);
		if (!finish(key)) {
			early++;
			continue;
		}
		const is = look(key);
		const before = runs();

		broken += is;
		const r = run('run', '-s', key, '-m', expecting(is ?
			'interrupted' : kinds.output), 'and?');

		check(key, r.status === 0, `the model is not told: ${r.stderr}`);
		check(key, runs() === before, 'a later turn ran it');
	}
	check('early', early <= 1, `${early} times there was no message`);
	console.log(`# ${kind}, ${asks ? 'asked' : 'allowed'}: killed at ` +
		`${total - 1} records, ${broken} times in mid-call`);
}

await series(false);
rmSync(ran, { force: true });
await series(true);
console.log(`# ${checks} checks`);
