#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 1000-mcp.sh - MCP servers in a turn: those of npm, and a lively one

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

packages=${top_builddir:-$top_srcdir}/tests/mcp/node_modules
packages=$(cd "$packages" && pwd)/@modelcontextprotocol ||
    missing "run make tests/mcp/node_modules/.installed"
lively=$(cd "$top_srcdir" && pwd)/tests/mcp/lively.mjs
mkdir -p "$CHATD_HOME/config"
user=$CHATD_HOME/config/mcp.json
log=$scratch/log
# server NAME ENTRY: the only one of the user
server()
{
	printf '{"mcpServers":{"%s":%s}}\n' "$1" "$2" >"$user"
	: >"$log"
}
npm()	# PACKAGE [ARG]
{
	printf '{"command":"node","args":["%s/%s/dist/index.js"%s]}' \
	    "$packages" "$1" "${2:+,\"$2\"}"
}
lively()	# [ARG [MORE-OF-ENTRY]]
{
	printf '{"command":"node","args":["%s","%s"%s]%s}' "$lively" "$log" \
	    "${1:+,\"$1\"}" "${2:+,$2}"
}
# calls TOOL INPUT...: a model that calls each in a step of its own
calls()
{
	i=0
	while [ $# -gt 0 ]; do
		i=$((i + 1))
		printf '{"turn":%d}\n{"type":"tool-call","id":"c%d",' \
		    "$((i - 1))" "$i"
		printf '"name":"%s","input":%s}\n' "$1" "$2"
		shift 2
	done | sed 1d | script m
	printf '{"turn":%d}\n{"type":"text-delta","text":"over"}\n' "$i" \
	    >>"$scratch/m"
	model=script:$scratch/m
}
# turn SESSION [OPTION...]
turn()
{
	session=$1
	shift
	run chatd run -m "$model" -s "$session" "$@" go </dev/null
	look "$session"
}
look()
{
	chatd show "$1" --json | jq '[.messages[-1].parts[] |
	    select(.toolCallId)]' >"$call"
}
call=$scratch/call
yes='--allowed-tools=mcp__*'

# server-everything
server every "$(npm server-everything)"
calls mcp__every__echo '{"message":"hi"}'
turn e1
is "$status" 3 "an MCP tool is asked about"
json "$call" '.[0].state == "approval-requested" and
    .[0].approval.descriptor.rule == "mcp__every__echo"' \
    "with the rule that always would store"
run chatd approve e1
run chatd wait e1
look e1
json "$call" '.[0].output.content[0].text == "Echo: hi" and
    .[0].resultProviderMetadata.chatd.model == "Echo: hi"' \
    "approved, it runs in another process; both forms are kept"
turn e2
run chatd approve e2 --deny 'not now'
run chatd wait e2
look e2
json "$call" '.[0].state == "output-denied"' "denied, it does not"
turn e3 --allowed-tools 'mcp__every__echo'
is "$status" 0 "a rule allows it"
turn e4 --allowed-tools 'mcp__every'
is "$status" 0 "so does one for the server"
turn e5 "$yes" --disallowed-tools 'mcp__every__e*'
json "$call" '.[0].state == "output-denied"' "a rule that denies wins"
calls mcp__every__get-tiny-image '{}'
turn e6 "$yes"
json "$call" '.[0].resultProviderMetadata.chatd.model |
    map(select(.type == "media")) | .[0].mediaType == "image/png" and
    (.[0].data | length) > 100' "the model gets the picture"
json "$call" '[.[0].output.content[] | select(.type == "image")] |
    .[0].base64Bytes > 100 and (.[0] | has("data") | not)' \
    "people get what it is"
calls mcp__every__get-structured-content '{"location":"New York"}'
turn e7 "$yes"
json "$call" '.[0].output.structuredContent.temperature != null' \
    "structured content is kept"
calls mcp__every__get-resource-links '{"count":2}' \
    mcp__every__get-resource-reference '{"resourceType":"Text","resourceId":1}'
