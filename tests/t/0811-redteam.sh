#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0811-redteam.sh - what tries to slip past deny rules or out of the sandbox

: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${CHATD:=$top_srcdir/src/chatd}"
exec node "$top_srcdir/tests/t/redteam.mjs" "$CHATD"
