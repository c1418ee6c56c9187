#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0930-outlive.sh - a session that outlives the terminal it was begun in

. "$top_srcdir/tests/t/lib.sh"

{
	printf '{"type":"text-delta","text":"done"}\n{"turn":1}\n'
	printf '{"type":"text-delta","text":"begun "}\n'
	echo '{"wait":8000}'
	printf '{"type":"text-delta","text":"and done"}\n'
} | script slow

# the process of the server half in the background
owner()
{
	find "$CHATD_HOME/run" -name '*.sock' | sed 's#.*/\([0-9]*\)\.sock#\1#' |
	    head -n 1
}

# what is sent from a script is answered by a half that is in nobody's terminal
run chatd run -s two -m "script:$scratch/slow" hi </dev/null
is "$status" 0 "a session"
chatd send two more >"$out" 2>"$err"
half=$(owner)
kill -0 "$half"
pass $? "send leaves a server half in the background"
run chatd attach two </dev/null
is "$status" 0 "attach ID from another terminal"
run chatd wait two
is "$status" 0 "the turn goes on to its end"
finish