turn e8 "$yes"
json "$call" '(.[0].resultProviderMetadata.chatd.model | contains("[link: "))
    and (.[1].resultProviderMetadata.chatd.model | contains("[resource "))' \
    "links and resources are told as lines"
calls mcp__every__get-sum '{"a":"x","b":1}' mcp__every__no-such '{}'
turn e9 "$yes"
json "$call" '.[0].state == "output-error" and
    (.[1].errorText | contains("no tool mcp__every__no-such"))' \
    "wrong arguments and tools are errors for the model"
calls mcp__every__trigger-long-running-operation '{"duration":3,"steps":5}'
turn e10 "$yes"
run chatd show e10 --records
like "$out" '"progress":[1-5],"total":5},"preliminary":true' "progress is a preliminary result"

# server-filesystem, server-memory
server fs "$(npm server-filesystem "$PWD")"
echo content >file
calls mcp__fs__read_text_file "{\"path\":\"$PWD/file\"}" \
    mcp__fs__read_text_file '{"path":"/etc/hostname"}'
turn f1 "$yes"
json "$call" '.[0].resultProviderMetadata.chatd.model ==
    "content\n"' "server-filesystem reads a file"
json "$call" '.[1].state == "output-error" and
    (.[1].errorText | contains("Access denied"))' "isError is an error"
server mem "{\"command\":\"node\",\"args\":[\"$packages/server-memory/dist/index.js\"],
    \"env\":{\"MEMORY_FILE_PATH\":\"\${MEM_DIR:-$scratch}/mem.jsonl\"}}"
calls mcp__mem__create_entities \
    '{"entities":[{"name":"Ada","entityType":"p","observations":["counts"]}]}'
turn m1 "$yes"
calls mcp__mem__search_nodes '{"query":"Ada"}'
turn m2 "$yes"
json "$call" '.[0].resultProviderMetadata.chatd.model |
    contains("counts")' "server-memory remembers from one turn to the next"

# a lively one
server live "$(lively)"
calls mcp__live__progress '{}'
turn l1 "$yes"
is "$(grep -c '^call' "$log") $(tail -n 1 "$log")" "1 end" \
    "a server is ended with the program, politely"
calls mcp__live__grow '{}' mcp__live__late '{}'
turn l2 "$yes"
json "$call" '.[1].output.content[0].text == "late but here"' \
    "a tool that comes in mid-turn is there at the next step"
: >"$log"
calls mcp__live__die '{}' mcp__live__progress '{}'
turn l3 "$yes"
json "$call" '.[0].state == "output-error" and
    (.[0].errorText | contains("exit status 9"))' \
    "a server that dies in mid-call: the model is told"
is "$(grep -c 'call die' "$log") $(grep -c start "$log")" "1 2" \
    "it is started again, and the call is not repeated"
json "$call" '.[1].output.content[0].text == "all"' "and then goes on"
calls mcp__live__hang '{}'
: >"$log"
"$CHATD" run -m "$model" -s l4 "$yes" go </dev/null >/dev/null 2>&1 &
pid=$!
await grep -q 'call hang' "$log"
run chatd stop l4
wait $pid
await grep -q cancelled "$log"
is "$(grep -c cancelled "$log")" 1 "a stop is passed on to the server"
look l4
json "$call" '.[0].state == "output-error"' "and ends the call"
server live "$(lively '' '"timeout_ms":100')"
turn l5 "$yes"
json "$call" '.[0].errorText | contains("did not answer")' \
    "a call has a time limit"

: >"$log"
server live "$(lively)"
turn l6 "$yes" --disallowed-tools 'mcp__*'
is "$(grep -c start "$log")" 0 "of a server whose tools are all denied none is started"
turn l7 "$yes" --disallowed-tools 'mcp__live'
is "$(grep -c start "$log")" 0 "however the rule says it"
calls mcp__live__progress '{}'
turn l8 "$yes" --permission-mode plan
json "$call" '.[0].state == "output-denied"' "plan mode denies"
: >"$log"
run chatd ls
run chatd tools
run chatd --version
run chatd mcp list
is "$(grep -c start "$log")" 0 "commands that run no turn start no server"

