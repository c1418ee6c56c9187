#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# conformance.sh - the client that the MCP conformance suite judges: chatd
#
#	CHATD=... MCP_CONFORMANCE_SCENARIO=... conformance.sh URL
#
# Each scenario wants its server spoken to in a certain way; chatd mcp does.
# Where one signs in, the browser is browser.mjs, whose person says yes.

for url; do :; done	# the last one
here=$(cd "$(dirname "$0")" && pwd)
CHATD_HOME="${CHATD_HOME:?}/$$"
mkdir -p "$CHATD_HOME/config"
printf '#!/bin/sh\nexec node "%s/browser.mjs" "$1"\n' "$here" \
    >"$CHATD_HOME/browser"
chmod +x "$CHATD_HOME/browser"
BROWSER=$CHATD_HOME/browser
export CHATD_HOME BROWSER

# configure OAUTH: the server is called srv
configure()
{
	printf '{"mcpServers":{"srv":{"url":"%s","oauth":%s}}}' "$url" "$1" \
	    >"$CHATD_HOME/config/mcp.json"
	url=srv
}
call()
{
	"$CHATD" mcp call "$url" "$@"
}
# As a person would: do what the message says, at most three times.
call_signed()
{
	for try in 1 2 3; do
		call "$@" 2>"$CHATD_HOME/said" && return 0
		cat "$CHATD_HOME/said" >&2
		scope=$(sed -n "s/.*login --scope '\([^']*\)'.*/\1/p" \
		    "$CHATD_HOME/said")
		[ "$try" != 3 ] || return 1
		grep -q 'chatd mcp login' "$CHATD_HOME/said" || return 1
		"$CHATD" mcp login ${scope:+--scope "$scope"} "$url" ||
		    return 1
	done
}

case $MCP_CONFORMANCE_SCENARIO in
initialize)
	"$CHATD" mcp test "$url" ;;
tools_call)
	call add_numbers '{"a":5,"b":3}' ;;
sse-retry)
	call test_reconnection ;;
elicitation-sep1034-client-defaults)
	call test_client_elicitation_defaults -y ;;
auth/basic-cimd)
	configure '{"clientId":"https://conformance-test.local/client-metadata.json"}'
	call_signed test-tool ;;
auth/pre-registration)
	configure '{"clientId":"pre-registered-client",
	    "clientSecret":"pre-registered-secret"}'
	call_signed test-tool ;;
auth/*)
	call_signed test-tool ;;
*)
	echo "unknown scenario: $MCP_CONFORMANCE_SCENARIO" >&2
	exit 1 ;;
esac
