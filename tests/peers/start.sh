#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# start.sh - run a peer by hand: prints its address, ends with Ctrl+C
#
#	start.sh mountebank [IMPOSTERS]
#	start.sh aimock FIXTURES

top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$top_srcdir/tests/peers/peers.sh"
peers_need
scratch=$(mktemp -d) || exit 1
trap 'peers_stop; rm -rf "$scratch"' EXIT
trap 'exit 0' INT TERM
case $1 in
mountebank)
	file=$(realpath "${2:-$top_srcdir/tests/peers/deviations.json}")
	cd "$scratch" || exit 1
	mountebank_start "$file" || { cat mb.out >&2; exit 1; }
	echo "control http://127.0.0.1:$mb_port"
	peer_http GET "http://127.0.0.1:$mb_port/imposters" | node -e '
		const all = JSON.parse(require("fs").readFileSync(0)).imposters;
		for (const i of all)
			console.log(i.name, i.protocol, "127.0.0.1:" + i.port);'
	wait "$mb_pid"
	;;
aimock)
	fixtures=$(realpath "$2")
	cd "$scratch" || exit 1
	aimock_start "$fixtures" || { cat aimock.out >&2; exit 1; }
	echo "aimock http://127.0.0.1:$aimock_port/v1"
	wait "$aimock_pid"
	;;
*)
	echo "usage: start.sh mountebank [IMPOSTERS] | aimock FIXTURES" >&2
	exit 2
	;;
esac
