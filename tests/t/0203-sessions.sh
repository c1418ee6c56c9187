#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0203-sessions.sh - sessions from the shell (cli.md 5)

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
command -v jq >/dev/null || missing "jq is not there"

run chatd ls
is "$status" 0 "ls without sessions ends well"
empty "$out" "and prints nothing"
run chatd ls --json
same "$out" '[]\n' "ls --json without sessions"
run chatd run -c -m demo hi </dev/null
is "$status" 66 "-c without a session is 66"

script talk <<'END'
{"type":"text-delta","text":"answer one"}
{"type":"usage","input":1200,"output":3,"cost":0.25}
{"turn":2}
{"type":"text-delta","text":"answer two"}
{"type":"usage","input":1300,"output":4,"cost":0.5}
END
run chatd run -s trip -m "$model" plan a trip </dev/null
same "$out" 'answer one\n' "-s makes a session"
run chatd run -s trip and more </dev/null
same "$out" 'answer two\n' "-s goes on with it, and so does its model"
run chatd ls
like "$out" '^ID +TITLE +AGENT +STATE +AGE +SIZE$' "ls has a head"
like "$out" '^trip .* idle ' "ls shows the session"
run chatd ls --json
json "$out" 'length == 1 and .[0].externalId == "trip"' "ls --json: item"
json "$out" '.[0] | .state == "idle" and .messages == 4 and has("title")' \
    "ls --json: title, state, messages"
id=$(jq -r '.[0].id' "$out")

run chatd show trip
like "$out" '^> plan a trip$' "show: what was said"
like "$out" '^answer two$' "show: what was answered"
is "$(tail -n 1 "$out")" '[2500 tokens in, 7 out, $0.7500]' \
    "show: what all turns used and cost"
run chatd show --json "$id"
json "$out" '.messages | map(.role) == ["user","assistant","user","assistant"]' \
    "show --json: messages"
json "$out" '.session.externalId == "trip" and
    (.cursors.lastOutEventId | type) == "string" and
    .cursors.lastInEventId == "1"' "show --json: session and cursors"
json "$out" '.session | .usage.inputTokens == 2500 and
    .usage.outputTokens == 7 and .cost == 0.75' "show --json: usage and cost"
run chatd show --markdown trip
like "$out" '^## assistant$' "show --markdown"
run chatd show --records trip
json "$out" 'has("seqNum")' "show --records"
run chatd show nothing
is "$status" 66 "no such session is 66"
like "$err" '^chatd: .*nothing' "and named"
run chatd show "$(printf %.14s "$id")"
is "$status" 0 "a unique prefix will do"

run chatd search answer two
like "$out" 'trip' "search finds words"
run chatd search --json plan
json "$out" '.[0].session.externalId == "trip"' "search --json"
run chatd search zebra
empty "$out" "search without a hit prints nothing"

run chatd run -s tram -m "$model" hi </dev/null
run chatd show tr
is "$status" 2 "a prefix of two is wrong usage"
like "$err" 'tram' "and tells which there are"
run chatd rm -y tram

run chatd rename trip A new title
run chatd show --json "A new title"
json "$out" '.session.title == "A new title"' "rename; a title finds it"
run chatd tag trip red blue
run chatd tag trip --remove red
run chatd tag trip
same "$out" 'blue\n' "tag adds and removes"
run chatd ls --tag blue --json
json "$out" 'length == 1' "ls --tag finds"
run chatd ls --tag red --json
json "$out" 'length == 0' "ls --tag leaves out"

run chatd fork trip
fork=$(cat "$out")
run chatd show --json "$fork"
json "$out" '.messages | length == 4' "fork copies"
run chatd undo "$fork"
is "$status" 0 "undo ends well"
run chatd show --json "$fork"
json "$out" '.messages | length == 2' "undo takes the last exchange back"
run chatd show --json "$id"
json "$out" '.messages | length == 4' "the first one is as it was"
run chatd run -r "$fork" go on </dev/null
same "$out" 'answer two\n' "-r goes on with it"
run chatd run -r trip --fork another way </dev/null
run chatd ls --json
json "$out" 'length == 3' "-r --fork makes a copy"

run chatd export trip
cp "$out" trip.json
run chatd rm "$fork" </dev/null
is "$status" 2 "rm asks, and nobody can answer"
run chatd rm -y trip
is "$status" 0 "rm -y removes"
run chatd show trip
is "$status" 66 "it is gone"
run chatd import trip.json
imported=$(cat "$out")
run chatd show --json "$imported"
json "$out" '.messages | length == 4' "import brings it back"
run chatd export "$imported"
jq -S . "$out" >a
jq -S . trip.json >b
cmp -s a b
pass $? "export and import round-trip"
echo '{' >bad.json
run chatd import bad.json
is "$status" 65 "a file that is no export is 65"
run chatd import nowhere.json
is "$status" 66 "a file that is not there is 66"

# from another process
run chatd send "$fork" hello there
is "$status" 0 "send leaves"
run chatd wait "$fork"
is "$status" 0 "wait ends when nothing runs"
run chatd show --json "$fork"
json "$out" '.messages | length == 6' "the message was answered"
run chatd stop "$fork"
is "$status" 0 "stop with nothing to stop is fine"
script bad <<'END'
{"error":{"code":"FAILED","text":"no"}}
END
run chatd run -s failing -m "$model" hi </dev/null
is "$status" 1 "a turn fails"
run chatd wait failing
is "$status" 1 "wait tells that it did"

run chatd close "$fork" --reason "done"
run chatd run -r "$fork" more </dev/null
is "$status" 1 "a closed session takes nothing more"
run chatd ls --json
json "$out" "map(.id) | index(\"$fork\") == null" "ls leaves it out"
run chatd ls --all --json
json "$out" "map(.id) | index(\"$fork\") != null" "ls --all does not"

run chatd models
like "$out" '^demo ' "models lists providers"
run chatd doctor
is "$status" 0 "doctor finds nothing wrong"
like "$out" '^database .*sound' "doctor looks at the database"
like "$out" '^prices  *20[0-9][0-9]-[01][0-9]-[0-3][0-9]$' \
    "and says of which day the prices are"

printf 'this is no database, and never was one' >"$CHATD_HOME/data/chatd.db"
rm -f "$CHATD_HOME/data/chatd.db-wal" "$CHATD_HOME/data/chatd.db-shm"
run chatd ls
is "$status" 74 "a database that is none is 74"
like "$err" 'chatd.db' "and named"
finish
