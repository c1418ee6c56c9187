// SPDX-License-Identifier: GPL-3.0-or-later
// badnet.mjs TARGET - a bad network in front of a server; prints its port
//
//	POST /net/cut?bytes=N	cut answers after 1 to N bytes at random (0: no),
//				half as much more after each cut
//	POST /net/502?n=N&only=TEXT	answer the next N connections with 502,
//				or those whose address has TEXT
//	POST /net/twice?n=N	pass the next N appends on twice, at once
//	POST /net/down		refuse all connections; /net/up: no more
//	POST /net/late?ms=N	pass requests on up to N ms late
//	POST /net/lose?n=N	the next N appends arrive, their answers do not
//	GET  /net/log		what was passed on and what was not, a line each

import { createServer, request } from "node:http";

const target = new URL(process.argv[2]);
const net = { cut: 0, bad: 0, late: 0, lose: 0, down: false, only: "",
    twice: 0 };
const log = [];
let seed = Number(process.env.NET_SEED ?? 1);

// the same each time
function random(below)
{
	seed = (seed * 1103515245 + 12345) % 2147483648;
	return seed % below;
}

function control(url, res)
{
	const n = Number(url.searchParams.get("n") ??
	    url.searchParams.get("bytes") ?? url.searchParams.get("ms") ?? 0);
	switch (url.pathname) {
	case "/net/cut": net.cut = n; break;
	case "/net/502":
		net.bad = n;
		net.only = url.searchParams.get("only") ?? "";
		break;
	case "/net/twice": net.twice = n; break;
	case "/net/late": net.late = n; break;
	case "/net/lose": net.lose = n; break;
	case "/net/down": net.down = true; break;
	case "/net/up": net.down = false; break;
	}
	if (url.pathname === "/net/down")
		for (const socket of open)
			if (socket !== res.socket)
				socket.destroy();
	res.end(JSON.stringify(log));
}

function refused(req, res)
{
	if (net.down) {
		log.push(`down ${req.method} ${req.url}`);
		req.socket.destroy();
		return true;
	}
	if (net.bad > 0 && req.url.includes(net.only)) {
		net.bad--;
		log.push(`502 ${req.method} ${req.url}`);
		res.writeHead(502).end("Bad Gateway");
		return true;
	}
	return false;
}

// Some bytes of the answer, then nothing.
function passBack(up, res, socket)
{
	let left = net.cut > 0 ? 1 + random(net.cut) : Infinity;
	const headers = { ...up.headers };
	delete headers.connection;
	res.writeHead(up.statusCode, headers);
	res.flushHeaders();
	up.on("data", (bytes) => {
		res.write(bytes.subarray(0, left));
		left -= bytes.length;
		if (left > 0)
			return;
		log.push("cut");
		// a backlog grows, and comes as one event
		net.cut = Math.ceil(net.cut * 1.5);
		// what was written is to arrive
		setTimeout(() => socket.destroy(), 5);
		up.destroy();
	});
	up.on("end", () => res.end());
	up.on("error", () => socket.destroy());
}

// What a network repeats: the same bytes on a connection of their own.
function passTwice(req, body)
{
	net.twice--;
	const out = request({ host: target.hostname, port: target.port,
	    path: req.url, method: req.method, agent: false,
	    headers: { ...req.headers, connection: "close" } }, (up) => {
		log.push(`twice ${up.statusCode} ${req.url} ` +
		    (req.headers["x-part-id"] ?? ""));
		up.resume();
	});
	out.on("error", () => log.push("twice failed"));
	out.end(body);
}

function passOn(req, res, body)
{
	const append = req.url.includes("/append");
	if (append && net.twice > 0)
		passTwice(req, body);
	const out = request({ host: target.hostname, port: target.port,
	    path: req.url, method: req.method, agent: false,
	    headers: { ...req.headers, connection: "close" } }, (up) => {
		log.push(`${up.statusCode} ${req.method} ${req.url} ` +
		    (req.headers["x-part-id"] ?? ""));
		if (append && net.lose > 0) {
			net.lose--;
			log.push("lost");
			req.socket.destroy();
			up.resume();
		} else {
			passBack(up, res, req.socket);
		}
	});
	out.on("error", () => req.socket.destroy());
	res.on("close", () => out.destroy());
	out.end(body);
}

const open = new Set();
const server = createServer(async (req, res) => {
	const url = new URL(req.url, "http://x");
	const parts = [];
	for await (const bytes of req)
		parts.push(bytes);
	if (url.pathname.startsWith("/net/"))
		control(url, res);
	else if (!refused(req, res))
		setTimeout(passOn, net.late > 0 ? random(net.late) : 0, req, res,
		    Buffer.concat(parts));
});
server.on("connection", (socket) => {
	open.add(socket);
	socket.on("close", () => open.delete(socket));
	socket.on("error", () => {});
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
