#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0940-halves.sh - kill -9 of clients and server halves: nothing lost or twice
#
# CHATD_HALVES_SECONDS says for how long (15; ten minutes are 600),
# CHATD_KILL_SEED repeats a plan.

: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${CHATD:=$top_srcdir/src/chatd}"
exec node "$top_srcdir/tests/t/halves.mjs" "$CHATD" \
    "${CHATD_HALVES_SECONDS:-15}" local 2
