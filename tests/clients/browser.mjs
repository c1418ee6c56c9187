// SPDX-License-Identifier: GPL-3.0-or-later
// browser.mjs - a chat in the example's page (page.mjs)
//
// With SCREENSHOT a picture is left there. The model plays chat.script.

import assert from "node:assert/strict";
import { answer, begun, browser, count, open, ready, say } from "./page.mjs";
import { killAndRestart } from "./restart.mjs";
import { enc, newId, raw } from "./server.mjs";
import { run, test } from "./tap.mjs";

const slowText = Array.from({ length: 200 }, (_, i) => `n${i} `).join("");
const HELLO = "Hello from the script.";

test("session-protocol 9.1: a page shows text and reasoning", async () => {
	const page = await open(await browser.newContext(), newId("web"));
	await say(page, "one");
	await answer(page, 0, HELLO);
	await ready(page);
	assert.equal(await count(page, "article"), 2);
	assert.equal(await count(page, "details.reasoning"), 1);
	await page.reload();
	await answer(page, 0, HELLO);
	assert.equal(await count(page, "article"), 2);
});

test("session-protocol 7.4: reloaded in mid-answer, it shows all, once",
    async () => {
	const page = await open(await browser.newContext(), newId("reload"));
	await say(page, "one");
	await answer(page, 0, HELLO);
	await ready(page);
	await say(page, "two");
	await begun(page, 1, "n20 ");
	await page.reload();
	await answer(page, 1, slowText);
	await ready(page);
	assert.equal(await count(page, "article"), 4);
	await page.reload();
	await answer(page, 1, slowText);
	assert.equal(await count(page, "article"), 4);
	if (process.env.SCREENSHOT)
		await page.screenshot({ path: process.env.SCREENSHOT });
});

test("session-protocol 9.3: stop keeps what came; the next one is whole",
    async () => {
	const page = await open(await browser.newContext(), newId("stop"));
	await say(page, "one");
	await answer(page, 0, HELLO);
	await ready(page);
	await say(page, "two");
	await begun(page, 1, "n10 ");
	await page.click("#stop");
	await ready(page);
	await say(page, "three");
	await answer(page, 2, "Third answer.");
	const kept = await page.locator("article.assistant").nth(1)
	    .textContent();
	assert.ok(kept.startsWith("n0 n1 ") && kept.length < slowText.length);
});

test("session-protocol 11: undo takes the last exchange back", async () => {
	const page = await open(await browser.newContext(), newId("undo"));
	await say(page, "one");
	await answer(page, 0, HELLO);
	await ready(page);
	await page.click("#undo");
	await page.waitForFunction(() =>
	    document.querySelectorAll("article").length === 0);
	await page.reload();
	await page.waitForSelector("textarea");
	assert.equal(await count(page, "article"), 0);
});

test("session-protocol 1: two tabs on one chat show the same", async () => {
	const context = await browser.newContext(), id = newId("tabs");
	const first = await open(context, id), second = await open(context, id);
	await say(first, "one");
	await answer(first, 0, HELLO);
	await answer(second, 0, HELLO);
	await ready(first);
	await second.waitForFunction(() =>
	    !document.querySelector("textarea").disabled);
	await say(second, "two");
	await begun(first, 1, "n10 ");
	await answer(second, 1, slowText);
	await answer(first, 1, slowText);
	assert.equal(await count(first, "article"), 4);
});

test("session-protocol 9.4: killed in mid-answer, the server goes on and the " +
    "page too", async () => {
	const context = await browser.newContext(), id = newId("kill");
	const page = await open(context, id);
	await say(page, "one");
	await answer(page, 0, HELLO);
	await ready(page);
	await say(page, "two");
	await begun(page, 1, "n20 ");
	await killAndRestart();
	// what was shown stays, the open step is asked again
	const texts = () => page.locator("article.assistant").nth(1)
	    .locator(":scope > p.text").allTextContents();
	const whole = () => page.waitForFunction((text) => {
		const all = document.querySelectorAll("article.assistant")[1]
		    ?.querySelectorAll(":scope > p.text");
		return all?.[all.length - 1]?.textContent === text;
	}, slowText);
	await whole();
	await ready(page);
	const shown = await texts();
	assert.equal(shown.length, 2);
	assert.ok(shown[0].includes("n20 ") && slowText.startsWith(shown[0]));
	await page.waitForSelector("p.interrupted");
	assert.equal(await count(page, "article"), 4);
	await page.reload();
	await whole();
	assert.deepEqual(await texts(), shown);
	assert.equal(await count(page, "article"), 4);
	await say(page, "three");
	await answer(page, 2, "Third answer.");
});

test("session-protocol 3.8: a token that is over is replaced", async () => {
	const page = await open(await browser.newContext(), newId("token"));
	await say(page, "one");
	await answer(page, 0, HELLO);
	await ready(page);
	await page.evaluate(() => {
		const all = JSON.parse(localStorage.getItem("chatd-sessions"));
		for (const s of Object.values(all))
			s.publicAccessToken = "a.b.c";
		localStorage.setItem("chatd-sessions", JSON.stringify(all));
	});
	await page.reload();
	await page.waitForSelector("textarea");
	await say(page, "two");
	await answer(page, 1, slowText);
});

test("what could not be sent is sent by Try again", async () => {
	const id = newId("again");
	const page = await open(await browser.newContext(), id);
	await say(page, "one");
	await answer(page, 0, HELLO);
	await ready(page);
	await page.route("**/in/append", (route) => route.abort());
	await say(page, "two");
	await page.waitForSelector("#again");
	await page.unroute("**/in/append");
	await page.click("#again");
	await answer(page, 1, slowText);
	await ready(page);
	assert.equal(await count(page, "article"), 4);
	assert.equal(await count(page, "#again"), 0);
	const { messages } = await (await raw("GET",
	    `/api/v1/sessions/${enc(id)}/transcript`)).json();
	assert.deepEqual(messages.map((m) => m.role),
	    ["user", "assistant", "user", "assistant"]);
});

test("session-protocol 6.2: a closed chat says so", async () => {
	const id = newId("closed");
	const page = await open(await browser.newContext(), id);
	await say(page, "one");
	await answer(page, 0, HELLO);
	await ready(page);
	await raw("POST", `/api/v1/sessions/${enc(id)}/close`,
	    { body: '{"reason":"enough"}' });
	await say(page, "two");
	await page.waitForSelector("textarea:disabled");
	assert.equal(await page.locator("p.error").textContent(),
	    "This chat is closed: enough.");
});

await run();
