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
# $status. A test that never calls finish has failed: its plan is missing.

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

cleanup()
{
	[ -z "$peer_pid" ] || kill "$peer_pid" 2>/dev/null
	rm -rf "$scratch"
}
trap cleanup EXIT
# a test that is cut off ends what it has started, too
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

chatd()
{
	timeout 60 "$CHATD" "$@"
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
	sed 's/^/# out: /' "$out" | head -n 20
	sed 's/^/# err: /' "$err" | head -n 20
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

# await COMMAND...: until it succeeds, at most 20 s
await()
{
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 400 ] || return 1
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
