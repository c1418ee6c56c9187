#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0861-agent-examples.sh - share/examples/agents: sh, Python, Node with the
# AI SDK, which goes through whole approvals

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
. "$top_srcdir/tests/t/serve-lib.sh"

: "${AGENT_DIR:=$top_srcdir/share/examples/agents/node}"
command -v python3 >/dev/null || missing "no python3"
[ -e "$AGENT_DIR/node_modules/.installed" ] ||
    [ -d "$AGENT_DIR/node_modules/ai" ] || missing "no AI SDK"
agents=$CHATD_HOME/config/agents
mkdir -p "$agents/node"
cp "$top_srcdir"/share/examples/agents/*.* "$agents"
cp "$top_srcdir"/share/examples/agents/node/*.* "$agents/node"
ln -s "$AGENT_DIR/node_modules" "$agents/node/node_modules"
chmod +x "$agents"/*.sh "$agents"/*.py

node "$top_srcdir/tests/agents/completions.mjs" >"$scratch/port" &
completions=$!
trap 'kill "$completions" 2>/dev/null; cleanup' EXIT
await test -s "$scratch/port"
OPENAI_BASE_URL=http://127.0.0.1:$(cat "$scratch/port")/v1
export OPENAI_BASE_URL

last()	# SESSION FILTER SENTENCE: of its last message
{
	chatd show "$1" --json >"$out"
	json "$out" ".messages[-1] | $2" "$3"
}
completes()	# SESSION N
{
	[ "$(chatd show "$1" --records | grep -c turn-complete)" -ge "$2" ]
}
types()	# SESSION: the chunks of its last turn, without deltas
{
	chatd show "$1" --records | grep -o '"type":"[a-z-]*' |
	    sed 's/.*"//' | grep -v delta | tr '\n' ' '
}

run chatd agents
like "$out" '^node +user +program: node .*/node/agent.mjs +an agent in Node' \
    "they are listed"

# sh
run chatd run -a shell -s sh 'say "hello" \ there' </dev/null
is "$(cat "$out")" 'You said: say "hello" \ there (turn 1)' \
    "the agent in sh repeats what is said"
run chatd run -s sh again </dev/null
is "$(cat "$out")" 'You said: again after I was away (turn 1)' \
    "and knows that it was away"

# Python
run chatd run -a python -s py --metadata name=Ada to be or not to be </dev/null
is "$status $(cat "$out")" "0 Ada: 6 words, 4 of them different. " \
    "the agent in Python counts, and knows the client data"
run chatd run -a python --metadata '{"name":["Ada"]}' hello </dev/null
is "$status" 1 "data that is not what its file says is refused"
run chatd run -s py forget </dev/null
is "$status" 3 "it asks before it forgets"
run chatd approve py
await completes py 3
last py '.parts | .[0].state == "output-available" and
    .[1].text == "All forgotten. "' "and does it when a person agrees"

# Node, with the published AI SDK
run chatd run -a node -s hi -o json hello </dev/null
json "$out" '.result == "heard: hello" and .finishReason == "stop" and
    .steps == 1' "streamText() answers"
run chatd run -s hi -o json look </dev/null
json "$out" '.steps == 2 and (.message.parts[1] |
    .type == "tool-stock" and .state == "output-available" and
    .output == {"item": "bolts", "left": 5})' \
    "a tool that needs nobody runs in the turn"
run chatd run -a node -o json broken </dev/null
json "$out" '.error.message == "out of order"' \
    "what the server of its model says is the error"

run chatd run -a node -s yes -o json order </dev/null
is "$status" 3 "a tool with needsApproval waits"
id=$(jq -r .message.id "$out")
run chatd approve yes
is "$status" 0 "chatd approve says yes"
await completes yes 2
last yes '.id == "'"$id"'" and .parts[1].state == "output-available" and
    .parts[1].output == "ordered: 3 bolts" and
    .parts[1].approval.approved and
    .parts[-1].text == "tool: ordered: 3 bolts"' \
    "streamText() runs it and goes on in the same message"
json "$out" '.messages | length == 2' "which is the only answer"
case $(types yes) in
*"tool-approval-request finish-step message-metadata finish start "*\
"tool-output-available start-step text-start text-end finish-step "*)
	pass 0 "in the order of ui-message-stream 10" ;;
*)	pass 1 "in the order of ui-message-stream 10"
	types yes | sed 's/^/# /' ;;
esac

run chatd run -a node -s no order </dev/null
run chatd approve no --deny 'too dear'
await completes no 2
last no '.parts[1].state == "output-denied" and
    .parts[1].approval.reason == "too dear" and
    .parts[-1].text == "tool: too dear"' "a no reaches its model, with reason"
run chatd run -s no hello </dev/null
is "$status $(cat "$out")" "0 heard: hello" "and the talk goes on"

run chatd run -a node -s else order </dev/null
run chatd run -s else hello </dev/null
is "$status $(cat "$out")" "0 heard: hello" \
    "who writes something else instead of an answer is answered"

run chatd run -a node -s both both </dev/null
is "$status" 3 "of two calls one waits"
run chatd approve both
await completes both 2
last both '[.parts[] | .state // empty] ==
    ["output-available", "output-available", "done"] and
    (.parts[-1].text | contains("left") and contains("ordered"))' \
    "and its model is told both results"

# warm: a stop, and an approval in the same process
model=demo
serve
create w node
say w slow
spoken()
{
	chatd show w --records | grep -q '"delta":"slow'
}
await spoken
run chatd stop w
await completes w 1
chatd show w --records >"$out"
like "$out" '"type":"abort"' "a stop is an abort of streamText()"
say w order
await completes w 2
run chatd approve w
await completes w 3
last w '.parts[1].output == "ordered: 3 bolts"' \
    "an answer reaches the program that asked"
kill "$serve_pid"

finish