# kill -9 in mid-call
calls mcp__live__hang '{}'
: >"$log"
"$CHATD" run -m "$model" -s k1 "$yes" go </dev/null >/dev/null 2>&1 &
pid=$!
await grep -q 'call hang' "$log"
server=$(sed -n 's/^start //p' "$log")
kill -9 $pid
wait $pid 2>/dev/null
# dead, though perhaps nobody has taken notice of it
await sh -c "! grep -qs '^State:.[^ZX]' /proc/$server/status"
is $? 0 "after kill -9 its server is gone"
run chatd wait k1
is "$status $(grep -c 'call hang' "$log")" "0 1" \
    "the call is not made a second time"
look k1
json "$call" '.[0].state == "output-error" and
    (.[0].errorText | contains("interrupted"))' "the model is told so"
calls mcp__live__progress '{}'
turn k2
"$CHATD" approve k2 >/dev/null 2>&1
run chatd wait k2
look k2
json "$call" '.[0].state == "output-available"' \
    "an approved call waits for its server to be there"

# broken and slow ones
server gone '{"command":"no-such-program"}'
calls Glob '{"pattern":"*"}'
turn b1
is "$status" 0 "a server that cannot be started does not end the turn"
like "$err" 'chatd: MCP server gone: .*no-such-program' "the person is told why"
server slow "$(lively delay=600000 '"startupTimeout":1')"
turn b2
is "$status" 0 "a slow one does not hold it up for longer than its limit"
like "$err" 'MCP server slow: takes long to start' "which is told, too"
server unset '{"command":"node","args":["${NO_SUCH_VARIABLE}"]}'
turn b3
like "$err" 'MCP server unset: .*NO_SUCH_VARIABLE' "so is a variable that is not set"
echo '{' >"$user"
turn b4
like "$err" 'mcp.json' "and a file that is none"
is "$status" 0 "all of which ends no turn"
printf '{"mcpServers":{"a.b":%s,"a_b":%s}}' "$(lively)" "$(lively)" >"$user"
turn b5
like "$err" 'a_b: its tools would have the names of those of a.b' \
    "names that would clash are refused"
rm "$user"

# a project's
printf '{"mcpServers":{"ours":%s}}' "$(lively)" >.mcp.json
: >"$log"
calls mcp__ours__progress '{}'
turn p1 "$yes" --permission-mode allow-all
is "$(grep -c start "$log")" 0 "a project's server is never started unasked"
like "$err" 'chatd: MCP server ours: not started: .*chatd mcp allow ours' \
    "which is said, with what to do"
run chatd mcp allow ours
turn p2 "$yes"
json "$call" '.[0].output.content[0].text == "all"' "with consent it runs"
: >"$log"
mkdir sub
cd sub || exit 1
git init -q .. 2>/dev/null
turn p3 "$yes"
like "$log" 'call progress' "also from a folder below"
cd .. || exit 1
printf '{"mcpServers":{"ours":%s}}' "$(lively x=y)" >.mcp.json
: >"$log"
turn p4 "$yes"
is "$(grep -c start "$log")" 0 "a definition that changed is asked about anew"

# at a terminal it is asked
terminal()	# KEYS SESSION
{
	rm -f "$scratch/keys" "$scratch/shown"
	mkfifo "$scratch/keys"
	TERM=dumb command script -qfec "'$CHATD' run -m '$model' -s $2 $yes go" \
	    "$scratch/shown" <"$scratch/keys" >/dev/null 2>&1 &
	pid=$!
	exec 9>"$scratch/keys"
	await grep -q 'allow it' "$scratch/shown"
	: >"$log"
	printf '%s\r' "$1" >&9
	wait $pid
	exec 9>&-
}
terminal '' t1
like "$scratch/shown" 'MCP server ours' "a person at a terminal is asked"
like "$scratch/shown" 'lively.mjs.*x=y' "and sees the whole of it"
is "$(grep -c start "$log")" 0 "Enter alone is no consent"
terminal y t2
is "$(grep -c 'call progress' "$log")" 1 "yes starts it"
run chatd mcp list
like "$out" '^ours +on' "and holds from then on"

finish
