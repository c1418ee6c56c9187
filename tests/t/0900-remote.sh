#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0900-remote.sh - every command at another chatd serve, with nothing kept here

. "$top_srcdir/tests/t/lib.sh"

server_home=$scratch/server
mkdir "$server_home"

# serve [OPTION...]: $url, $key; its home is another one
# shellcheck disable=SC2120 # some calls give none
serve()
{
	CHATD_HOME=$server_home "$CHATD" serve --listen "${listen:-127.0.0.1:0}" \
	    -m "$model" "$@" >"$scratch/serve.out" 2>"$scratch/serve.err" &
	peer_pid=$!
	await grep -q '^listening' "$scratch/serve.out" || return 1
	url=$(sed -n 's/^listening at \(http[^ ]*\) .*/\1/p' "$scratch/serve.out")
	key=$(grep -m1 '^tr_' "$server_home/config/keys")
}

script hello <<'END'
{"type":"text-delta","text":"Hello"}
{"wait":50}
{"type":"text-delta","text":" there"}
END
serve
is "$?" 0 "a server for the others"

run chatd run --remote "$url" --token "$key" hi </dev/null
is "$status" 0 "run --remote asks there"
same "$out" 'Hello there\n' "and prints the answer"
run chatd run --remote "$url" --token "$key" -s mine --json hi </dev/null
json "$out" '.externalId == "mine" and .result == "Hello there"' \
    "run --json tells the session's id over there"
run chatd run --remote "$url/sessions/mine" --token "$key" again </dev/null
is "$status" 0 "a URL may name the session"
run chatd run --remote "$url/" --token "$key" -s mine -a chat \
    --permission-mode deny --max-steps 3 --network third </dev/null
is "$status" 0 "-s goes on with one that is there"
sed 's/:.*//' "$err" | sort | tr '\n' ' ' >"$scratch/said"
is "$(cat "$scratch/said")" "--max-steps --network --permission-mode " \
    "what the server decides is noted, each option of it"

CHATD_URL=$url CHATD_TOKEN=$key
export CHATD_URL CHATD_TOKEN
run chatd show mine --json
json "$out" '[.messages[] | select(.role == "user") | .parts[0].text] ==
    ["hi", "again", "third"]' "CHATD_URL: show has all three turns, once each"
run chatd ls --json
json "$out" '[.[].externalId] | index("mine") != null' "ls lists it"
run chatd rename mine a new name
run chatd tag mine red blue
run chatd ls --tag red --json
json "$out" '.[0].title == "a new name" and .[0].tags == ["red", "blue"]' \
    "rename and tag change it there"
run chatd send mine and more
is "$status" 0 "send puts a message there"
run chatd wait mine
is "$status" 0 "wait waits for its turn"
run chatd show mine
like "$out" '^> and more' "which was run there"
run chatd fork mine
is "$(grep -c '^session_' "$out")" 1 "fork prints the copy's id"
run chatd undo mine
is "$status" 0 "undo takes the last exchange back"
run chatd show mine
unlike "$out" 'and more' "and it is gone"
run chatd export mine
json "$out" '.session.externalId == "mine"' "export brings it here"
run chatd import - <"$out"
run chatd search there
like "$out" 'assistant: ' "search looks there"
run chatd stop mine
is "$status" 0 "stop of what does not run is no failure"
run chatd close mine --reason "done"
is "$status" 0 "close closes it"
run chatd send mine too late
is "$status" 1 "a closed session takes nothing (session-protocol 6.2)"
like "$err" 'closed' "and says why"
run chatd run -s mine too late </dev/null
is "$status" 1 "nor from run"
run chatd show mine
is "$status" 0 "but it can be read"
run chatd rm -y mine
run chatd show mine
is "$status" 66 "rm removes it"
unset CHATD_URL CHATD_TOKEN

