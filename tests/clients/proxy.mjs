// SPDX-License-Identifier: GPL-3.0-or-later
// proxy.mjs - passes bytes on, and cuts what the server says at random places

import { connect, createServer } from "node:net";

// cut(): after how many bytes of the server's the connection ends (Infinity:
// never); with only ("GET ") after as many since such a request, which it is
// given, and not at all after another. Resolves to {url, cuts(), close()}.
export function cuttingProxy(target, cut, only)
{
	const { hostname, port } = new URL(target);
	const open = new Set();
	let cuts = 0;
	const server = createServer((down) => {
		const up = connect(Number(port), hostname);
		let left = only ? Infinity : cut();
		const end = () => {
			down.destroy();
			up.destroy();
		};
		open.add(down);
		up.on("data", (bytes) => {
			const part = bytes.subarray(0, left);
			left -= part.length;
			if (left > 0) {
				down.write(part);
				return;
			}
			cuts++;
			down.write(part, end);
		});
		up.on("end", () => down.end());
		down.on("data", (bytes) => {
			if (only)
				left = bytes.toString("latin1").startsWith(only) ?
				    cut(bytes.toString("latin1")) : Infinity;
			up.write(bytes);
		});
		down.on("close", () => {
			open.delete(down);
			up.destroy();
		});
		up.on("error", end);
		down.on("error", end);
	});
	return new Promise((resolve) => {
		server.listen(0, "127.0.0.1", () => resolve({
			url: `http://127.0.0.1:${server.address().port}`,
			cuts: () => cuts,
			close: () => {
				for (const s of open)
					s.destroy();
				server.close();
			},
		}));
	});
}
