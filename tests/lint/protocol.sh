#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# protocol.sh - each section of the session protocol is named by a test
#
#	protocol.sh [-l] [DIR]	DIR holds tests/, the source tree by default
#
# A test names what it shows as "session-protocol 7.4" or "session-protocol
# 7.4, 8.4"; one of 5.1.2 stands for 5.1 too. Prints the sections that no test
# names and ends with 1 if there are any; with -l all, and how many files do.

list=
if [ "$1" = -l ]; then
	list=1
	shift
fi
dir=${1:-${top_srcdir:-.}}

# "SECTION FILE", each once
named()
{
	find "$dir/tests" -name node_modules -prune -o -type f \
	    \( -name '*.c' -o -name '*.sh' -o -name '*.mjs' \) -print |
	    grep -v '/lint/' | xargs grep -noHE \
	    'session-protocol [0-9.]*[0-9]((,| and) [0-9.]*[0-9])*' |
	    awk -F: '{
		file = $1
		gsub(/session-protocol|,|and/, "", $3)
		n = split($3, s, " ")
		for (i = 1; i <= n; i++)
			for (t = s[i]; t != ""; sub(/\.?[0-9]+$/, "", t))
				print t, file
	    }' | sort -u
}

named | awk -v list="$list" '
NR == FNR { count[$1]++; next }
/^[MS] / {
	if (list)
		printf "%4d  %s\n", count[$2], $0
	if (count[$2] == 0) {
		if (!list)
			print "no test names session-protocol " $2 ": " $0
		missing = 1
	}
}
END { exit missing }' - "$dir/tests/lint/protocol-sections"