# line mode
printf 'one\ntwo\n' >"$scratch/typed"
run chatd attach "$url" -s lines --token "$key" <"$scratch/typed"
is "$status" 66 "attach makes nothing: -s must be there"
run chatd run --remote "$url" --token "$key" -s lines zero </dev/null
run chatd attach "$url" -s lines --token "$key" <"$scratch/typed"
is "$status" 0 "attach URL -s ID"
same "$out" '> zero\n\nHello there\n\nHello there\nHello there\n' \
    "shows what was said and goes on"
run env TRIGGER_SECRET_KEY="$key" "$CHATD" attach "$url/sessions/lines" \
    <"$scratch/typed"
is "$status" 0 "TRIGGER_SECRET_KEY completes attach"
run env TRIGGER_API_URL="$url" TRIGGER_SECRET_KEY="$key" "$CHATD" attach \
    lines <"$scratch/typed"
is "$status" 0 "TRIGGER_API_URL too"
run env TRIGGER_API_URL="$url" TRIGGER_SECRET_KEY="$key" "$CHATD" ls --json
json "$out" '. == []' "and no other command goes there"

# a token for one session
token=$(CHATD_HOME=$server_home chatd token lines)
run chatd run --remote "$url/sessions/lines" --token "$token" five </dev/null
is "$status" 0 "the session's token is enough to go on"
same "$out" 'Hello there\n' "with the answer of this turn only"
run chatd show --remote "$url" --token "$token" lines --json
jq -c '[.messages[] | {id, role, parts}]' "$out" >"$scratch/rebuilt"
run chatd show --remote "$url" --token "$key" lines --json
jq -c '[.messages[] | {id, role, parts}]' "$out" >"$scratch/kept"
json "$scratch/kept" 'length == 16' "eight turns are in it"
cmp "$scratch/kept" "$scratch/rebuilt" >/dev/null
pass $? "which the token reads too: its records give the same transcript"
read=$(CHATD_HOME=$server_home chatd token lines --read)
run chatd run --remote "$url/sessions/lines" --token "$read" six </dev/null
is "$status" 77 "a token that only reads does not write"
run chatd run --remote "$url" --token tr_dev_wrong hi </dev/null
is "$status" 77 "a wrong key: 77"
run chatd show --remote "$url" --token "$key" nobody
is "$status" 66 "no such session: 66"
run chatd run --remote "$url/sessions/nobody" --token "$key" hi </dev/null
is "$status" 66 "for run too"
run chatd run --remote http://127.0.0.1:1 --token x hi </dev/null
is "$status" 69 "nobody there: 69"
run chatd run --remote nowhere hi </dev/null
is "$status" 2 "no URL: 2"
run chatd run --token x hi </dev/null
is "$status" 2 "a token without a server: 2"
run chatd serve --remote "$url"
is "$status" 2 "serve is here, never there"

# an expired token, and the key behind it: a new one is made (18.11)
expired=$(CHATD_HOME=$server_home chatd token lines --ttl 1s)
gone()
{
	! curl -sSf -o /dev/null -H "Authorization: Bearer $expired" \
	    "$url/api/v1/sessions/lines" 2>/dev/null
}
await gone
run chatd run --remote "$url/sessions/lines" --token "$expired" hi </dev/null
is "$status" 77 "an expired token: 77"
run env TRIGGER_SECRET_KEY="$key" "$CHATD" run --token "$expired" \
    --remote "$url/sessions/lines" hi </dev/null
is "$status" 0 "but with the key behind it another is made"
is "$(grep -c 'auth/jwt/claims 200' "$scratch/serve.err")" 2 \
    "once for the stream, once for the append"

is "$(find "$CHATD_HOME/data" -name "chatd.db*" | wc -l)" 1 \
    "one local store, of the one local ls"
rm -rf "$CHATD_HOME/data"
run chatd run --remote "$url" --token "$key" hi </dev/null
is "$(find "$CHATD_HOME" -name '*.db*')" "" "remote commands open none"

kill "$peer_pid"
wait "$peer_pid"
peer_pid=
finish
