#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0920-remote-badnet.sh - nothing is lost and nothing twice over a bad network

. "$top_srcdir/tests/t/lib.sh"

server_home=$scratch/server
mkdir "$server_home"
{
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		printf '{"type":"text-delta","text":"word %s of a long answer. "}\n' $i
		echo '{"wait":20}'
	done
} | script long
CHATD_HOME=$server_home "$CHATD" serve --listen 127.0.0.1:0 \
    -m "script:$scratch/long" >"$scratch/serve.out" 2>&1 &
serve_pid=$!
await grep -q '^listening' "$scratch/serve.out"
url=$(sed -n 's/^listening at \(http[^ ]*\) .*/\1/p' "$scratch/serve.out")
key=$(grep -m1 '^tr_' "$server_home/config/keys")
node "$top_srcdir/tests/clients/badnet.mjs" "$url" >"$scratch/net.port" &
peer_pid=$!
await test -s "$scratch/net.port"
net=http://127.0.0.1:$(cat "$scratch/net.port")
trap 'kill $serve_pid 2>/dev/null; cleanup' EXIT

net()
{
	curl -sS -X POST "$net/net/$1" >"$scratch/net.log"
}

# users SESSION: what people said, as the server has it
users()
{
	CHATD_HOME=$server_home chatd show --remote "$url" --token "$key" "$1" \
	    --json | jq -c '[.messages[] | select(.role == "user") |
	    .parts[0].text]'
}

run chatd run --remote "$url" --token "$key" -s straight hi </dev/null
is "$status" 0 "without anything in between"
cp "$out" "$scratch/wanted"

net 'cut?bytes=3000'
run chatd run --remote "$net" --token "$key" -s cut hi </dev/null
is "$status" 0 "cut at random places it ends well"
cmp "$out" "$scratch/wanted" >/dev/null
pass $? "with the same answer, byte for byte"
net cut
json "$scratch/net.log" 'map(select(. == "cut")) | length >= 1' \
    "it was cut"
is "$(users cut)" '["hi"]' "and what was said is there once"

net 'late?ms=60'
run chatd run --remote "$net" --token "$key" -s late hi </dev/null
cmp "$out" "$scratch/wanted" >/dev/null
pass $? "connections out of order change nothing"
net late

net 'lose?n=2'
run chatd run --remote "$net" --token "$key" -s lost hi </dev/null
is "$status" 0 "the answer to a send gets lost, twice"
cmp "$out" "$scratch/wanted" >/dev/null
pass $? "and the turn's answer is there"
is "$(users lost)" '["hi"]' "what was said is there once: the same X-Part-Id (session-protocol 18.7)"
net log
json "$scratch/net.log" '[.[] | select(test("lost/in/append"))] |
    length == 3 and (map(split(" ")[3]) | unique | length == 1)' \
    "three tries had one part id"

net '502?n=4'
run chatd run --remote "$net" --token "$key" -s bad hi </dev/null
is "$status" 0 "502 for a while is waited out"
cmp "$out" "$scratch/wanted" >/dev/null
pass $? "and nothing is missing"

net '502?n=8'
run chatd run -v --remote "$net" --token "$key" -s begin hi </dev/null
is "$status" 0 "and so is one at the very beginning, by more than five tries"
cmp "$out" "$scratch/wanted" >/dev/null
pass $? "with nothing missing"
like "$err" 'no connection, trying again: the server answered 502' \
    "which -v says"

net '502?n=1000000'
run chatd run --remote "$net" --token "$key" --timeout 1 hi </dev/null
is "$status" 124 "but not for longer than --timeout"
net log
"$CHATD" run --json --remote "$net" --token "$key" hi </dev/null >"$out" \
    2>"$err" &
