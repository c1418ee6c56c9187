#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# files.sh - no source is too long, each test has its number and is run
#
#	files.sh [DIR]
#
# Prints each file at fault and ends with 1 if there is one.

dir=${1:-${top_srcdir:-.}}
cd "$dir" || exit 1
status=0

complain()
{
	if [ -n "$2" ]; then
		printf '%s\n' "$2" | sed "s/\$/	<- $1/"
		status=1
	fi
}

complain "more than 800 lines" "$(wc -l src/*/*.[ch] |
    awk '$1 > 800 && $2 != "total" { print $2 }')"
complain "another test has this number" "$(ls tests/t |
    sed -n 's/^\([0-9]\{4\}\)-.*\.sh$/\1/p' | sort | uniq -d)"
for f in tests/t/[0-9]*.sh; do
	[ -e "$f" ] || continue
	grep -q "^	$f" Makefile.am ||
	    complain "not among script_tests of Makefile.am" "$f"
done
exit $status
