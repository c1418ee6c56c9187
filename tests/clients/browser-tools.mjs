// SPDX-License-Identifier: GPL-3.0-or-later
// browser-tools.mjs - tools in the example's page (page.mjs): approved in one
// tab and seen in the other, denied, stopped; a sub-agent at work
//
// The model plays tools.script: one session, its turns in this order. With
// SCREENSHOT a picture of the second is left there, a question below a card.

import assert from "node:assert/strict";
import { browser, count, open, say } from "./page.mjs";
import { newId } from "./server.mjs";
import { run, test } from "./tap.mjs";

const context = await browser.newContext(), id = newId("tools");
const first = await open(context, id), second = await open(context, id);
const free = (page) => page.waitForFunction(() =>
    document.querySelector("main[data-status=ready]") &&
    !document.querySelector("textarea").disabled);

// The nth answer's last text, once it is that.
const ends = (page, n, text) => page.waitForFunction(([n, text]) => {
	const all = document.querySelectorAll("section > article.assistant")[n]
	    ?.querySelectorAll(":scope > p.text");
	return all?.[all.length - 1]?.textContent === text;
}, [n, text]);

test("session-protocol 10: approved in one tab, it goes on in both",
    async () => {
	await say(first, "Show me that you can run a command.");
	await first.waitForSelector("details.approval-requested button.approve");
	await free(second);
	await second.click("details.approval-requested button.approve");
	await ends(second, 0, "It ran.");
	await ends(first, 0, "It ran.");
	for (const page of [first, second]) {
		assert.equal(await count(page, "details.output-available"), 1);
		assert.equal(await count(page, "button.approve"), 0);
		assert.equal(await count(page, "section > article"), 2);
	}
	assert.match(await first.locator("details.tool pre").last()
	    .textContent(), /ran-once/);
});

test("session-protocol 10: denied, the tool does not run", async () => {
	await free(first);
	await say(first, "And one that I shall not allow?");
	await first.waitForSelector("details.approval-requested button.deny");
	if (process.env.SCREENSHOT) {
		await first.setViewportSize({ width: 800, height: 860 });
		await first.locator("details.tool").first().evaluate((e) => {
			e.open = true;
		});
		await first.screenshot({ path: process.env.SCREENSHOT });
	}
	await first.click("details.approval-requested button.deny");
	await ends(first, 1, "Then not.");
	await ends(second, 1, "Then not.");
	assert.equal(await count(first, "details.output-denied"), 1);
	await first.reload();
	await ends(first, 1, "Then not.");
	assert.equal(await count(first, "details.output-denied"), 1);
});

test("session-protocol 9.3: stopped while a tool runs", async () => {
	await free(first);
	await say(first, "three");
	await first.click("details.approval-requested button.approve");
	await first.waitForFunction(() =>
	    document.body.textContent.includes("it-has-1-begun"));
	await first.click("#stop");
	await free(first);
	await say(first, "four");
	await ends(first, 3, "After the stop.");
	assert.equal(await count(first, "section > article"), 8);
	const stopped = first.locator("section > article.assistant").nth(2);
	// the page has it from the transcript, which it looks at when it likes
	await stopped.locator("details.output-error").waitFor();
	assert.equal(await stopped.locator("details.output-error").count(), 1);
});

test("session-protocol 9.1: a sub-agent is seen at work, in its card",
    async () => {
	await free(first);
	await say(first, "five");
	const inner = "details.tool article.assistant p.text";
	await first.waitForFunction((inner) => document.querySelector(inner)
	    ?.textContent.startsWith("k0 k1 "), inner);
	await ends(first, 4, "The kid is done.");
	const text = await first.locator(inner).last().textContent();
	assert.ok(text.endsWith("k39 "));
	assert.equal(await count(first, "section > article"), 10);
	await first.reload();
	await ends(first, 4, "The kid is done.");
	assert.equal(await first.locator(inner).last().textContent(), text);
});

await run();
