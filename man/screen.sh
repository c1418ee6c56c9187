#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# screen.sh - puts pictures into a manual page: screen.sh DIR <IN >OUT
#
# A line "@NAME@" becomes DIR/NAME.txt, escaped.

while IFS= read -r line; do
	case $line in
	@*@)
		name=${line#@}
		# \& in front of what roff would take as a request
		sed -e 's/\\/\\e/g' -e "s/^\\([.']\\)/\\\\\\&\\1/" \
		    "$1/${name%@}.txt" || exit 1
		;;
	*)
		printf '%s\n' "$line"
		;;
	esac
done
