#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0500-kill.sh - kill -9 at random moments loses nothing and repeats nothing
#
# CHATD_KILLS says how often (200), CHATD_KILL_SEED repeats a run.

: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${CHATD:=$top_srcdir/src/chatd}"
exec node "$top_srcdir/tests/t/kill.mjs" "$CHATD" "${CHATD_KILLS:-200}"
