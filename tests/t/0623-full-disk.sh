#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0623-full-disk.sh - a turn that cannot be written is told, and taken up again

: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${CHATD:=$top_srcdir/src/chatd}"
exec node "$top_srcdir/tests/t/full-disk.mjs" "$CHATD"
