#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// browser.mjs - a browser whose person says yes: follows where it is led

await fetch(process.argv[2]).then((answer) => answer.text());
