#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0205-signals.sh - interrupted, terminated, timed out, nobody reads (cli.md 4)

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
command -v jq >/dev/null || missing "jq is not there"

script endless <<'END'
{"type":"text-delta","text":"begun"}
{"wait":60000}
{"type":"text-delta","text":" and done"}
END

# Start it, wait for its first word (not an earlier one's: the shell that is
# to become it would be hit), send it a signal.
signalled()
{
	status=0
	: >"$out"
	"$CHATD" run -s "$1" -m "$model" hi </dev/null >"$out" 2>"$err" &
	pid=$!
	await grep -q begun "$out"
	pass $? "$1: begins"
	kill -"$2" "$pid"
	wait "$pid" || status=$?
}
for case in INT:130 TERM:143 HUP:143; do
	sig=${case%:*}
	signalled "by-$sig" "$sig"
	is "$status" "${case#*:}" "SIG$sig ends it with ${case#*:}"
	same "$out" 'begun\n' "SIG$sig: what came is there, and a newline"
	empty "$err" "SIG$sig: nothing to complain about"
	run chatd show --json "by-$sig"
	json "$out" '.session.state == "idle" and
	    (.messages[1].parts | map(.text? // "") | add == "begun")' \
	    "SIG$sig: the turn was stopped and written down"
done
is "$(find "$CHATD_HOME" -name '*.sock' | wc -l | tr -d ' ')" 0 \
    "no socket is left behind"

run chatd run -s late -m "$model" --timeout 10 hi </dev/null
is "$status" 124 "--timeout is 124"
like "$err" '^chatd: .*10 s' "and says so"
same "$out" 'begun\n' "with what came until then"
run chatd show --json late
json "$out" '.session.state == "idle"' "the turn was stopped"

script flood <<'END'
{"repeat":20000,"type":"text-delta","text":"0123456789 {n}\n"}
END
run sh -c '{ "$0" run -s gone -m "$1" hi </dev/null 2>"$2"; echo $? >"$3"; } |
    head -c 5' "$CHATD" "$model" "$scratch/err2" "$scratch/status"
same "$out" '01234' "a reader who leaves"
empty "$scratch/err2" "is not complained about"
is "$(cat "$scratch/status")" 141 "and told as a shell would"
run chatd wait gone
run chatd show --json gone
json "$out" '.session.state == "idle"' "its turn was stopped"

# a second person
script slow <<'END'
{"type":"text-delta","text":"begun"}
{"wait":60000}
END
"$CHATD" run -s shared -m "$model" hi </dev/null >"$scratch/first" 2>&1 &
pid=$!
await grep -q begun "$scratch/first"
run chatd ls --json
json "$out" '.[] | select(.externalId == "shared") | .state == "running"' \
    "another process sees it run"
run chatd stop shared
is "$status" 0 "and stops it"
wait "$pid"
is $? 130 "the first one is told"

script queue <<'END'
{"type":"text-delta","text":"first"}
{"wait":500}
{"turn":2}
{"type":"text-delta","text":"second"}
{"wait":500}
{"type":"text-delta","text":" whole"}
{"turn":3}
{"type":"text-delta","text":"third"}
END
"$CHATD" run -s queue -m "$model" one </dev/null >"$scratch/first" 2>&1 &
pid=$!
await grep -q first "$scratch/first"
"$CHATD" run -s queue two </dev/null >"$scratch/second" 2>&1 &
pid2=$!
two_waits()
{
	"$CHATD" show --json queue >"$out" &&
	    "$CHATD" ls --json | jq -e '.[] |
	    select(.externalId == "queue") | .messages >= 3'
}
await two_waits
run chatd send queue three
wait "$pid"
is $? 0 "the first of three ends well"
same "$scratch/first" 'first\n' "with its own answer only"
wait "$pid2"
is $? 0 "the second ends well"
same "$scratch/second" 'second whole\n' "with its own answer, whole"
run chatd wait queue
run chatd show --json queue
json "$out" '.messages | map(.role == "user") |
    (length == 6 and (map(select(.)) | length == 3))' \
    "what was sent is answered before the owner leaves"
finish
