#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# conformance.sh - the client that the MCP conformance suite judges: chatd
#
#	CHATD=... MCP_CONFORMANCE_SCENARIO=... conformance.sh URL
#
# Each scenario wants its server spoken to in a certain way; chatd mcp does.

for url; do :; done	# the last one
export CHATD_HOME="${CHATD_HOME:?}/$$"
mkdir -p "$CHATD_HOME"

case $MCP_CONFORMANCE_SCENARIO in
initialize)
	exec "$CHATD" mcp test "$url" ;;
tools_call)
	exec "$CHATD" mcp call "$url" add_numbers '{"a":5,"b":3}' ;;
sse-retry)
	exec "$CHATD" mcp call "$url" test_reconnection ;;
elicitation-sep1034-client-defaults)
	exec "$CHATD" mcp call -y "$url" test_client_elicitation_defaults ;;
*)
	echo "unknown scenario: $MCP_CONFORMANCE_SCENARIO" >&2
	exit 1 ;;
esac
