#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0600-serve.sh - chatd serve: keys, tokens, addresses, its end; by curl

. "$top_srcdir/tests/t/lib.sh"

# serve [OPTION...]: start it on a free port; $url, $serve_pid, $key
serve()
{
	# what an earlier one has said is not this one's
	: >"$scratch/serve.out"
	"$CHATD" serve --listen 127.0.0.1:0 -m "$model" "$@" \
	    >"$scratch/serve.out" 2>"$scratch/serve.err" &
	serve_pid=$!
	peer_pid=$serve_pid
	await grep -q '^listening' "$scratch/serve.out" || return 1
	url=$(sed -n 's/^listening at \(http[^ ]*\) .*/\1/p' "$scratch/serve.out")
	key=$(grep -m1 '^tr_' "${key_file:-$CHATD_HOME/config/keys}")
}

# ask METHOD PATH [CURL-OPTION...]: the body in $out, $status of HTTP
ask()
{
	method=$1 path=$2
	shift 2
	status=$(curl -sS -o "$out" -w '%{http_code}' -X "$method" \
	    --max-time 120 "$@" "$url$path" 2>"$err")
}

ended()
{
	! kill -0 "$serve_pid"
}

script hello <<'END'
{"type":"text-delta","text":"Hello"}
{"wait":300}
{"type":"text-delta","text":" there"}
END

serve
is "$?" 0 "it listens at a free port"
is "$(stat -c %a "$CHATD_HOME/config/keys")" 600 "the key file is made, for us alone"
is "$(printf '%s' "$key" | grep -cE '^tr_dev_[0-9A-Za-z]{24}$')" 1 \
    "its key has the form of session-protocol 3.2"
like "$scratch/serve.out" 'TRIGGER_SECRET_KEY=' "it says how to use the key"
unlike "$scratch/serve.out" "$key" "and does not show it"

ask GET /healthz
is "$status" 200 "healthz needs no key"
ask GET /api/v1/sessions
is "$status" 401 "the list needs one (session-protocol 3.1)"
ask GET /api/v1/sessions -H "Authorization: Bearer $key"
is "$status" 200 "and is given for it"

# the recipe of the protocol: create, append, read
ask POST /api/v1/sessions -H "Authorization: Bearer $key" \
    -H 'Content-Type: application/json' -d '{"type":"chat.agent",
	"externalId":"chat 1","taskIdentifier":"chat",
	"triggerConfig":{"basePayload":{"chatId":"chat 1","trigger":"preload"}}}'
is "$status" 201 "a session is made"
token=$(jq -r .publicAccessToken "$out")
ask POST /realtime/v1/sessions/chat%201/in/append \
    -H "Authorization: Bearer $token" -H 'X-Part-Id: p1' \
    -d '{"kind":"message","payload":{"chatId":"chat 1",
	"trigger":"submit-message","message":{"id":"m1","role":"user",
	"parts":[{"type":"text","text":"hi"}]}}}'
json "$out" '.ok and .seq == 0' "its token appends (session-protocol 6.1)"
answered()
{
	ask GET /realtime/v1/sessions/chat%201/out/records \
	    -H "Authorization: Bearer $token"
	grep -q turn-complete "$out"
}
await answered
ask GET /realtime/v1/sessions/chat%201/out -N \
    -H "Authorization: Bearer $token" -H 'Timeout-Seconds: 1'
like "$out" '^event: batch' "its token reads (session-protocol 7.2)"
like "$out" 'Hello' "the answer is there"
like "$out" '"trigger-control","turn-complete"' "and its end (session-protocol 8.2)"
like "$out" '"session-in-event-id","0"' "correlated with the append"
like "$out" '"public-access-token","ey' "with a new token (session-protocol 3.7)"
ask GET /realtime/v1/sessions/chat%201/out -H "Authorization: Bearer $token" \
    -H 'X-Peek-Settled: 1' -D "$scratch/head"
like "$scratch/head" '^X-Session-Settled: true' "who comes late is told so (session-protocol 7.6)"

chatd token 'chat 1' --read --ttl 5m >"$scratch/read"
read=$(cat "$scratch/read")
ask GET /api/v1/sessions/chat%201 -H "Authorization: Bearer $read"
is "$status" 200 "chatd token makes a token that reads"
ask POST /realtime/v1/sessions/chat%201/in/append \
    -H "Authorization: Bearer $read" -d '{}'
is "$status" 403 "and with --read writes nothing"

