#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0614-browser-tools.sh - tools and sub-agents in the page, in real Chromium

. "$top_srcdir/tests/t/lib.sh"
. "$top_srcdir/tests/clients/clients.sh"

clients_web
mkdir -p "$CHATD_HOME/config/agents"
cat >"$CHATD_HOME/config/agents/kid.md" <<END
---
model: "script:$(cd "$top_srcdir" && pwd)/tests/clients/kid.script"
---
You count.
END
clients_script=tools.script
clients_run browser-tools.mjs --sandbox off
