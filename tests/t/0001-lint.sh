#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0001-lint.sh - the rules of the tree hold, and their checkers can fail

: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
lint=$top_srcdir/tests/lint
build=${top_builddir:-$top_srcdir}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
n=0

ok()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' "$scratch/out"
	fi
}

# A tree with one layer each and one bad file in it.
plant()
{
	rm -rf "$scratch/tree"
	mkdir -p "$scratch/tree/src/base" "$scratch/tree/src/wire" \
	    "$scratch/tree/src/store"
	printf '/* SPDX-License-Identifier: GPL-3.0-or-later */\n/* a.c - x */\n' \
	    >"$scratch/tree/src/base/a.c"
	cp "$scratch/tree/src/base/a.c" "$scratch/tree/src/wire/a.c"
	cp "$scratch/tree/src/base/a.c" "$scratch/tree/src/store/a.c"
	printf '%s\n' "$2" >>"$scratch/tree/src/$1/a.c"
}

fails()
{
	! sh "$lint/$1" "$scratch/tree" >"$scratch/out" 2>&1
}

echo 1..14
sh "$lint/layers.sh" "$top_srcdir" >"$scratch/out" 2>&1
ok $? "no include goes up or sideways"
sh "$lint/calls.sh" "$top_srcdir" >"$scratch/out" 2>&1
ok $? "no banned call, each library in its one file"
plant base '#include "wire/sse.h"'
fails layers.sh
ok $? "a planted include upwards is found"
plant store '# include "model/model.h"'
fails layers.sh
ok $? "a planted include sideways is found"
plant store '#include "wire/sse.h"'
sh "$lint/layers.sh" "$scratch/tree" >"$scratch/out" 2>&1
ok $? "an allowed include is let through"
plant wire '	strcpy(a, b);'
fails calls.sh
ok $? "a planted banned call is found"
plant wire '#include <sqlite3.h>'
fails calls.sh
ok $? "a library outside its file is found"
sh "$lint/files.sh" "$top_srcdir" >"$scratch/out" 2>&1
ok $? "no source is too long, each test has its own number and is run"
plant base "$(yes '/* */' | head -n 800)"
mkdir -p "$scratch/tree/tests/t"
touch "$scratch/tree/tests/t/0001-a.sh" "$scratch/tree/tests/t/0001-b.sh" \
    "$scratch/tree/tests/t/0002-c.sh"
printf '\ttests/t/0001-%s.sh\n' a b >"$scratch/tree/Makefile.am"
sh "$lint/files.sh" "$scratch/tree" >"$scratch/out" 2>&1
[ $? = 1 ] && [ "$(wc -l <"$scratch/out")" = 3 ]
ok $? "a long source, a number used twice and a test not run are found"
sh "$lint/protocol.sh" "$top_srcdir" >"$scratch/out" 2>&1
ok $? "each section of the session protocol is named by a test"
mkdir -p "$scratch/tree/tests/lint"
cp "$lint/protocol-sections" "$scratch/tree/tests/lint/"
echo '# session-protocol 7.4, 8.4 and 5.1.2' >"$scratch/tree/tests/a.sh"
sh "$lint/protocol.sh" "$scratch/tree" >"$scratch/out" 2>&1
[ $? = 1 ] && ! grep -qE ' (7\.4|8\.4|5\.1):' "$scratch/out" &&
    grep -q ' 6\.1:' "$scratch/out"
ok $? "one that no test names is told, and no other"
sh "$lint/symbols.sh" "$build" >"$scratch/out" 2>&1
ok $? "no two objects of src/ define the same global symbol"
mkdir -p "$scratch/built/src/base" "$scratch/built/src/wire"
cp "$build/src/base/libbase.a" "$scratch/built/src/base/"
sh "$lint/symbols.sh" "$scratch/built" >"$scratch/out" 2>&1
ok $? "one library by itself is let through"
cp "$build/src/base/libbase.a" "$scratch/built/src/wire/libwire.a"
! sh "$lint/symbols.sh" "$scratch/built" >"$scratch/out" 2>&1 &&
    grep -q '^buf_add: src/base/libbase.a:buf.o src/wire/libwire.a:buf.o$' \
    "$scratch/out"
ok $? "a symbol that two libraries have is found, and where"
