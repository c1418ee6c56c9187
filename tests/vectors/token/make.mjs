// SPDX-License-Identifier: GPL-3.0-or-later
// make.mjs - write tokens.tsv: tokens, good and forged, by node's own crypto
//
//	node make.mjs > tokens.tsv
//
// One a line: what is said of it (good, invalid, unknown), what is odd about
// it, the token. KEY, ENV and NOW stand in tests/unit/wire/token.c too.

import { createHmac, createSign, generateKeyPairSync } from "node:crypto";

const KEY = "tr_dev_0123456789abcdefABCDEFGH";
const OLD = "tr_dev_anotherkeythatisold12345";
const NOW = 1800000000;
const good = {
	sub: "env_test", pub: true, scopes: ["read:sessions:a"],
	iss: "https://id.trigger.dev", aud: "https://api.trigger.dev",
	iat: NOW - 60, exp: NOW + 900,
};

const b64 = (s) => Buffer.from(s).toString("base64url");
const hmac = (hash, key) => (text) =>
	createHmac(hash, key).update(text).digest("base64url");
const HS256 = hmac("sha256", KEY);

function token(header, claims, sign = HS256)
{
	const head = typeof header === "string" ? header :
	    JSON.stringify(header);
	const body = typeof claims === "string" ? claims :
	    JSON.stringify(claims);
	const text = `${b64(head)}.${b64(body)}`;
	return `${text}.${sign(text)}`;
}

function jwt(changes = {}, header = { alg: "HS256" }, sign = HS256)
{
	return token(header, { ...good, ...changes }, sign);
}

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const RS256 = (text) => createSign("RSA-SHA256").update(text)
    .sign(rsa.privateKey).toString("base64url");
const plain = jwt();
const [head, body, signature] = plain.split(".");

const list = [
	["good", "as the SDK signs it", plain],
	["good", "with typ JWT", jwt({}, { alg: "HS256", typ: "JWT" })],
	["good", "signed with the second key",
	    jwt({}, { alg: "HS256" }, hmac("sha256", OLD))],
	["good", "aud as an array",
	    jwt({ aud: ["x", "https://api.trigger.dev"] })],
	["good", "nbf now", jwt({ nbf: NOW })],
	["good", "no scopes", jwt({ scopes: undefined })],
	["good", "scopes of other kinds", jwt({ scopes: "admin" })],
	["good", "unknown claims", jwt({ otu: true, act: { sub: "x" } })],

	["unknown", "another environment", jwt({ sub: "env_other" })],
	["unknown", "no sub", jwt({ sub: undefined })],
	["unknown", "sub is no string", jwt({ sub: 7 })],

	["invalid", "alg none, no signature",
	    token({ alg: "none" }, good, () => "")],
	["invalid", "alg None", token({ alg: "None" }, good, () => "")],
	["invalid", "alg none with a good signature",
	    jwt({}, { alg: "none" })],
	["invalid", "HS384 with our key",
	    jwt({}, { alg: "HS384" }, hmac("sha384", KEY))],
	["invalid", "HS512 with our key",
	    jwt({}, { alg: "HS512" }, hmac("sha512", KEY))],
	["invalid", "HS512 said, HS256 done", jwt({}, { alg: "HS512" })],
	["invalid", "RS256", jwt({}, { alg: "RS256" }, RS256)],
	["invalid", "RS256 said, HS256 done", jwt({}, { alg: "RS256" })],
	["invalid", "ES256 said, HS256 done", jwt({}, { alg: "ES256" })],
	["invalid", "no alg", jwt({}, { typ: "JWT" })],
	["invalid", "alg is no string", jwt({}, { alg: 256 })],
	["invalid", "another key",
	    jwt({}, { alg: "HS256" }, hmac("sha256", "tr_dev_wrong"))],
	["invalid", "the empty key",
	    jwt({}, { alg: "HS256" }, hmac("sha256", ""))],
	["invalid", "the key's prefix",
	    jwt({}, { alg: "HS256" }, hmac("sha256", KEY.slice(0, -1)))],
	["invalid", "no signature", `${head}.${body}.`],
	["invalid", "no third part", `${head}.${body}`],
	["invalid", "signature cut", plain.slice(0, -1)],
	["invalid", "signature longer", plain + "A"],
	["invalid", "a fourth part", plain + ".x"],
	["invalid", "signature changed",
	    plain.slice(0, -5) + (plain.at(-5) === "A" ? "B" : "A") +
	    plain.slice(-4)],
	["invalid", "claims changed under the signature",
	    `${head}.${b64(JSON.stringify({ ...good,
		scopes: ["admin"] }))}.${signature}`],
	["invalid", "issuer", jwt({ iss: "https://example.org" })],
	["invalid", "no issuer", jwt({ iss: undefined })],
	["invalid", "audience", jwt({ aud: "https://api.example.org" })],
	["invalid", "no audience", jwt({ aud: undefined })],
	["invalid", "audience array without us", jwt({ aud: ["x", 5] })],
	["invalid", "audience empty array", jwt({ aud: [] })],
	["invalid", "pub false", jwt({ pub: false })],
	["invalid", "pub as text", jwt({ pub: "true" })],
	["invalid", "no pub", jwt({ pub: undefined })],
	["invalid", "expired", jwt({ exp: NOW - 1 })],
	["invalid", "expires now", jwt({ exp: NOW })],
	["invalid", "no exp", jwt({ exp: undefined })],
	["invalid", "exp as text", jwt({ exp: String(NOW + 900) })],
	["invalid", "exp null", jwt({ exp: null })],
	["invalid", "nbf to come", jwt({ nbf: NOW + 1 })],
	["invalid", "nbf as text", jwt({ nbf: "0" })],
	["invalid", "claims are an array", token({ alg: "HS256" }, [good])],
	["invalid", "claims are no JSON", token({ alg: "HS256" }, "{")],
	["invalid", "header is no JSON", token("HS256", good)],
	["invalid", "empty", ""],
	["invalid", "two dots", ".."],
	["invalid", "the key itself", KEY],
];

for (const [said, odd, text] of list)
	console.log([said, odd, text].join("\t"));
