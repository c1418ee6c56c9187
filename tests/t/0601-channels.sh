#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0601-channels.sh - side channels of a session (session-protocol 14)

. "$top_srcdir/tests/t/lib.sh"
. "$top_srcdir/tests/t/serve-lib.sh"

script hello <<'END'
{"type":"text-delta","text":"Hello"}
END
serve
is "$?" 0 "a server is there"
create s1 >/dev/null
session=$(jq -r .id "$out")
token=$(jq -r .publicAccessToken "$out")
R=/realtime/v1/sessions

as "$token"
ask POST $R/s1/channels/log/in/append -H 'X-Part-Id: p1' -d '{"kind":"any"}'
json "$out" '.ok and .seq == 0' "the session's token appends to in (session-protocol 14)"
ask POST "$R/$session/channels/log/in/append" -H 'X-Part-Id: p1' -d '{"kind":"any"}'
json "$out" '.ok and .seq == 0' "a part id counts once, by either name (session-protocol 6.3)"
ask POST $R/s1/channels/other/in/append -H 'X-Part-Id: p1' -d 1
json "$out" '.ok and .seq == 0' "but in one channel only"
ask POST $R/s1/channels/log/out/append -d 1
is "$status" 403 "out takes the secret key (session-protocol 14)"
as "$key"
ask POST $R/s1/channels/log/out/append -H 'X-Part-Id: q1' -d '{"payload":{"chatd":1}}'
json "$out" '.ok and .seq == 0' "which appends there"
ask POST $R/s1/channels/log/out/append -H 'X-Part-Id: q2' -d '"two"'
json "$out" '.ok and .seq == 1' "in its own numbers"
ask GET $R/s1/channels/log/out/records
json "$out" '[.records[] | [.seqNum, .id]] == [[0, "q1"], [1, "q2"]]' \
    "its records are these (session-protocol 7.8)"
like "$out" 'chatd' "as they were sent"
ask GET $R/s1/channels/log/out/records?afterEventId=0
json "$out" '[.records[].seqNum] == [1]' "or those behind a number"
ask GET $R/s1/channels/log/out -H 'Timeout-Seconds: 1' -H 'X-Peek-Settled: 1' \
    -D "$scratch/head"
like "$out" '"seq_num":0.*"seq_num":1' "they are read as a stream (session-protocol 7.2)"
unlike "$scratch/head" '^X-Session-Settled' "that is never settled"
ask GET $R/s1/channels/log/out -H 'Timeout-Seconds: 1' -H 'Last-Event-ID: 0'
unlike "$out" '"seq_num":0[,}].*record' "from behind a number on (session-protocol 7.4)"
like "$out" '"seq_num":1' "to the end"
ask GET $R/s1/channels/none/in/records
json "$out" '.records == []' "one that nobody has written to is empty"
ask GET $R/s1/out/records
json "$out" '.records == []' "no turn is begun by any of that (session-protocol 14)"

ask GET $R/nobody/channels/log/in/records
is "$status" 404 "no session, no channel"
ask GET "$R/s1/channels/a%20b/in/records"
is "$status" 400 "a name has no space in it"
ask GET "$R/s1/channels/$(printf '%0129d' 0)/in/records"
is "$status" 400 "nor more than 128 characters"
ask DELETE $R/s1/channels/log/out
is "$status" 405 "another method is not known"

curl -sSI -H "Authorization: Bearer $key" "$url$R/s1/out" >"$out" 2>"$err"
like "$out" '^HTTP/1.1 200' "HEAD tells of a stream (session-protocol 1, E20)"
like "$out" '^X-Last-Chunk-Index: 0' "what old clients look for"
curl -sSI "$url$R/s1/out" >"$out" 2>"$err"
like "$out" '^HTTP/1.1 401' "to those who may read it"

# a token of our own: SCOPE...
mint()
{
	as "$key"
	ask POST /api/v1/auth/public-tokens -d "$(jq -nc \
	    '{scopes: $ARGS.positional}' --args "$@")"
	as "$(jq -r .token "$out")"
}
mint read:sessions:s1:channels:log
ask GET $R/s1/channels/log/out/records
is "$status" 200 "a token for one channel reads it (session-protocol 14)"
ask GET "$R/$session/channels/log/in/records"
is "$status" 200 "both ways, by the session's other name too"
ask GET $R/s1/channels/log2/out/records
is "$status" 403 "and no other channel"
ask GET $R/s1/out/records
is "$status" 403 "nor the session"
ask POST $R/s1/channels/log/in/append -d 1
is "$status" 403 "and does not write"
mint "write:sessions:$session:channels:log:in"
ask POST $R/s1/channels/log/in/append -d 1
json "$out" '.ok and .seq == 1' "one for one direction writes there"
ask GET $R/s1/channels/log/in/records
is "$status" 403 "and does not read"
mint read:sessions:s1:channels:log:in
ask GET $R/s1/channels/log/out/records
is "$status" 403 "one for in does not read out"

# who reads before there is a session gets its records (session-protocol 7.5)
curl -sSN --max-time 300 -H "Authorization: Bearer $key" -H 'Timeout-Seconds: 300' \
    "$url$R/later/channels/log/in" >"$scratch/early" &
early=$!
as "$key"
logged()
{
	grep -q 'later/channels/log/in 200' "$scratch/serve.err"
}
await logged
create later >/dev/null
ask POST $R/later/channels/log/in/append -d '"for the early"'
await grep -q 'for the early' "$scratch/early"
is "$?" 0 "a reader may come before the session (session-protocol 7.5)"
kill "$early"

ask POST /api/v1/sessions/s1/close -d '{}'
ask POST $R/s1/channels/log/in/append -d 1
json "$out" '.code == "session_closed"' "a closed session's channels are closed"

run chatd fork s1
fork=$(cat "$out")
ask GET "$R/$fork/channels/log/in/records"
json "$out" '[.records[].seqNum] == [0, 1]' "a fork has the side channels"
ask POST "$R/$fork/channels/log/in/append" -d 1
json "$out" '.ok and .seq == 2' "and writes on behind them"
ask GET $R/s1/channels/log/in/records
json "$out" '[.records[].seqNum] == [0, 1]' "into its own"

kill -KILL "$serve_pid"
wait "$serve_pid" 2>/dev/null
serve
ask GET $R/s1/channels/log/in/records
json "$out" '[.records[].seqNum] == [0, 1]' "they outlive kill -9"
kill -TERM "$serve_pid"
await ended
peer_pid=
finish