early=$!
before=$(grep -o '"502 ' "$scratch/net.log" | wc -l)
one_more()
{
	net log
	[ "$(grep -o '"502 ' "$scratch/net.log" | wc -l)" -gt "$before" ]
}
await one_more
kill "$early"
wait "$early"
is "$?" 143 "nor than somebody wants"
json "$out" '.error.code == "TERMINATED"' "which its result says"
net 502

net 'twice?n=3'
run chatd run --remote "$net" --token "$key" -s twice hi </dev/null
is "$status" 0 "a send that comes over two connections at once"
cmp "$out" "$scratch/wanted" >/dev/null
pass $? "is answered once"
said_twice()
{
	net log
	jq -e 'any(.[]; test("^twice 200"))' "$scratch/net.log"
}
await said_twice
pass $? "both arrived"
is "$(users twice)" '["hi"]' "and it is there once"
net twice

# 502 for longer than six tries take: a run gives up in words, a person waits
tried()
{
	net log
	jq -e --argjson n "$1" '[.[] | select(test("^502 POST .*/append"))] |
	    length >= $n' "$scratch/net.log"
}
chatd run --remote "$net" --token "$key" -s gone first </dev/null \
    >"$out" 2>"$err"
net '502?n=1000000&only=/append'
mkfifo "$scratch/gone"
chatd attach "$net" --token "$key" -s gone <"$scratch/gone" >"$out" 2>"$err" &
attached=$!
exec 9>"$scratch/gone"
echo hi >&9
await tried 6
is "$?" 0 "502 for longer than a run would wait"
like "$err" 'not sent yet: .*trying again in [0-9]* s' "which is said"
is "$(users gone)" '["first"]' "nothing has arrived"
net 502
await grep -q 'word 20 of' "$out"
twenty()
{
	[ "$(grep -c 'word 20 of' "$out")" -ge 2 ]
}
await twenty
is "$?" 0 "it is sent when the server is back, and answered"
exec 9>&-
wait "$attached"
is "$?" 0 "and all ends well"
is "$(users gone)" '["first","hi"]' "the message is there once"

# a person types while the network is away
mkfifo "$scratch/pipe"
chatd attach "$net" --token "$key" -s cut <"$scratch/pipe" >"$out" 2>"$err" &
attached=$!
exec 9>"$scratch/pipe"
echo first >&9
answers()
{
	[ "$(grep -c 'word 20 of' "$out")" -ge "$1" ]
}
await answers 2
is "$?" 0 "line mode over the same network"
net down
await grep -q 'no connection: .*trying again in [0-9]* s' "$err"
is "$?" 0 "it says that the connection is lost, and when it tries again"
echo typed while away >&9
await grep -q 'not sent yet: .*trying again in [0-9]* s' "$err"
is "$?" 0 "and that what was typed waits"
net up
await answers 3
is "$?" 0 "it is sent when the network is back"
await grep -q 'connected again' "$err"
is "$?" 0 "which is said"
exec 9>&-
wait "$attached"
is "$?" 0 "line mode ends well"
is "$(users cut)" '["hi","first","typed while away"]' "all was said once"
CHATD_HOME=$server_home chatd show --remote "$url" --token "$key" cut \
    >"$scratch/all"
is "$(grep -c 'word 20 of' "$scratch/all")" 3 "and answered once"

# the server dies in an answer and comes back
port=${url##*:}
: >"$out"
chatd run --remote "$net" --token "$key" -s killed -o stream-json hi \
    </dev/null >"$out" 2>"$err" &
running=$!
await grep -q 'word 3 of' "$out"
kill -KILL "$serve_pid"
wait "$serve_pid" 2>/dev/null
CHATD_HOME=$server_home "$CHATD" serve --listen "127.0.0.1:$port" \
    -m "script:$scratch/long" >"$scratch/serve.out" 2>&1 &
serve_pid=$!
wait "$running"
is "$?" 0 "a server that is killed in an answer and comes back: it ends well"
json "$out" 'select(.type == "result") | .result | contains("word 20 of")' \
    "with the whole answer"
jq -s -e '[.[] | .seq // empty] | . == (. | unique)' "$out" >/dev/null
pass $? "no record came twice"
is "$(users killed)" '["hi"]' "and what was said is there once"
finish
