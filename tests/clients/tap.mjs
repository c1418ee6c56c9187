// SPDX-License-Identifier: GPL-3.0-or-later
// tap.mjs - named tests, one after the other, told as TAP

const tests = [];

export function test(name, fn)
{
	tests.push([name, fn]);
}

function limit(promise, ms)
{
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`not done in ${ms} ms`)),
		    ms);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Runs those whose name contains $ONLY; the process ends with the verdict.
export async function run()
{
	const only = process.env.ONLY ?? "";
	const chosen = tests.filter(([name]) => name.includes(only));
	let failed = 0;
	console.log(`1..${chosen.length}`);
	for (const [i, [name, fn]] of chosen.entries()) {
		try {
			await limit(fn(), 1200000);
			console.log(`ok ${i + 1} - ${name}`);
		} catch (e) {
			failed++;
			console.log(`not ok ${i + 1} - ${name}`);
			console.log(String(e?.stack ?? e).replace(/^/gm, "# "));
		}
	}
	process.exit(failed || chosen.length === 0 ? 1 : 0);
}
