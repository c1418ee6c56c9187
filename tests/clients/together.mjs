// SPDX-License-Identifier: GPL-3.0-or-later
// together.mjs - a screen, a browser page and curl on one session at once
//
// The screen is chatd attach in tmux, the page share/examples/web, and curl
// reads the stream and writes records. The model plays together.script.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { base, key, newId, raw } from "./server.mjs";
import { run, test } from "./tap.mjs";

const scratch = process.env.SCRATCH;
const id = newId("together");
const path = `/realtime/v1/sessions/${encodeURIComponent(id)}`;
const ended = [];
process.on("exit", () => ended.forEach((fn) => fn()));

async function until(what, fn)
{
	for (const end = Date.now() + 60000; Date.now() < end;
	    await new Promise((resolve) => setTimeout(resolve, 50)))
		if (await fn())
			return;
	throw new Error(`in vain: ${what}\n${look()}`);
}

/* the page */

const pageServer = spawn(process.execPath, [join(process.env.WEB,
    "server.mjs")], { stdio: ["ignore", "pipe", "inherit"], env: {
	...process.env, PORT: "0", TRIGGER_API_URL: base,
	TRIGGER_SECRET_KEY: key } });
ended.push(() => pageServer.kill());
const home = await new Promise((resolve) =>
    pageServer.stdout.once("data", (bytes) => resolve(String(bytes).trim())));
const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM, timeout: 120000,
	args: ["--no-sandbox", "--disable-gpu", "--disable-quic",
	    "--no-first-run", "--disable-background-networking",
	    "--disable-component-update", "--disable-sync"],
});
ended.push(() => browser.close());
const page = await (await browser.newContext()).newPage();
page.setDefaultTimeout(120000);
const onPage = (text) => page.waitForFunction((text) =>
    document.querySelector("main")?.textContent.includes(text), text);
const asked = () => page.waitForSelector(".tool.approval-requested .approve");
const notAsked = () => page.waitForFunction(() =>
    document.querySelector(".tool.approval-requested") === null);

/* the screen */

const tmux = (...args) => spawnSync("tmux", ["-S", join(scratch, "tmux"),
    "-f", "/dev/null", ...args], { encoding: "utf8" }).stdout ?? "";
const look = () => tmux("capture-pane", "-p");
const type = (...keys) => tmux("send-keys", ...keys);
const onScreen = (text) => until(`${text} on the screen`,
    () => look().includes(text));
const goneFrom = (text) => until(`no ${text} on the screen`,
    () => !look().includes(text));
ended.push(() => tmux("kill-server"));

/* curl */

const streamed = join(scratch, "streamed");
const onWire = (text) => until(`${text} on the wire`,
    () => readFileSync(streamed, "utf8").includes(text));
function listen()
{
	writeFileSync(streamed, "");
	const curl = spawn("curl", ["-sN", "-H", `Authorization: Bearer ${key}`,
	    `${base}${path}/out`], { stdio: ["ignore", "pipe", "inherit"] });
	curl.stdout.pipe(createWriteStream(streamed));
	ended.push(() => curl.kill());
	return until("a stream", () => readFileSync(streamed).length > 0);
}
function append(payload)
{
	const r = spawnSync("curl", ["-sS", "-f", "-H",
	    `Authorization: Bearer ${key}`, "-H",
	    "Content-Type: application/json", "--data-binary", "@-",
	    `${base}${path}/in/append`], { encoding: "utf8",
	    input: JSON.stringify({ kind: "message", payload: { chatId: id,
		trigger: "submit-message", ...payload } }) });
	assert.equal(r.status, 0, r.stderr);
}
const transcript = async () => (await (await raw("GET",
    `/api/v1/sessions/${encodeURIComponent(id)}/transcript`)).json()).messages;

test("what is said on a page is seen on a screen and by curl", async () => {
	await page.goto(`${home}#${encodeURIComponent(id)}`);
	await page.waitForSelector("textarea");
	await page.fill("textarea", "one");
	await page.press("textarea", "Enter");
	await onPage("All see this.");
	tmux("new-session", "-d", "-x", "100", "-y", "50",
	    ...Object.entries({ TERM: "tmux-256color", LC_ALL: "C.UTF-8",
		CHATD_HOME: process.env.CHATD_HOME, CHATD_URL: base,
		CHATD_TOKEN: key }).flatMap(([k, v]) => ["-e", `${k}=${v}`]),
	    `${process.env.CHATD} attach '${id}'; cat`);
	await onScreen("\u276f one");
	await onScreen("All see this.");
	await listen();
	await onWire("All see this.");
});

test("what is typed on the screen is approved on the page", async () => {
	type("two", "Enter");
	await onPage("two");
	await asked();
	await onScreen("May Bash run?");
	await onWire("tool-approval-request");
	await page.click(".tool.approval-requested .approve");
	await onPage("It is done.");
	await onScreen("It is done.");
	await goneFrom("May Bash run?");
	await onWire("It is done.");
	await notAsked();
});

test("what curl says is approved on the screen", async () => {
	append({ message: { id: "m-three", role: "user",
	    parts: [{ type: "text", text: "three" }] } });
	await onPage("three");
	await onScreen("May Bash run?");
	await asked();
	// a question listens after a while without keys
	let pressed = 0;
	await until("an answer", () => {
		if (Date.now() - pressed > 1500) {
			type("y");
			pressed = Date.now();
		}
		return look().includes("Done again.");
	});
	await onPage("Done again.");
	await notAsked();
	await onWire("Done again.");
});

test("what is said on the page is denied by curl", async () => {
	await until("a page that may write", () => page.evaluate(() =>
	    !document.querySelector("textarea").disabled));
	await page.fill("textarea", "four");
	await page.press("textarea", "Enter");
	await asked();
	await onScreen("May Bash run?");
	let part, message;
	await until("a call in the transcript", async () => {
		message = (await transcript()).at(-1);
		part = message.parts.find((p) => p.state === "approval-requested");
		return part;
	});
	append({ message: { id: message.id, role: "assistant", parts: [{
	    type: part.type, toolName: part.toolName, toolCallId: part.toolCallId,
	    state: "approval-responded", approval: { id: part.approval.id,
		approved: false, reason: "says curl" } }] } });
	await onPage("So be it.");
	await notAsked();
	await onScreen("So be it.");
	await goneFrom("May Bash run?");
	await onWire("tool-output-denied");
	await onWire("So be it.");
});

test("all have seen the same, once", async () => {
	const kept = await transcript();
	const texts = kept.map((m) => m.parts.filter((p) => p.type === "text")
	    .map((p) => p.text).join(""));
	assert.deepEqual(texts, ["one", "All see this.", "two", "It is done.",
	    "three", "Done again.", "four", "So be it."]);
	assert.deepEqual(await page.$$eval("article", (all) => all.map((a) =>
	    [...a.querySelectorAll(":scope > p.text")].map((p) =>
	    p.textContent).join(""))), texts);
	const said = look().split("\n").map((l) => l.replace("\u276f ", "")
	    .trim()).filter((l) => texts.includes(l));
	assert.deepEqual(said, texts);
	assert.equal(readFileSync(join(scratch, "work", "done"), "utf8"),
	    "first\nsecond\n");
});

await run();
