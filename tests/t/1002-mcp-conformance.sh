#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 1002-mcp-conformance.sh - what the MCP conformance suite says of our client

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

modules=$(cd "${top_builddir:-$top_srcdir}/tests/mcp/node_modules" && pwd)
suite=$modules/@modelcontextprotocol/conformance/dist/index.js
[ -f "$suite" ] || missing "run make tests/mcp/node_modules/.installed"
# it wants node 22, which comes with it where there is a binary of it
node=$(echo "$modules"/node-linux-*/bin/node)
[ -x "$node" ] || node=node
client=$(cd "$top_srcdir" && pwd)/tests/mcp/conformance.sh
CHATD=$(cd "$(dirname "$CHATD")" && pwd)/chatd
export CHATD

for scenario in initialize tools_call sse-retry \
    elicitation-sep1034-client-defaults auth/metadata-default \
    auth/metadata-var1 auth/metadata-var2 auth/metadata-var3 \
    auth/basic-cimd auth/scope-from-www-authenticate \
    auth/scope-from-scopes-supported auth/scope-omitted-when-undefined \
    auth/scope-step-up auth/scope-retry-limit \
    auth/token-endpoint-auth-basic auth/token-endpoint-auth-post \
    auth/token-endpoint-auth-none auth/pre-registration \
    auth/2025-03-26-oauth-metadata-backcompat \
    auth/2025-03-26-oauth-endpoint-fallback auth/resource-mismatch \
    auth/offline-access-scope auth/offline-access-not-supported; do
	run timeout 180 "$node" "$suite" client --timeout 150000 \
	    --scenario "$scenario" --command "sh $client"
	grep -q 'Passed: [1-9]' "$err" || status=1
	is "$status $(grep -c FAILURE "$err")" "0 0" "$scenario"
done

finish
