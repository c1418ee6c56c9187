#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0612-browser.sh - share/examples/web, built, in headless Chromium

. "$top_srcdir/tests/t/lib.sh"
. "$top_srcdir/tests/clients/clients.sh"

CHROMIUM=${CHROMIUM:-/usr/bin/chromium}
[ -x "$CHROMIUM" ] || missing "chromium is not installed"
web_dir=${WEB_DIR:-$top_srcdir/share/examples/web}
[ -d "$web_dir/node_modules/vite" ] ||
    missing "run make share/examples/web/node_modules/.installed"

# built beside its packages, wherever those are
WEB=$scratch/web
mkdir "$WEB" && cp -R "$top_srcdir"/share/examples/web/src \
    "$top_srcdir"/share/examples/web/*.* "$WEB/"
ln -s "$(cd "$web_dir" && pwd)/node_modules" "$WEB/node_modules"
if ! (cd "$WEB" && node node_modules/vite/bin/vite.js build) \
    >"$scratch/build" 2>&1; then
	sed 's/^/# /' "$scratch/build"
	echo "Bail out! the example cannot be built"
	exit 1
fi
export WEB CHROMIUM
clients_run browser.mjs
