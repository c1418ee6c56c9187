#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0605-curl-recipe.sh - the example of chatd-protocol(7) works as it stands
#
# Only the address and the folder of the keys are put in.

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
. "$top_srcdir/tests/t/serve-lib.sh"

script answer <<'END'
{"type":"text-delta","text":"to the sea"}
END
serve || exit 1
mkdir "$scratch/bin"
ln -s "$CHATD" "$scratch/bin/chatd"
PATH=$scratch/bin:$PATH
sed -n '/^\.Sh EXAMPLES/,/^\.Ed/p' "$top_srcdir/man/chatd-protocol.7" |
    sed -e '/^\.Bd/,/^\.Ed/!d' -e '/^\.[BE]d/d' -e 's/\\e$/\\/' \
    -e "s,^url=.*,url=$url," -e "s,~/.config/chatd,$CHATD_HOME/config," \
    >"$scratch/recipe"
is "$(grep -c '^curl' "$scratch/recipe")" 3 "the page has three requests"
run timeout 180 sh -eu "$scratch/recipe"
is "$status" 0 "they end well"
like "$out" '"id":"session_' "the first makes a session"
like "$out" '"ok":true' "the second puts a message into it"
like "$out" 'to the sea' "the third shows the answer"
like "$out" 'turn-complete' "up to its end"
run chatd show trip
like "$out" '^to the sea$' "the session is there for chatd, too"
finish
