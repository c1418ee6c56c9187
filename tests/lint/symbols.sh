#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# symbols.sh - no two objects of ours define the same global symbol
#
#	symbols.sh [DIR]	DIR is where it was built
#
# A linker takes the first of two that it meets in libraries, and says nothing
# if the other object is not needed for anything else. Prints each such symbol
# with its objects and ends with 1 if there is one, or nothing to look at.

dir=${1:-${top_builddir:-.}}
cd "$dir" || exit 1
set --
for f in src/*/lib*.a src/cli/*.o; do
	[ ! -e "$f" ] || set -- "$@" "$f"
done
[ $# -gt 0 ] || { echo "symbols.sh: nothing is built in $dir"; exit 1; }

# FILE:OBJECT:ADDRESS KIND NAME, or FILE:ADDRESS ... of an object by itself;
# weak symbols may be there twice
nm -A -g --defined-only "$@" | awk '
NF >= 3 && $(NF - 1) ~ /^[A-TX-Z]$/ {
	object = $1
	sub(/:[0-9a-f]*$/, "", object)
	where[$NF] = where[$NF] " " object
	seen++
	if (count[$NF]++ == 1)
		twice[$NF]
}
END {
	for (name in twice) {
		print name ":" where[name]
		bad = 1
	}
	if (seen == 0) {
		print "symbols.sh: no symbols were listed"
		bad = 1
	}
	exit bad
}'
