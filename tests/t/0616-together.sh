#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0616-together.sh - a screen, a browser page and curl on one session at once

. "$top_srcdir/tests/t/lib.sh"
. "$top_srcdir/tests/clients/clients.sh"

clients_web
clients_script=together.script
SCRATCH=$scratch
export SCRATCH
clients_run together.mjs
