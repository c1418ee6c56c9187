#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0613-sdk-pending.sh - messages during a turn, with the published clients

. "$top_srcdir/tests/t/lib.sh"
. "$top_srcdir/tests/clients/clients.sh"
clients_script=pending.script
clients_run pending.mjs --sandbox off --permission-mode allow-all
