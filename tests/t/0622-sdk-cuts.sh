#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0622-sdk-cuts.sh - the SDK's own clients over streams cut thousands of times
#
# CHATD_SDK_CUTS says how often (1500), CHATD_CUTS_SEED repeats the cuts.

. "$top_srcdir/tests/t/lib.sh"
. "$top_srcdir/tests/clients/clients.sh"

CUTS=${CHATD_SDK_CUTS:-1500}
export CUTS
clients_run sdk-cuts.mjs
