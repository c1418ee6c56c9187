#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0931-home.sh - what may befall a home: a stale lock, a crashed owner, a
#	reboot, a clock that jumps, a full disk, no right to write, no locks

. "$top_srcdir/tests/t/lib.sh"

nolock=${top_builddir:-$top_srcdir}/tests/peers/nolock

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

# change SQL: who was killed just now may still hold the database
change()
{
	sqlite3 -cmd '.timeout 60000' "$CHATD_HOME/data/chatd.db" "$1"
}

run chatd run -s one -m "script:$scratch/quick" hi </dev/null
is "$status" 0 "a session"
run chatd run -s two -m "script:$scratch/slow" hi </dev/null
is "$status" 0 "and another"

# kill -9 in a turn: whoever comes next takes over
chatd send two again >"$out" 2>"$err"
half=$(owner)
said()
{
	chatd show two --records | grep -c '"delta":"begun ' >"$scratch/n"
	[ "$(cat "$scratch/n")" -ge "$1" ]
}
await said 2
kill -KILL "$half"
pass $? "a server half is killed in a turn"
run chatd run -c "and now" </dev/null
is "$status" 0 "-c goes on with the session of the dead one"
run chatd show two --json
json "$out" '[.messages[] | select(.role == "user") | .parts[0].text] ==
    ["hi", "again", "and now"]' "nothing was lost, nothing twice"
json "$out" '[.messages[] | select(.role == "assistant")] | length == 3 and
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
change "update session set owner_pid = $other,
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
change "
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
# not even room to read it
(
	trap '' XFSZ
	ulimit -f 0
	timeout 60 "$CHATD" ls 2>&1
) | cat >"$out"
like "$out" 'chatd\.db: .*: File too large$' "with what the system says"
run chatd run -s one -m "script:$scratch/quick" hi </dev/null
is "$status" 0 "and afterwards all is well"
# kept: what is in the home, as far as a person would miss it
kept()
{
	timeout 180 "$CHATD" ls --json | jq -c '[.[] | .externalId]'
	timeout 180 "$CHATD" show one --json | jq -c '[.messages[].parts]'
	ls "$CHATD_HOME/run"
}
kept >"$scratch/before"

# refused WHAT FILE WHY COMMAND [ARG...]
refused()
{
	what=$1 file=$2 why=$3
	shift 3
	for command in 'run -s one' 'run -s two' 'serve --listen 127.0.0.1:0' \
	    'send one' ls; do
		case $command in
		serve* | ls) words= ;;
		*) words=again ;;
		esac
		# shellcheck disable=SC2086 # words
		run "$@" timeout 180 "$CHATD" $command $words </dev/null
		is "$status" 74 "$what: $command: 74"
		like "$err" "cannot [a-z]* $CHATD_HOME/${file}[^ ]*: $why" \
		    "with the file's name"
		empty "$out" "and no answer"
	done
}

for locks in ofd setlk; do
	case $locks in
	ofd) file=run/ ;;
	setlk) file=data/chatd.db ;;
	esac
	# as NFS without its lock daemon
	refused "no locks ($locks)" "$file" "No locks available" \
	    "$nolock" $locks
	run "$nolock" $locks timeout 180 "$CHATD" run -s two hi </dev/null
	like "$err" 'hint: .*set CHATD_HOME to a folder on a local disk' \
	    "it says what to do"
	mkdir "$scratch/new.$locks"
	CHATD_HOME=$scratch/new.$locks
	run "$nolock" $locks timeout 180 "$CHATD" run -s two -m "$model" hi \
	    </dev/null
	is "$status" 74 "no locks ($locks), a new home: 74"
	run chatd ls --json
	json "$out" '. == []' "nothing half is in it"
	CHATD_HOME=$scratch/home
done

# read-only, for root too: where no mount can be made, root goes without the
# right to write everywhere
mounted()
{
	# shellcheck disable=SC2016 # of the inner shell
	unshare -m sh -c 'mount --bind "$CHATD_HOME" "$CHATD_HOME" &&
	    mount -o remount,bind,ro "$CHATD_HOME" && exec "$@"' sh "$@"
}
plain()
{
	"$@"
}
bare()
{
	setpriv --bounding-set=-dac_override "$@"
}
if mounted true 2>"$err"; then
	how=mounted why='Read-only file system'
else
	chmod -R a-w "$CHATD_HOME/data"
	why='Permission denied'
	how=plain
	[ "$(id -u)" != 0 ] || how=bare
fi
run $how touch "$CHATD_HOME/data/mark"
is "$status" 1 "a read-only home ($how)"
refused "read-only" '' "$why" $how
chmod -R u+w "$CHATD_HOME"

kept >"$scratch/after"
cmp "$scratch/before" "$scratch/after" >"$out" 2>&1
pass $? "all that was there is as it was"
run chatd run -s one -m "$model" hi </dev/null
is "$status" 0 "and it goes on when the home is well"
finish
