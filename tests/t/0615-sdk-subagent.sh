#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0615-sdk-subagent.sh - sub-agents as the published SDK reads them

. "$top_srcdir/tests/t/lib.sh"
. "$top_srcdir/tests/clients/clients.sh"

mkdir -p "$CHATD_HOME/config/agents"
cat >"$scratch/boss" <<'END'
{"type":"tool-call","id":"c1","name":"Task","input":{"description":"tell","prompt":"tell","agent":"kid"}}
{"turn":1}
{"type":"text-delta","text":"told"}
END
i=0
while [ $i -lt 400 ]; do
	printf '{"type":"text-delta","text":"w%d "}\n' $i
	[ $((i % 20)) != 0 ] || printf '{"wait":40}\n'
	i=$((i + 1))
done >"$scratch/kid"
for agent in boss kid; do
	printf -- '---\nmodel: "script:%s"\n---\nYou are %s.\n' \
	    "$scratch/$agent" "$agent" \
	    >"$CHATD_HOME/config/agents/$agent.md"
done
clients_run subagent.mjs
