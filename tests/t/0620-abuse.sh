#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0620-abuse.sh - chatd serve among those who mean it no good
#
# ONLY=WORD runs the cases with that word.

: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${CHATD:=$top_srcdir/src/chatd}"
exec node "$top_srcdir/tests/t/abuse.mjs" "$CHATD"
