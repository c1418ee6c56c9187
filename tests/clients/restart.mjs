// SPDX-License-Identifier: GPL-3.0-or-later
// restart.mjs - kill -9 of the server under test, and its next start

import { spawn } from "node:child_process";
import { base } from "./server.mjs";

let pid = Number(process.env.SERVE_PID);
const alive = () => fetch(`${base}/healthz`).then((r) => r.ok, () => false);
const tick = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Resolves when it serves again, at the same address.
export async function killAndRestart()
{
	process.kill(pid, "SIGKILL");
	while (await alive())
		await tick(10);
	const child = spawn(process.env.CHATD, ["serve", "--listen",
	    new URL(base).host, "-q", "-m", process.env.SERVE_MODEL],
	    { stdio: "ignore" });
	pid = child.pid;
	process.on("exit", () => child.kill("SIGKILL"));
	while (!await alive()) {
		if (child.exitCode !== null)
			throw new Error("the server does not start again");
		await tick(10);
	}
}
