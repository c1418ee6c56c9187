#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0822-half-kills.sh - kill -9 at every record while two calls are answered

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

top=$(cd "$top_srcdir" && pwd)
run node "$top/tests/t/halfkill.mjs" "$CHATD" "$PWD"
sed -n '/^#/p' "$out"
is "$status" 0 "two answers: none is lost, nothing runs twice or unedited"
like "$out" '^# [1-9][0-9]+ checks$' "and that was looked at"

finish
