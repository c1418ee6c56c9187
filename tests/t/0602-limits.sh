#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0602-limits.sh - chatd serve --rate-limit and --strict-agents

. "$top_srcdir/tests/t/lib.sh"
. "$top_srcdir/tests/t/serve-lib.sh"

script hello <<'END'
{"type":"text-delta","text":"Hello"}
END
mkdir -p "$CHATD_HOME/config/agents"
echo 'You are a pirate.' >"$CHATD_HOME/config/agents/pirate.md"

serve --rate-limit 4 --strict-agents --unix "$scratch/s.sock"
is "$?" 0 "a server with limits is there"
create s1 nobody
is "$status" 422 "with --strict-agents an unknown task is refused (cli.md 6)"
like "$out" 'nobody' "by name"
create s1 pirate
is "$status" 201 "one that is an agent is not"
create s2 chat
is "$status" 201 "nor the default one"
token=$(jq -r .publicAccessToken "$out")
ask GET /api/v1/sessions -D "$scratch/head"
is "$status" 200 "the limit is not reached"
like "$scratch/head" '^x-ratelimit-remaining: 0' "each answer says what is left (session-protocol 15)"
ask GET /api/v1/sessions -H 'Origin: https://page.example' -D "$scratch/head"
is "$status" 429 "then it is (session-protocol 15)"
like "$scratch/head" '^x-ratelimit-limit: 4' "the answer has the limit"
like "$scratch/head" '^x-ratelimit-remaining: 0' "what is left"
like "$scratch/head" '^x-ratelimit-reset: [0-9]{13}.?$' "when that ends, in milliseconds"
like "$scratch/head" '^Access-Control-Allow-Origin' "and can be read by a page (session-protocol 2)"
ask GET /realtime/v1/sessions/s1/out/records -D "$scratch/head"
is "$status" 200 "below /realtime nothing is counted"
is "$(grep -ci ratelimit "$scratch/head")" 0 "nor said"
as "$token"
ask GET /api/v1/sessions/s2
is "$status" 200 "nor for another token"
as wrong
ask GET /api/v1/sessions
is "$status" 401 "and who shows nothing good learns nothing"
curl -sSf --unix-socket "$scratch/s.sock" http://x/api/v1/sessions >"$out" 2>"$err"
is "$?" 0 "our own uid has no limit"
kill -TERM "$serve_pid"
await ended
peer_pid=

serve
create s3 nobody
is "$status" 201 "without --strict-agents an unknown task gets the default agent"
kill -TERM "$serve_pid"
await ended
peer_pid=
run chatd serve --rate-limit 0
is "$status" 2 "a limit of nothing is wrong usage"
finish
