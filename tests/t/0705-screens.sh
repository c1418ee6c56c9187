#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0705-screens.sh - the pictures in the manual are of this program

. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"
command -v tmux >/dev/null 2>&1 || missing "tmux is not there"

sh "$top_srcdir/share/screens.sh" "$scratch/new" "$CHATD" 2>"$err"
status=$?
is "$status" 0 "share/screens.sh takes them"

# shows NAME PATTERN: a line of the new picture and of the kept one
shows()
{
	grep -Eq -- "$2" "$scratch/new/$1.txt" &&
	    grep -Eq -- "$2" "$top_srcdir/share/screens/$1.txt"
	pass $? "$1: $2"
}

shows chat '^❯ show me the table, and the formula$'
shows chat '^  ▸ thought'
shows chat '^  09:55 │  9\.8 │   2\.99$'
shows chat '^        return feet \* 0\.3048;       /\* by definition \*/$'
shows chat '^  • See the definition\.$'
shows diff '^  ✓ Read  tide\.c'
shows diff '^  ✓ Edit  tide\.c  \+2 -1'
shows diff '^     9 -  +printf'
shows diff '^    10 \+  +feet'
shows approval '^  \? Bash  make tide .* waits for you$'
shows approval '^▌ May Bash run\?$'
shows approval '^▌   in: /home/you/harbour$'
shows approval '^▌ y yes  a this session  p always  n no'
shows inbox '^ 1 \? print the tides in metres, too .*asks you'
shows inbox 'draft the letter to the pilots'
shows help 'Ctrl\+R +search the history'
for name in chat diff approval inbox help; do
	is "$(wc -l <"$scratch/new/$name.txt")" 30 "$name has 30 lines"
done
sh "$top_srcdir/man/screen.sh" "$top_srcdir/share/screens" \
    <"$top_srcdir/man/chatd-screen.7.in" >page
grep -q 'May Bash run' page && ! grep -q '^@' page
pass $? "they are in the manual page"
grep -q '^	❯ show me the table' "$top_srcdir/README" &&
    sh "$top_srcdir/share/readme.sh" "$top_srcdir/share/screens" \
    <"$top_srcdir/README" | cmp -s - "$top_srcdir/README"
pass $? "README has the one of a chat (share/readme.sh puts it there)"
finish
