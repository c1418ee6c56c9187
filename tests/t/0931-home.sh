#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0931-home.sh - a home that cannot be locked or written is refused in words

. "$top_srcdir/tests/t/lib.sh"

nolock=${top_builddir:-$top_srcdir}/tests/peers/nolock

script hi <<'END'
{"type":"text-delta","text":"hello"}
END
run chatd run -s one -m "$model" hi </dev/null
is "$status" 0 "a home with a session in it"

# kept: what is in the home, as far as a person would miss it
kept()
{
	timeout 60 "$CHATD" ls --json | jq -c '[.[] | .externalId]'
	timeout 60 "$CHATD" show one --json | jq -c '[.messages[].parts]'
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
		run "$@" timeout 60 "$CHATD" $command $words </dev/null
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
	run "$nolock" $locks timeout 60 "$CHATD" run -s two hi </dev/null
	like "$err" 'hint: .*set CHATD_HOME to a folder on a local disk' \
	    "it says what to do"
	mkdir "$scratch/new.$locks"
	CHATD_HOME=$scratch/new.$locks
	run "$nolock" $locks timeout 60 "$CHATD" run -s two -m "$model" hi \
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
