#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0020-readme.sh - the commands in README and chatd.1 work as they stand there
#
# Those behind "$ " are run in order in one empty folder that is a git
# repository, as by somebody without a key. The two commands at the top of
# README are what CI begins with.

. "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"

mkdir "$scratch/bin"
ln -s "$CHATD" "$scratch/bin/chatd"
PATH=$scratch/bin:$PATH
CHATD_NO_DISCOVERY=1 CHATD_DEMO_DELAY_MS=0
export PATH CHATD_NO_DISCOVERY CHATD_DEMO_DELAY_MS
git init -q . && git -c user.name=x -c user.email=x@example.org \
    commit -q --allow-empty -m "begin"

# works COMMAND
works()
{
	run bash -o pipefail -c "$1" </dev/null
	[ "$status" = 0 ] && ! [ -s "$err" ]
	pass $? "$1"
	case $1 in
	*">"*) [ -s "${1##*> }" ] ;;
	*) [ -s "$out" ] ;;
	esac
	pass $? "and it has something to say"
}

# all FILE PATTERN: its commands, of which there are some
all()
{
	sed -n "s/^$2//p" "$1" >"$scratch/commands"
	if ! grep -q 'chatd run .*"hello"' "$scratch/commands"; then
		echo "Bail out! no commands found in $1"
		exit 1
	fi
	while IFS= read -r line; do
		works "$line"
	done <"$scratch/commands"
}

all "$top_srcdir/README" '	\$ '
# what the examples of the manual speak of
chatd run -s my-session "about sqlite" </dev/null >"$out"
printf '%%PDF-1.4\n' >report.pdf
all "$top_srcdir/man/chatd.1" '\$ '
finish
