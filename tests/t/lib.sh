# SPDX-License-Identifier: GPL-3.0-or-later
# lib.sh - TAP, a scratch home and the program, for tests of the program
#
#	. "${top_srcdir:-...}/tests/t/lib.sh"
#	run chatd run -m "script:$script" hello </dev/null
#	is "$status" 0 "it ends well"
#	same "$out" 'text\n' "and prints this, byte for byte"
#	finish
#
# run leaves stdout in the file $out, stderr in $err, the exit status in
# $status. What is started with & opens its files when it comes to it: who
# waits for a word in a file that held another one's empties it before. A test that never calls finish has failed: its plan is missing.

: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${CHATD:=$top_srcdir/src/chatd}"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/chatd-t.XXXXXX") || exit 1
CHATD_HOME=$scratch/home
export CHATD_HOME
unset OPENAI_API_KEY ANTHROPIC_API_KEY GEMINI_API_KEY GOOGLE_API_KEY \
    OPENROUTER_API_KEY OPENAI_BASE_URL CHATD_URL CHATD_TOKEN \
    TRIGGER_API_URL TRIGGER_SECRET_KEY
mkdir "$CHATD_HOME" "$scratch/work"
cd "$scratch/work" || exit 1
out=$scratch/out
err=$scratch/err
n=0
peer_pid=

# The servers of the test's own home that outlive the command that began
# them. A number alone may be somebody else's by now.
servers()
{
	for s in "$CHATD_HOME"/run/*.sock; do
		s=${s##*/}
		s=${s%.sock}
		! grep -aqsF "CHATD_HOME=$CHATD_HOME" "/proc/$s/environ" ||
		    echo "$s"
	done
}

no_servers()
{
	[ -z "$(servers)" ]
}

cleanup()
{
	[ -z "$peer_pid" ] || kill "$peer_pid" 2>/dev/null
	servers | xargs -r kill 2>/dev/null
	await no_servers || servers | xargs -r kill -9
	rm -rf "$scratch"
}
trap cleanup EXIT
# A test that is cut off ends what it has started, too. But bash has its traps
# also in a child that is not yet the program it is to be: a signal for that
# one must not take the scratch directory away.
ends()
{
	[ "$(exec sh -c 'echo $PPID')" = $$ ] || trap - EXIT
	exit "$1"
}
trap 'ends 129' HUP
trap 'ends 130' INT
trap 'ends 143' TERM

chatd()
{
	timeout 180 "$CHATD" "$@"
}

run()
{
	status=0
	"$@" >"$out" 2>"$err" || status=$?
}

# pass STATUS SENTENCE
pass()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
		return
	fi
	echo "not ok $n - $2"
	echo "# status ${status-}"
	beginning out "$out"
	beginning err "$err"
}

# beginning WORD FILE: the beginning of it, without empty rows
beginning()
{
	if [ ! -e "$2" ]; then
		echo "# $1: no file $2"
		return
	fi
	grep -av '^[[:space:]]*$' "$2" | head -n 40 | cut -c 1-400 |
	    sed "s/^/# $1: /"
}

# is GOT WANTED SENTENCE
is()
{
	if [ "$1" = "$2" ]; then
		pass 0 "$3"
	else
		pass 1 "$3"
		echo "# got:    $1"
		echo "# wanted: $2"
	fi
}

# like FILE PATTERN SENTENCE (extended regular expression, one line matches)
like()
{
	grep -Eq -- "$2" "$1"
	pass $? "$3"
}

unlike()
{
	! grep -Eq -- "$2" "$1"
	pass $? "$3"
}

# same FILE BYTES SENTENCE (BYTES as printf's format takes them)
same()
{
	# shellcheck disable=SC2059
	printf "$2" | cmp -s - "$1"
	pass $? "$3"
}

empty()
{
	! [ -s "$1" ]
	pass $? "$2"
}

# json FILE FILTER SENTENCE: what jq says of the file is true
json()
{
	jq -e "$2" "$1" >"$scratch/jq" 2>&1
	pass $? "$3"
}

# script NAME, lines on stdin: the model that plays them
script()
{
	cat >"$scratch/$1"
	model=script:$scratch/$1
}

# await COMMAND...: until it succeeds, at most a minute and the time that it
# takes itself: only a failure is slow, and after the first one ten seconds do
patience=1200
await()
{
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		if [ $tries -ge $patience ]; then
			patience=200
			echo "# waited in vain: $*"
			return 1
		fi
		sleep 0.05
	done
}

# peer FILE: a server on a free port that prints the port first: $port
peer()
{
	node "$top_srcdir/tests/peers/$1" >"$scratch/port" &
	peer_pid=$!
	await test -s "$scratch/port" || return 1
	port=$(cat "$scratch/port")
}

# missing WHY
#
# What the test needs is not there: a failure, never a skip.
missing()
{
	echo "Bail out! $1; ./bootstrap installs what tests need"
	exit 1
}

finish()
{
	echo "1..$n"
}
