// SPDX-License-Identifier: GPL-3.0-or-later
// page.mjs - share/examples/web in a real browser, driven by Playwright
//
// WEB is the built example's folder, CHROMIUM the browser.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { base, key } from "./server.mjs";

const pageServer = spawn(process.execPath, [join(process.env.WEB,
    "server.mjs")], { stdio: ["ignore", "pipe", "inherit"], env: {
	...process.env, PORT: "0", TRIGGER_API_URL: base,
	TRIGGER_SECRET_KEY: key } });
const [said] = await new Promise((resolve, reject) => {
	pageServer.stdout.once("data", (bytes) => resolve([String(bytes)]));
	pageServer.once("exit", () => reject(new Error("no page server")));
});
const home = said.trim();

// The sandbox of the browser needs rights that a container may not give.
export const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	timeout: 120000,
	args: ["--no-sandbox", "--disable-gpu", "--disable-quic",
	    "--no-first-run", "--disable-background-networking",
	    "--disable-component-update", "--disable-sync"],
});
process.on("exit", () => {
	pageServer.kill();
	browser.close();
});

export async function open(context, id)
{
	const page = await context.newPage();
	page.setDefaultTimeout(120000);
	await page.goto(`${home}#${encodeURIComponent(id)}`);
	await page.waitForSelector("textarea");
	return page;
}

export async function say(page, text)
{
	await page.fill("textarea", text);
	await page.press("textarea", "Enter");
}

export const ready = (page) => page.waitForSelector("main[data-status=ready]");

// What the nth answer says, once it says all of it.
export const answer = (page, n, text) => page.waitForFunction(([n, text]) => {
	const all = document.querySelectorAll("article.assistant");
	return all[n]?.querySelector(":scope > p.text")?.textContent === text;
}, [n, text]);

export const begun = (page, n, text) => page.waitForFunction(([n, text]) =>
	document.querySelectorAll("article.assistant")[n]?.textContent
	    .includes(text), [n, text]);

export const count = (page, what) => page.locator(what).count();
