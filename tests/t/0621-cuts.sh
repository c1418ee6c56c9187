#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0621-cuts.sh - readers cut off thousands of times, a server killed: the same
#
# CHATD_CUTS says how often (3000), CHATD_CUTS_SEED repeats the cuts.

: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${CHATD:=$top_srcdir/src/chatd}"
exec node "$top_srcdir/tests/t/cuts.mjs" "$CHATD" "${CHATD_CUTS:-3000}"
