// SPDX-License-Identifier: GPL-3.0-or-later
// halfkill.mjs - kill -9 while a person answers two calls, one after another
//
//	halfkill.mjs CHATD SCRATCH
//
// One step wants two commands, both are asked. The first is answered with
// other arguments and "for this session", the second as it is; both run
// together, in the turn of the last answer. A run without a kill tells how
// many records there are; then one for each is killed when it has read that
// one, and others go on. Each has a folder of its own: what a killed one has
// started may still write there.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [chatd, scratch] = process.argv.slice(2);
const model = `script:${join(scratch, 'two')}`;
const command = (word) => ({ command: `echo ${word} >>ran; sleep 0.02` });
const wanted = { c1: command('unedited'), c2: command('c2') };
let checks = 0;

writeFileSync(join(scratch, 'two'), [
	...Object.entries(wanted).map(([id, input]) => ({ type: 'tool-call', id,
		name: 'Bash', input })),
	{ turn: 1 }, { type: 'text-delta', text: 'over' },
].map((l) => JSON.stringify(l) + '\n').join(''));

const record = (payload) => JSON.stringify({ kind: 'message', payload: {
	trigger: 'submit-message', ...payload } }) + '\n';
const user = record({ message: { id: 'u1', role: 'user',
	parts: [{ type: 'text', text: 'go' }] } });
function answer(message, call, approval) {
	const first = call === 'c1' ? { editedInput: { c1: command('c1') },
		remember: { toolCallId: 'c1', scope: 'session' } } : {};

	return record({ messageId: message,
		chatd: { model, sandbox: 'off', ...first },
		message: { id: message, role: 'assistant', parts: [{
			type: 'dynamic-tool', toolName: 'Bash', toolCallId: call,
			state: 'approval-responded',
			approval: { id: approval, approved: true } }] } });
}

const talks = (key) => ['run', '-s', key, '-m', model, '--sandbox', 'off',
	'-C', join(scratch, key), '--input-format', 'stream-json',
	'-o', 'stream-json'];

// Resolves with the number of lines read; killed behind the stop-th.
function talk(key, stop) {
	return new Promise((resolve) => {
		mkdirSync(join(scratch, key));
		const p = spawn(chatd, talks(key));
		const asked = [];
		let message;
		let rest = '';
		let count = 0;

		const line = (text) => {
			const o = JSON.parse(text);
			const chunk = o.chunk ?? {};

			if (chunk.type === 'start')
				message = chunk.messageId;
			if (chunk.type === 'tool-approval-request')
				asked.push([chunk.toolCallId, chunk.approvalId]);
			if (o.control !== 'turn-complete')
				return;
			if (asked.length > 0)
				p.stdin.write(answer(message, ...asked.shift()));
			else
				p.stdin.end();
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
		p.stdin.write(user);
	});
}

function run(args, input = '') {
	return spawnSync(chatd, args, { encoding: 'utf8', timeout: 60000, input });
}
const show = (key) => JSON.parse(run(['show', key, '--json']).stdout);
function runs(key) {
	const ran = join(scratch, key, 'ran');

	return existsSync(ran) ? readFileSync(ran, 'utf8').split('\n')
		.filter((l) => l !== '') : [];
}

function check(name, fine, about) {
	checks++;
	if (fine)
		return;
	console.log(`# ${name}: ${about}`);
	process.exitCode = 1;
}

// What was not answered yet is, by another process. False: no message came.
function finish(key) {
	for (let i = 0; i <= Object.keys(wanted).length; i++) {
		run(['wait', key]);
		const message = show(key).messages.at(-1);

		if (message === undefined)
			return false;
		const waits = message.parts.find((p) =>
			p.state === 'approval-requested');

		if (waits === undefined)
			break;
		check(key, runs(key).length === 0, 'it ran before all was answered');
		const r = run(talks(key), answer(message.id, waits.toolCallId,
			waits.approval.id));

		check(key, [0, 3].includes(r.status),
			`an answer: ${r.status} ${r.stderr}`);
	}
	return true;
}

function look(key) {
	const { messages, session } = show(key);
	const calls = messages.flatMap((m) => m.parts).filter((p) => p.toolCallId);
	let broken = 0;

	for (const id of Object.keys(wanted)) {
		const times = runs(key).filter((w) => w === id).length;
		const part = calls.find((p) => p.toolCallId === id);
		const is = part?.state === 'output-error' &&
			part.errorText.startsWith('interrupted');

		broken += is;
		check(key, times <= 1, `${id} ran ${times} times`);
		check(key, is || (part?.state === 'output-available' &&
			times === 1), `${id} ${part?.state}, ran ${times} times`);
	}
	check(key, !runs(key).includes('unedited'), 'the model\'s arguments ran');
	check(key, calls[0].input.command === command('c1').command,
		'the person\'s arguments are lost');
	check(key, calls[0].approval.remember?.scope === 'session' &&
		existsSync(join(process.env.CHATD_HOME, 'data', 'rules',
			`${session.id}.yaml`)), 'it was not remembered');
	check(key, messages.length === 2 &&
		messages[1].parts.at(-1).text === 'over', 'the turn is not over');
	check(key, (session.state ?? 'idle') === 'idle',
		`the session is ${session.state}`);
	return broken;
}

const total = await talk('whole');
let broken = look('whole');
let early = 0;

check('whole', broken === 0 && total > 20, `${total} records`);
for (let n = 1; n < total; n++) {
	const key = `half-${n}`;

	await talk(key, n);
	if (finish(key))
		broken += look(key);
	else
		early++;
}
check('early', early <= 1, `${early} times there was no message`);
console.log(`# killed at ${total - 1} records, ${broken} calls in mid-run`);
console.log(`# ${checks} checks`);
