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

finish
