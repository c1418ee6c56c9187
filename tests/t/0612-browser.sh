#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0612-browser.sh - share/examples/web, built, in headless Chromium

. "$top_srcdir/tests/t/lib.sh"
. "$top_srcdir/tests/clients/clients.sh"

clients_web
clients_pause=5000
clients_run browser.mjs
