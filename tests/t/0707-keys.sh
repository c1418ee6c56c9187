#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0707-keys.sh - the manual's list of keys is the program's table

. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"

sed -n 's/^	X(\([A-Z_]*\), "\([^"]*\)",[ 	]*"\([^"][^"]*\)").*/\2|\3/p' \
    "$top_srcdir/src/ui/keys.h" >keys
[ "$(wc -l <keys)" -gt 15 ]
pass $? "the table was read"
# "name|What it does." of each item
sed -n '/^\.Sh KEYS/,/^\.El/p' "$top_srcdir/man/chatd-screen.7.in" |
    sed -n '/^\.It /{s/^\.It //;N;s/\n/|/;s/\.$//;p;}' |
    awk -F'|' '{ print $1 "|" tolower(substr($2, 1, 1)) substr($2, 2) }' \
    >manual
sort keys >keys.sorted
sort manual >manual.sorted
diff keys.sorted manual.sorted >"$out"
pass $? "and is what man/chatd-screen.7.in says"
finish
