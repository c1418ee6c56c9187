#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0930-outlive.sh - sessions that outlive the terminal and the process

. "$top_srcdir/tests/t/lib.sh"

{
	printf '{"type":"text-delta","text":"begun "}\n'
	echo '{"wait":2500}'
	printf '{"type":"text-delta","text":"and done"}\n'
} | script slow
script quick <<'END'
{"type":"text-delta","text":"quick"}
END

# the process of the server half in the background
owner()
{
	find "$CHATD_HOME/run" -name '*.sock' | sed 's#.*/\([0-9]*\)\.sock#\1#' |
	    head -n 1
}

run chatd run -s one -m "$model" hi </dev/null
is "$status" 0 "a session"

# what is sent from a script is answered by a half that is in nobody's terminal
cp "$scratch/slow" "$scratch/model"
run chatd run -s two -m "script:$scratch/model" hi </dev/null
chatd send two more >"$out" 2>"$err"
half=$(owner)
kill -0 "$half"
pass $? "send leaves a server half in the background"
printf 'x\n' >"$scratch/typed"
run chatd attach two </dev/null
is "$status" 0 "attach ID from another terminal"
run chatd wait two
is "$status" 0 "the turn goes on to its end"

# kill -9 in a turn: whoever comes next takes over
chatd send two again >"$out" 2>"$err"
half=$(owner)
said()
{
	chatd show two --records | grep -c '"delta":"begun ' >"$scratch/n"
	[ "$(cat "$scratch/n")" -ge "$1" ]
}
await said 3
kill -KILL "$half"
pass $? "a server half is killed in a turn"
run chatd run -c "and now" </dev/null
is "$status" 0 "-c goes on with the session of the dead one"
run chatd show two --json
json "$out" '[.messages[] | select(.role == "user") | .parts[0].text] ==
    ["hi", "more", "again", "and now"]' "nothing was lost, nothing twice"
json "$out" '[.messages[] | select(.role == "assistant")] | length == 4 and
    all(.[]; [.parts[] | .text // ""] | join("") | contains("and done"))' \
    "and every answer is whole"

# another process may have the number of the dead one
sleep 600 &
other=$!
peer_pid=$other
: >"$CHATD_HOME/run/$other.sock"
run chatd run -s one -m "script:$scratch/quick" hi </dev/null
is "$status" 0 "a socket file of a process that is none of ours is in nobody's way"
kill "$other"
peer_pid=

# after a reboot: the row names a process that is another one by now, and the
# lock's file is still there
chatd send two once >"$out" 2>"$err"
kill -KILL "$(owner)"
sleep 600 &
other=$!
peer_pid=$other
sqlite3 "$CHATD_HOME/data/chatd.db" "update session set owner_pid = $other,
    owner_socket = '$CHATD_HOME/run/$other.sock' where external_id = 'two'"
: >>"$CHATD_HOME/run/$(chatd ls --json | jq -r '.[] |
    select(.externalId == "two").id').lock"
run chatd run -s two "after the reboot" </dev/null
is "$status" 0 "the owner's number is another process: it is no owner"
run chatd show two --json
json "$out" '[.messages[] | select(.role == "user") | .parts[0].text][-2:] ==
    ["once", "after the reboot"]' "with what was said before"
kill "$other"
peer_pid=

# a first message is stored, and who took it is dead before its turn began:
# as a kill between the commit and the turn leaves it
sqlite3 "$CHATD_HOME/data/chatd.db" "
    insert into session (id, external_id, type, task, created_at, updated_at,
	tags, config, epoch) select 'session_aaaaaaaaaaaaaaaaaaaaaaaa', 'first',
	type, task, created_at, updated_at, '[]', config, 1 from session
	where external_id = 'two';
    insert into record select b.row, 0, 0, r.time, r.control, r.headers,
	replace(replace(r.body, '\\\"two\\\"', '\\\"first\\\"'),
	'\\\"hi\\\"', '\\\"never begun\\\"') from record r
	join session a on r.session = a.row join session b
	where a.external_id = 'two' and b.external_id = 'first' and r.dir = 0
	and r.seq = 0"
run chatd show first --json
json "$out" '[.messages[] | select(.role == "assistant")] == []' \
    "a first message is stored and its turn not begun"
run chatd wait first
is "$status" 0 "wait waits for its turn"
run chatd show first --json
json "$out" '[.messages[].role] == ["user", "assistant"] and
    .messages[0].parts[0].text == "never begun" and
    ([.messages[1].parts[] | .text // ""] | join("") |
    contains("and done"))' "which has run to its end by then"

# the clock goes back and forth
run env CHATD_TEST_CLOCK=1000000000000 "$CHATD" run -s one hi </dev/null
is "$status" 0 "a clock that has gone back 25 years"
run env CHATD_TEST_CLOCK=4000000000000 "$CHATD" run -s one hi </dev/null
is "$status" 0 "one that has gone far ahead"
run chatd show one --json
json "$out" '[.messages[] | select(.role == "user")] | length == 4' \
    "and the order stays"

# what cannot be written is said, and nothing half is left
printf 'no folder' >"$scratch/file"
run env CHATD_HOME="$scratch/file" "$CHATD" run hi </dev/null
case $status in
74 | 78) pass 0 "a home that cannot be written: $status" ;;
*) pass 1 "a home that cannot be written" ;;
esac
like "$err" "$scratch/file" "with its name"
head -c 400000 /dev/zero | tr '\0' a >"$scratch/long"
(
	trap '' XFSZ
	ulimit -f 64
	"$CHATD" run -s full -m "script:$scratch/quick" - <"$scratch/long" \
	    >"$out" 2>"$err"
	echo $? >"$scratch/status"
)
status=$(cat "$scratch/status")
is "$status" 74 "a full disk: 74"
run chatd run -s one -m "script:$scratch/quick" hi </dev/null
is "$status" 0 "and afterwards all is well"
finish
