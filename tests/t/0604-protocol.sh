#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0604-protocol.sh - rules of the protocol that no client minds often

. "$top_srcdir/tests/t/lib.sh"
. "$top_srcdir/tests/t/serve-lib.sh"

script hello <<'END'
{"type":"text-delta","text":"Hello"}
END
serve
is "$?" 0 "a server"

# follow NAME [CURL-OPTION...]: the stream's data, until it has settled
follow()
{
	name=$1
	shift
	curl -sSN --max-time 120 -D "$scratch/head" -H "Authorization: Bearer $bearer" \
	    -H 'X-Peek-Settled: 1' "$@" "$url/realtime/v1/sessions/$name/out" \
	    >"$scratch/sse" 2>"$err"
	sed -n 's/^data: \({"records".*\)/\1/p' "$scratch/sse" |
	    jq -c '.records[]' >"$out"
}

# session-protocol 1.2: what clients send beside what is asked for
ask POST /api/v1/auth/jwt/claims -H 'Content-Type: application/json'
is "$status" 200 "a body is not wanted where none is (session-protocol 1.2)"
create s1
first=$(jq -r .runId "$out")
ask POST /realtime/v1/sessions/s1/in/append -H 'Content-Type: text/plain' \
    -H 'x-trigger-source: sdk' -H 'trigger-version: 4.8.3' \
    -H 'x-trigger-client: browser' -H 'traceparent: 00-x-y-01' \
    -H 'pragma: no-cache' -d '{"kind":"nothing known"}'
is "$status" 200 "no type of a body is refused, no header minded"
ask GET '/realtime/v1/sessions/s1/out/records?afterEventId=0&x=1'
is "$status" 200 "nor an unknown parameter (session-protocol 1.1)"
json "$out" '.records == []' "what is not known is consumed in silence (session-protocol 9)"

say s1 one
settled()
{
	follow s1
	grep -qi '^x-session-settled: true' "$scratch/head"
}
await settled
is "$?" 0 "a turn, read without Accept"
like "$scratch/head" '^Content-Type: text/event-stream' "is a stream all the same"
like "$scratch/head" '^X-Stream-Version: v2' "of the version that clients want"
jq -s . "$out" >"$scratch/all"
json "$scratch/all" 'map(select(.body != "")) | length > 4 and
    all(.[]; (.headers // []) == [] and (.body | fromjson |
    (.data | type) == "object" and (.data.type | startswith("trigger:") | not)
    and (.id | type) == "string"))' \
    "data records are envelopes of one object each (session-protocol 8.1)"
json "$scratch/all" '[.[] | select(.body != "") | .body | fromjson.id] |
    length == (unique | length)' "whose ids are unique (session-protocol 4.1)"
json "$scratch/all" 'map(.headers // [] | .[][0]) |
    index("trigger-control") != null and index("") == null' \
    "no header is without a name (session-protocol 8.2)"
json "$scratch/all" '[.[] | .headers // [] | from_entries? // (map({key: .[0],
    value: .[1]}) | from_entries) | .["session-in-event-id"] // empty] ==
    ["1"]' "and the turn covers what was ignored before it"

# session-protocol 1.2: X-Trigger-Stream-Start
curl -sSN --max-time 120 -H "Authorization: Bearer $key" -H 'Timeout-Seconds: 1' \
    -H 'X-Trigger-Stream-Start: latest' "$url/realtime/v1/sessions/s1/out" \
    >"$scratch/latest" 2>"$err"
is "$(grep -c '^event: batch' "$scratch/latest")" 0 \
    "who wants only what is new gets nothing old"
like "$scratch/latest" '\[DONE\]' "to the end"

# session-protocol 17: the form of older clients
ask POST /realtime/v1/sessions/s1/in/append -d '{"kind":"message","payload":{
    "chatId":"s1","trigger":"submit-message","messages":[
    {"id":"a","role":"user","parts":[{"type":"text","text":"old"}]},
    {"id":"b","role":"user","parts":[{"type":"text","text":"newest"}]}]}}'
is "$status" 200 "a whole history is taken (session-protocol 17)"
answered()
{
	ask GET /api/v1/sessions/s1/transcript
	jq -e ".messages | length == $1 and
	    .[-1].parts[-1].text == \"Hello\"" "$out"
}
await answered 4
json "$out" '[.messages[] | select(.role == "user").parts[0].text] ==
    ["one", "newest"]' "and its last message answered"

# session-protocol 9.5: a run is a label, and outlives the process
ask GET /api/v1/sessions/s1
json "$out" '.currentRunId | test("^run_[a-z0-9]{20,26}$")' \
    "there is always a run (session-protocol 9.5)"
json "$out" '.id | test("^session_[a-z0-9]{20,26}$")' \
    "and an id of the form that clients know (session-protocol 4.1)"
is "$(jq -r .currentRunId "$out")" "$first" "which is the first"
kill -KILL "$serve_pid"
await ended
serve
is "$?" 0 "the server was killed and is back"
say s1 again
await answered 6
json "$out" '.messages[-1].parts[-1].text == "Hello"' "streams and cursors go on"
create s1
json "$out" '.isCached and (.runId | startswith("run_"))' "a create finds run and session"

# session-protocol 8.3: the close is told behind the last turn
ask POST /api/v1/sessions/s1/close -d '{"reason":"enough"}'
closed()
{
	follow s1
	grep -q session-closed "$out" &&
	    grep -q '^X-Session-Settled: true' "$scratch/head"
}
await closed
is "$?" 0 "after a close all is settled (session-protocol 7.6)"
tail -n 1 "$out" >"$scratch/last"
json "$scratch/last" '.headers == [["trigger-control", "session-closed"],
    ["session-closed-reason", "enough"]] and (.body // "") == ""' \
    "a close is a control record, the last (session-protocol 8.3)"

# session-protocol 12: no head start
ask POST /api/v1/sessions -d '{"type":"chat.agent","externalId":"h",
    "taskIdentifier":"chat","triggerConfig":{"basePayload":{"chatId":"h",
    "trigger":"handover-prepare","headStartMessages":[]}}}'
is "$status" 422 "a head start is refused, not left hanging (session-protocol 12)"
ask GET /api/v1/sessions/h
is "$status" 404 "and makes no session"

# session-protocol 5.1.3, 5.1.4: a first message, which is no record of `in`
first()
{
	ask POST /api/v1/sessions -d '{"type":"chat.agent","externalId":"f",
	    "taskIdentifier":"chat","triggerConfig":{"basePayload":{
	    "chatId":"f","trigger":"submit-message","message":{"id":"'"$1"'",
	    "role":"user","parts":[{"type":"text","text":"hi"}]}}}}'
}
ends()
{
	ask GET /realtime/v1/sessions/f/out/records
	jq -c '[.records[].headers // empty | map(.[0])]' "$out" >"$scratch/ends"
	[ "$(jq length "$scratch/ends")" = "$1" ]
}
first u1
is "$status" 201 "a create may bring a message"
await ends 1
is "$?" 0 "which is answered"
json "$scratch/ends" '. == [["trigger-control", "public-access-token"]]' \
    "without a number of a record (session-protocol 5.1.4)"
first u2
is "$status" 200 "the same session again, with another message"
say f u3
await ends 2
ask GET /api/v1/sessions/f/transcript
json "$out" '[.messages[] | select(.role == "user").id] == ["u1", "m-u3"]' \
    "which is dropped (session-protocol 5.1.3)"
kill -TERM "$serve_pid"
await ended
peer_pid=
finish
