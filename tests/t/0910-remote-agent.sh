#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0910-remote-agent.sh - a server that is no chatd, around a real chat.agent()

. "$top_srcdir/tests/t/lib.sh"
. "$top_srcdir/tests/clients/clients.sh"

clients_need
cp "$top_srcdir"/tests/clients/ref*.mjs "$scratch/"
ln -s "$(cd "$clients_dir" && pwd)/node_modules" "$scratch/node_modules"
key=tr_dev_refrefrefrefrefrefref0001
REF_KEY=$key node "$scratch/refserver.mjs" >"$scratch/ref.port" \
    2>"$scratch/ref.err" &
peer_pid=$!
await test -s "$scratch/ref.port"
CHATD_URL=http://127.0.0.1:$(cat "$scratch/ref.port") CHATD_TOKEN=$key
export CHATD_URL CHATD_TOKEN

run chatd run -a ref-agent -s one hello </dev/null
is "$status" 0 "a new session"
same "$out" 'You said hello; message 1.\n' "is answered by the real agent"
run chatd run -s one again </dev/null
same "$out" 'You said again; message 2.\n' "a second turn knows the first"
run chatd run -s one --json "weather please" </dev/null
json "$out" '.result == "The tool said \"rain in Bergen\"."' "a tool is used"
json "$out" '[.message.parts[] | select(.type == "tool-weather")][0].output ==
    "rain in Bergen"' "and its output is in the message"

run chatd run -s one --json "remove it" </dev/null
is "$status" 3 "a call waits for approval: 3"
json "$out" '.denied[0].toolName == "remove"' "and which is told"
run chatd show one
like "$out" 'remove .*approval' "show shows it"
run chatd approve one
is "$status" 0 "approve answers (session-protocol 18.12)"
run chatd wait one
is "$status" 0 "and the turn goes on to its end"
run chatd show one --json
json "$out" '[.messages[] | .parts[-1].text] == ["hello",
    "You said hello; message 1.", "again", "You said again; message 2.",
    "weather please", "The tool said \"rain in Bergen\".", "remove it",
    "The tool said \"a.txt is gone\"."]' \
    "show has all turns, though the server has trimmed the first ones"
run chatd run -s one "remove this too" </dev/null
run chatd approve one --deny "not that"
run chatd wait one
run chatd show one
like "$out" 'not that' "a denial reaches the agent with its reason"

chatd run -s one -o stream-json "slow please" </dev/null \
    >"$scratch/slow" 2>/dev/null &
slow=$!
await grep -q '"delta":"word ' "$scratch/slow"
run chatd stop one
is "$status" 0 "stop stops a turn"
wait "$slow"
is "$?" 130 "who waits for it learns that"
tail -n 1 "$scratch/slow" >"$scratch/result"
json "$scratch/result" '.result | startswith("word ") and length < 5000' \
    "and has the part that was said"
run chatd run -s one after </dev/null
is "$status" 0 "the next turn is its own (session-protocol 18.8)"
like "$out" '^You said after; message [0-9]+\.$' "with its own answer only"
printf 'three\nfour\n' >"$scratch/typed"
run chatd attach one <"$scratch/typed"
is "$status" 0 "attach goes on with it"
like "$out" 'You said after' "shows what was said"
like "$out" 'You said four' "and answers all"
run chatd show one --json
json "$out" '[.messages[] | select(.role == "user") | .parts[0].text][-3:] ==
    ["after", "three", "four"]' "each message is there once"

# two runs at once: each ends with its own turn-complete (18.8)
pids=
for who in a b c; do
	"$CHATD" run -s one "I am $who" </dev/null >"$scratch/two.$who" \
	    2>"$scratch/two.err.$who" &
	pids="$pids $!"
done
all=0
for pid in $pids; do
	wait "$pid" || all=$?
done
is "$all" 0 "runs at once in one session all end well"
for who in a b c; do
	is "$(sed 's/; message.*//' "$scratch/two.$who")" "You said I am $who" \
	    "$who has its own answer and no other"
done
run chatd show one --json
json "$out" '[.messages[] | select(.role == "user") | .parts[0].text][-3:] |
    sort == ["I am a", "I am b", "I am c"]' "and each message is there once"

