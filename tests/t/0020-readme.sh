#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0020-readme.sh - every command in README works as it stands there
#
# The commands behind "$ " are run in order in one empty folder that is a git
# repository, as by somebody without a key. The two commands at the top are
# what CI begins with.

: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${CHATD:=$top_srcdir/src/chatd}"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin" "$scratch/work"
ln -s "$CHATD" "$scratch/bin/chatd"
PATH=$scratch/bin:$PATH
CHATD_HOME=$scratch/home
CHATD_NO_DISCOVERY=1 CHATD_DEMO_DELAY_MS=0
export PATH CHATD_HOME CHATD_NO_DISCOVERY CHATD_DEMO_DELAY_MS
unset OPENAI_API_KEY OPENAI_BASE_URL
cd "$scratch/work" || exit 1
git init -q . && git -c user.name=x -c user.email=x@example.org \
    commit -q --allow-empty -m "begin"

sed -n 's/^	\$ //p' "$top_srcdir/README" >"$scratch/commands"
# shellcheck disable=SC2016 # no expansion meant
grep -q 'chatd run "hello"' "$scratch/commands" || {
	echo "Bail out! no commands found in README"
	exit 1
}
echo "1..$(($(wc -l <"$scratch/commands") * 2))"
n=0
while IFS= read -r line; do
	bash -o pipefail -c "$line" >"$scratch/out" 2>"$scratch/err" </dev/null
	status=$?
	n=$((n + 1))
	if [ $status = 0 ] && [ ! -s "$scratch/err" ]; then
		echo "ok $n - $line"
	else
		echo "not ok $n - $line (status $status)"
		sed 's/^/# /' "$scratch/err"
	fi
	n=$((n + 1))
	case $line in
	*">"*)
		file=${line##*> }
		[ -s "$file" ] ;;
	*)
		[ -s "$scratch/out" ] ;;
	esac && echo "ok $n - and it has something to say" ||
	    echo "not ok $n - $line says nothing"
done <"$scratch/commands"
