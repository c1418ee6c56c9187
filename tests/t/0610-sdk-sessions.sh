#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0610-sdk-sessions.sh - sessions.*, auth.* of the published SDK

. "$top_srcdir/tests/t/lib.sh"
. "$top_srcdir/tests/clients/clients.sh"
clients_run sessions.mjs
