#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 1001-mcp-cli.sh - chatd mcp: list, change, try out, sign in

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

top=$(cd "$top_srcdir" && pwd)
file=$CHATD_HOME/config/mcp.json

run chatd mcp list
is "$status" 0 "without any server there is nothing to list"
like "$err" 'chatd mcp add' "and it is said how to add one"
run chatd mcp add live -e A=b -- node "$top/tests/mcp/lively.mjs" "$scratch/log"
is "$status" 0 "one is added"
run chatd mcp list --json
json "$out" '.[0] | .name == "live" and .state == "on" and
    (.project | not) and .definition.env.A == "b"' "and listed"
run chatd mcp add live x
is "$status" 1 "a name that is taken is refused"
run chatd mcp add web https://mcp.example.com/ -H 'X-A: b'
json "$file" '.mcpServers.web == {"type":"http",
    "url":"https://mcp.example.com/","headers":{"X-A":"b"}}' "so is an address"
is "$(stat -c %a "$file")" 600 "nobody else can read the file"
jq '. + {"other":[1,2]}' "$file" >"$scratch/x" && cat "$scratch/x" >"$file"
run chatd mcp remove web
json "$file" '.other == [1,2] and (.mcpServers | keys) == ["live"]' \
    "removing leaves everything else as it was"
run chatd mcp remove web
is "$status" 66 "one that is not there: status 66"
printf '{ // mine\n"mcpServers":{}}\n' >"$scratch/commented"
cp "$file" "$scratch/kept"
cp "$scratch/commented" "$file"
run chatd mcp add b c
is "$status" 78 "a file with comments is not rewritten"
cmp -s "$file" "$scratch/commented"
is $? 0 "and stays as it was"
cp "$scratch/kept" "$file"
run chatd mcp nothing
is "$status" 2 "an unknown word: status 2"
run chatd mcp add x
is "$status" 2 "too few words: status 2"

run chatd mcp test live
is "$status" 0 "test starts it"
like "$out" '^live: ready, 4 tools' "and counts its tools"
run chatd mcp test --json
json "$out" '.[0].ready and (.[0].tools | map(.name) |
    index("mcp__live__progress")) != null' "as JSON, too"
json "$out" '[.[0].tools[] | select(.name == "mcp__live__hang") |
    .description] == ["does hang"]' "what nobody can see is left out"
run chatd mcp call live progress
same "$out" 'all\n' "call gives a tool's result"
run chatd mcp call live nothing
is "$status" 66 "a tool that is not there: status 66"
run chatd mcp add gone no-such-program
run chatd mcp test gone
like "$out" 'gone: failed: .*no-such-program' "test says what is wrong"
is "$status" 66 "and its status tells it"
printf '{"mcpServers":{
    "null":{"command":"sleep","args":["999"],"startupTimeout":1}}}\n' >"$scratch/kept2"
cp "$file" "$scratch/kept"
cp "$scratch/kept2" "$file"
run chatd mcp test null
is "$status $(grep -c 'not ready within its startupTimeout, 1 s' "$out")" "69 1" \
    "one that is silent cannot be reached: status 69"
cp "$scratch/kept" "$file"

# a project's
printf '{"mcpServers":{"ours":{"command":"node","args":["%s","%s"]}}}\n' \
    "$top/tests/mcp/lively.mjs" "$scratch/ours" >.mcp.json
run chatd mcp test ours
is "$status" 77 "a project's server is not tried out without consent"
is "$(cat "$scratch/ours" 2>/dev/null)" "" "nor started"
run chatd mcp list --json
json "$out" '.[] | select(.name == "ours") | .state == "needs consent" and
    .project' "the list shows it"
run chatd mcp allow ours
like "$err" 'lively.mjs' "what is agreed to is shown"
run chatd mcp test ours
like "$out" 'ours: ready' "then it starts"
run chatd mcp deny ours
run chatd mcp list
like "$out" '^ours +refused' "the answer can be changed"
run chatd mcp add --project mine cat
run chatd mcp list
like "$out" '^mine +on' "what one adds to a project oneself needs no consent"
like .mcp.json '"ours"' "and the others stay there"
run chatd mcp allow live
is "$status" 2 "one's own needs none either"
rm .mcp.json

# signing in
node "$top/tests/mcp/oauth.mjs" >"$scratch/port" &
peer_pid=$!
await test -s "$scratch/port"
at=http://127.0.0.1:$(cat "$scratch/port")
post()
{
	node -e 'fetch(process.argv[1], {method: "POST",
	    body: process.argv[2] ?? ""})' "$at$1" "${2-}"
}
printf '#!/bin/sh\nexec node "%s/tests/mcp/browser.mjs" "$1"\n' "$top" \
    >"$scratch/browser"
chmod +x "$scratch/browser"
BROWSER=$scratch/browser
export BROWSER
tokens=$CHATD_HOME/data/mcp-tokens.json
chatd mcp add safe "$at/mcp" 2>/dev/null
run chatd mcp test safe
is "$status" 77 "a server that wants a token: status 77"
like "$out" 'chatd mcp login safe' "and what to do"
run chatd mcp login safe
is "$status" 0 "signing in"
is "$(stat -c %a "$tokens")" 600 "nobody else can read the token"
run chatd mcp call safe hello
same "$out" 'welcome\n' "lets it be used"
before=$(jq -r '.tokens[0].refreshToken' "$tokens")
post /expire
run chatd mcp call safe hello
same "$out" 'welcome\n' "a token that has ended is renewed"
json "$tokens" ".tokens[0].refreshToken != \"$before\"" \
    "and what renews it changes with it"
jq '.tokens[0].expires = 1' "$tokens" >"$scratch/x"
cat "$scratch/x" >"$tokens"
run chatd mcp call safe hello
same "$out" 'welcome\n' "one that is about to end, too"
json "$tokens" '.tokens[0].expires > 1' "before it is refused"
post /revoke
run chatd mcp call safe hello
is "$status" 77 "what was revoked is not renewed"
like "$err" 'chatd mcp login safe' "which is said"
for odd in no-pkce wrong-iss wrong-state wrong-issuer; do
	post /mode $odd
	run chatd mcp login safe
	is "$status" "$(case $odd in
	    wrong-iss | wrong-state) echo 77 ;; *) echo 1 ;; esac)" \
	    "$odd: nobody is signed in"
done
post /mode ''
chatd mcp login safe 2>/dev/null
run chatd mcp logout safe
json "$tokens" '.tokens == []' "logout forgets the token"
kill $peer_pid
wait $peer_pid 2>/dev/null
peer_pid=
run chatd mcp login live
is "$status" 2 "at a program nobody signs in"
run chatd mcp login http://192.0.2.1/mcp
is "$status" 1 "nor without https"

finish
