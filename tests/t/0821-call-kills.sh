#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0821-call-kills.sh - kill -9 at every record of a call and of an approval

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

top=$(cd "$top_srcdir" && pwd)
for kind in bash program mcp; do
	mkdir "$scratch/$kind"
	CHATD_HOME=$scratch/home-$kind
	mkdir "$CHATD_HOME"
	run node "$top/tests/t/callkill.mjs" "$CHATD" "$scratch/$kind" \
	    "$top" "$kind"
	sed -n '/^#/p' "$out"
	is "$status" 0 "$kind: run once at most, told to model and person"
	like "$out" '^# [1-9][0-9]+ checks$' "and that was looked at"
done

# what a command has started ends with chatd, too: the pipe that it holds has
# no other writer
CHATD_HOME=$scratch/home
mkfifo held
script held <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"(echo up; exec sleep 400) >held & wait"}}
END
"$CHATD" run -m "$model" --sandbox off --permission-mode allow-all go \
    </dev/null >/dev/null 2>&1 &
killed=$!
exec 8<held
read -r word <&8
is "$word" up "a command's own child runs"
kill -KILL "$killed"
wait "$killed" 2>/dev/null
run timeout 120 cat <&8
is "$status" 0 "and is gone when chatd was killed"
exec 8<&-

finish
