#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# layout.sh - chatd-layout(7) with its list of files, from the files themselves
#
#	layout.sh SRCDIR < chatd-layout.7.in > chatd-layout.7

src=$1
while IFS= read -r line; do
	if [ "$line" != "@FILES@" ]; then
		printf '%s\n' "$line"
		continue
	fi
	for layer in base wire store model tool agent server client ui cli; do
		set -- "$src/src/$layer"/*.c
		[ -e "$1" ] || continue
		printf '.Ss src/%s\n.Bl -tag -width "store_sqlite_session.c" -compact\n' "$layer"
		for f in "$src/src/$layer"/*.c; do
			printf '.It Pa %s\n' "$(basename "$f")"
			sed -n '2{s|^/\* [^ ]* - ||;s| \*/$||;s|^\([.'"'"']\)|\\\&\1|;p;}' "$f"
		done
		printf '.El\n'
	done
done
