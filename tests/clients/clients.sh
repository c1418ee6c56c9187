# SPDX-License-Identifier: GPL-3.0-or-later
# clients.sh - run the published clients against a chatd serve of our own
#
#	. "$top_srcdir/tests/t/lib.sh"
#	. "$top_srcdir/tests/clients/clients.sh"
#	clients_run FILE.mjs [OPTION...]	# its TAP is ours; ends the script
#
# `make check` installs the packages, in tests/clients of the build tree.

clients_script=chat.script
clients_pause=
clients_dir=${CLIENTS_DIR:-$top_srcdir/tests/clients}

clients_need()
{
	command -v node >/dev/null 2>&1 || missing "node is not installed"
	[ -d "$clients_dir/node_modules/@trigger.dev" ] ||
	    missing "run make tests/clients/node_modules/.installed"
}

# Sets BASE_URL and SECRET_KEY for the tests. The model plays
# $clients_script; more options of serve may be given. Who does something in
# the middle of the slow answer has $clients_pause ms for it, behind n30.
clients_serve()
{
	SERVE_MODEL=script:$top_srcdir/tests/clients/$clients_script
	if [ -n "$clients_pause" ]; then
		sed '/"n30 "/{n;s/:10}/:'"$clients_pause"'}/;}' \
		    "${SERVE_MODEL#script:}" >"$scratch/slower"
		SERVE_MODEL=script:$scratch/slower
	fi
	"$CHATD" serve --listen 127.0.0.1:0 --log "$scratch/serve.log" \
	    -m "$SERVE_MODEL" "$@" \
	    >"$scratch/serve.out" 2>&1 &
	peer_pid=$!
	await grep -q '^listening' "$scratch/serve.out" || return 1
	BASE_URL=$(sed -n 's/^listening at \(http[^ ]*\) .*/\1/p' \
	    "$scratch/serve.out")
	SECRET_KEY=$(grep -m1 '^tr_' "$CHATD_HOME/config/keys")
	SERVE_PID=$peer_pid
	export BASE_URL SECRET_KEY CHATD SERVE_PID SERVE_MODEL
}

# The tests stand beside their packages, wherever those are.
clients_run()
{
	clients_need
	mjs=$1
	shift
	if ! clients_serve "$@"; then
		sed 's/^/# /' "$scratch/serve.out"
		echo "Bail out! chatd serve does not start"
		exit 1
	fi
	cp "$top_srcdir"/tests/clients/*.mjs "$scratch/"
	ln -s "$(cd "$clients_dir" && pwd)/node_modules" "$scratch/node_modules"
	# what a browser leaves goes with the rest
	TMPDIR=$scratch node "$scratch/$mjs"
	status=$?
	[ $status = 0 ] || tail -n 20 "$scratch/serve.log" | sed 's/^/# /'
	exit $status
}

# The example's page, built; sets WEB and CHROMIUM.
clients_web()
{
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
}
