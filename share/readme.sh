#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# readme.sh - puts the picture of a chat into README: readme.sh SCREENS <IN >OUT
#
# It is SCREENS/chat.txt (screens.sh) from the last question on, thirty columns
# narrower, in the place of the one that stands there.

picture()
{
	sed -n '/^❯ show me/,$p' "$1/chat.txt" | sed -e 's/\(─\)\{30\}$//' \
	    -e 's/ \{30\}\( *F1 help\)/\1/' -e 's/^\(..*\)/	\1/'
}

while IFS= read -r line; do
	case $line in
	"	❯ show me"*)
		picture "$1" || exit 1
		while IFS= read -r line; do
			case $line in
			*"F1 help") break ;;
			esac
		done ;;
	*)
		printf '%s\n' "$line" ;;
	esac
done
