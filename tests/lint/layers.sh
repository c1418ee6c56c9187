#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# layers.sh - no include goes up or sideways (architecture.md 3)
#
#	layers.sh [DIR]		DIR holds src/, the source tree by default
#
# Prints each violation as FILE:LINE and ends with 1 if there is one.

dir=${1:-${top_srcdir:-.}}

# a folder, and what it may include beside itself and base
allowed()
{
	case $1 in
	base) ;;
	wire) ;;
	store | model | tool) echo wire ;;
	agent) echo wire store model tool ;;
	server) echo wire store agent ;;
	client) echo wire ;;
	ui) echo wire client ;;
	cli) echo wire store model tool agent server client ui ;;
	*) echo "layers.sh: no such layer: $1" >&2; return 1 ;;
	esac
}

status=0
for folder in "$dir"/src/*/; do
	layer=$(basename "$folder")
	may=$(allowed "$layer") || status=1
	found=$(grep -Hn '^[ 	]*#[ 	]*include[ 	]*"' "$folder"*.[ch] |
	    awk -v layer="$layer" -v may="$may base $layer" '
		BEGIN { n = split(may, a, " "); for (i = 1; i <= n; i++) ok[a[i]] = 1 }
		{
			inc = $0
			sub(/^[^"]*"/, "", inc); sub(/".*/, "", inc)
			if (inc == "config.h")
				next
			top = inc
			if (!sub(/\/.*/, "", top))
				top = "(no folder)"
			if (!(top in ok)) {
				where = $0; sub(/:[ \t]*#.*/, "", where)
				print where ": " layer " may not include " inc
			}
		}')
	if [ -n "$found" ]; then
		printf '%s\n' "$found"
		status=1
	fi
done
exit $status