like "$scratch/serve.err" 'POST /realtime/v1/sessions/chat%201/in/append 200$' \
    "each request is a line of the log"
unlike "$scratch/serve.err" "$key|$token|$read|eyJ" "secrets never are in it"

# rotation: a new key on top; the old one and its tokens hold until taken out
{ echo tr_dev_newkeynewkeynewkeynew123; grep '^tr_' "$CHATD_HOME/config/keys"
  grep '^# environment' "$CHATD_HOME/config/keys"; } >"$scratch/keys"
cat "$scratch/keys" >"$CHATD_HOME/config/keys"
kill -HUP "$serve_pid"
takes()
{
	curl -sSf --max-time 60 -o /dev/null -H "Authorization: Bearer $1" \
	    "$url/api/v1/sessions/chat%201"
}
await takes tr_dev_newkeynewkeynewkeynew123
is "$?" 0 "after SIGHUP a new key counts"
takes "$key" && takes "$token"
is "$?" 0 "and the old one, with its tokens"
sed -i "/$key/d" "$CHATD_HOME/config/keys"
kill -HUP "$serve_pid"
gone()
{
	! takes "$key" 2>/dev/null
}
await gone
is "$?" 0 "until it is taken out"
! takes "$token" 2>/dev/null
is "$?" 0 "then its tokens are nothing"

kill -TERM "$serve_pid"
await ended
is "$?" 0 "SIGTERM ends it"
wait "$serve_pid"
is "$?" 0 "with status 0"
peer_pid=
empty_dir=$(find "$CHATD_HOME/run" -name '*.sock')
is "$empty_dir" "" "and leaves no socket"

chmod 644 "$CHATD_HOME/config/keys"
run chatd serve --listen 127.0.0.1:0
is "$status" 78 "a key file that others can read is refused"
like "$err" '^hint: chmod 600' "with a hint"
run chatd serve --listen nowhere
is "$status" 78 "the key file comes first"
chmod 600 "$CHATD_HOME/config/keys"
run chatd serve --listen nowhere
is "$status" 2 "an address that is none is wrong usage"
run chatd token x --ttl never
is "$status" 2 "so is a time that is none"
run chatd token x --key-file "$scratch/none"
is "$status" 66 "no key file: no token"

# an answer under way when the server is killed goes on at the next start
script slow <<'END'
{"type":"text-delta","text":"One"}
{"wait":1500}
{"type":"text-delta","text":" two"}
END
serve --cors https://page.example --unix "$scratch/s.sock"
key=tr_dev_newkeynewkeynewkeynew123
ask OPTIONS /api/v1/sessions -H 'Origin: https://page.example' \
    -H 'Access-Control-Request-Headers: authorization' -D "$scratch/head"
like "$scratch/head" '^Access-Control-Allow-Origin: https://page.example' \
    "--cors lets in its origin (session-protocol 2)"
ask GET /healthz -H 'Origin: https://other.example' -D "$scratch/head"
unlike "$scratch/head" '^Access-Control-Allow-Origin' "and no other"
curl -sSf --unix-socket "$scratch/s.sock" http://x/api/v1/sessions >"$out" 2>"$err"
is "$?" 0 "over --unix no key is asked for"
ask POST /api/v1/sessions -H "Authorization: Bearer $key" -d '{
	"type":"chat.agent","externalId":"slow","taskIdentifier":"chat",
	"triggerConfig":{"basePayload":{"chatId":"slow","trigger":"submit-message",
	"message":{"id":"m1","role":"user","parts":[{"type":"text","text":"hi"}]}}}}'
is "$status" 201 "a first message starts a turn (session-protocol 5.1.2)"
said()
{
	curl -sS --max-time 60 -H "Authorization: Bearer $key" \
	    "$url/realtime/v1/sessions/slow/out/records" | grep -q "$1"
}
await said One
kill -KILL "$serve_pid"
wait "$serve_pid" 2>/dev/null
serve
key=tr_dev_newkeynewkeynewkeynew123
await said turn-complete
is "$?" 0 "killed in an answer, it goes on at the next start (session-protocol 9.4)"
ask GET /realtime/v1/sessions/slow/out/records -H "Authorization: Bearer $key"
json "$out" '[.records[].seqNum] == [range(.records | length)]' \
    "no number is missing or twice"
json "$out" '[.records[] | select(.headers[0][1] == "turn-complete")] | length == 1' \
    "exactly one turn-complete"
kill -TERM "$serve_pid"
await ended
is "$?" 0 "it ends with readers gone"
peer_pid=
finish