# while a turn runs it is refused, for its end would bring a new one
expired()
{
	curl -sSf -X POST "$CHATD_URL/test/expire" >/dev/null 2>&1
}
await expired
run env -u CHATD_TOKEN "$CHATD" run -s one --token "$(
    curl -sS -X POST -H "Authorization: Bearer $key" "$CHATD_URL/api/v1/sessions" \
	-d '{"type":"chat.agent","externalId":"one","taskIdentifier":"ref-agent",
	"triggerConfig":{"basePayload":{}}}' | jq -r .publicAccessToken)" \
    tokened </dev/null
is "$status" 0 "a session's token is enough"
mkfifo "$scratch/pipe"
chatd attach "$CHATD_URL" -a ref-agent <"$scratch/pipe" >"$out" 2>"$err" &
attached=$!
exec 9>"$scratch/pipe"
echo first >&9
await grep -q 'You said first' "$out"
await expired
echo second >&9
await grep -q 'message 2' "$out"
is "$?" 0 "a token that has run out is replaced (session-protocol 18.11)"
curl -sS "$CHATD_URL/test/log" >"$scratch/log"
json "$scratch/log" 'map(select(endswith("nobody"))) | length >= 1' \
    "after it was refused"
json "$scratch/log" 'map(select(. == "POST /api/v1/auth/jwt/claims key")) |
    length >= 1' "by one made with the key"
curl -sS -X POST "$CHATD_URL/test/forget" >/dev/null
echo third >&9
await grep -q 'You said third; message 1' "$out"
is "$?" 0 "a session that has vanished is made again (session-protocol 18.10)"
like "$err" 'begins anew' "which is said"
exec 9>&-
wait "$attached"
is "$?" 0 "and line mode ends well"

curl -sS -X POST "$CHATD_URL/test/legacy" >/dev/null
run chatd run -a ref-agent -s old hello </dev/null
same "$out" 'You said hello; message 1.\n' \
    "the end of a turn may be a chunk (session-protocol 18.5)"
run chatd run -s old --timeout 60 again </dev/null
same "$out" 'You said again; message 2.\n' "and the next turn is found behind it"
run chatd show old --json
json "$out" '[.messages[] | .parts[-1].text] == ["hello",
    "You said hello; message 1.", "again", "You said again; message 2."]' \
    "show has both"
curl -sS -X POST "$CHATD_URL/test/busy" >/dev/null
run chatd show old
is "$status" 75 "what people said is not to be had just now"
curl -sS -X POST "$CHATD_URL/test/busy" >/dev/null
run chatd run -s old third </dev/null
run chatd show old --json
json "$out" '[.messages[] | select(.role == "user") | .parts[0].text] ==
    ["hello", "again", "third"]' "which is no reason to forget it"
curl -sS -X POST "$CHATD_URL/test/legacy" >/dev/null

run chatd run -a ref-agent -s two hello </dev/null
run chatd ls --json
json "$out" 'map(.externalId) | index("two") != null' "ls lists"
run chatd tag two red
run chatd show two --json
json "$out" '.session.tags == ["red"]' "tag tags"
for what in "search x" "rename two x" "rm -y two" "fork two" "export two"; do
	# shellcheck disable=SC2086
	run chatd $what
	is "$status" 69 "$what: 69"
	like "$err" 'the server cannot do that, it is no chatd' "and why"
done
run chatd export two --markdown
like "$out" 'You said hello' "export --markdown needs no endpoint"
run chatd ls --status running
is "$status" 69 "which run, the server does not tell"
run chatd close two --reason enough
is "$status" 0 "close closes"
run chatd run -s two more </dev/null
is "$status" 1 "a closed session takes nothing"
like "$err" 'closed' "and that is said"
run chatd show two
like "$out" 'You said hello' "but is readable"
run chatd ls --all --json
json "$out" 'map(select(.externalId == "two"))[0].state == "closed"' \
    "ls --all knows it is closed"
is "$(find "$CHATD_HOME" -name '*.db*')" "" "no store was opened here"

kill "$peer_pid"
wait "$peer_pid"
peer_pid=
finish
