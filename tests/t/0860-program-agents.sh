#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0860-program-agents.sh - agents that are programs (chatd-agent(7))

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
. "$top_srcdir/tests/t/serve-lib.sh"

PROBE_DIR=$scratch/probe
export PROBE_DIR
probe=$top_srcdir/tests/agents/probe.sh
mkdir -p "$PROBE_DIR" "$CHATD_HOME/config/agents" .chatd/agents
agent()	# NAME, front matter and body on stdin
{
	cat >"$CHATD_HOME/config/agents/$1.md"
}
agent probe <<END
---
description: does as it is told
program: [sh, "$probe"]
---
Be a probe.
END
agent cold <<END
---
program: [sh, "$probe"]
warm: 0
---
END
told()	# FILTER SENTENCE: of the last line that the program was told
{
	tail -n 1 "$PROBE_DIR/told" >"$scratch/line"
	json "$scratch/line" "$1" "$2"
}
try()	# TEXT
{
	run chatd run -a probe -o json "$1" </dev/null
}
count()	# PATTERN: so many times in $out
{
	grep -o "$1" "$out" | wc -l | tr -d ' '
}

# what it is told, what becomes of what it says
run chatd run -a probe -s one 'say it' </dev/null
is "$status $(cat "$out")" "0 turn 1" "a program answers"
told '.type == "turn" and .turn == 1 and .chatId == "one" and
    (.sessionId | startswith("session_")) and .trigger == "submit-message" and
    .continuation == false and .resumed == false and .clientData == null and
    .instructions == "Be a probe.\n" and .approvals == [] and
    (.messageId | startswith("msg_")) and (.messages | length == 1) and
    .messages[0].role == "user" and .messages[0].parts[0].text == "say it"' \
    "it is told of the turn"
run chatd run -s one --metadata city=Oslo 'say more' </dev/null
told '.continuation and .clientData == {"city": "Oslo"} and
    [.messages[].role] == ["user", "assistant", "user"] and
    .messages[1].parts[0].text == "turn 1"' \
    "the next one goes on with the session and knows it all"
is "$(wc -l <"$PROBE_DIR/left" | tr -d ' ')" 2 \
    "each left by itself at its end of file"

try bare
json "$out" '.result == "whole" and .finishReason == "length" and
    .message.metadata.a == 1 and .message.metadata.agent == "probe" and
    (.message.id | startswith("msg_")) and .steps == 1' \
    "its own start and finish are taken, its message id is not"
try open
json "$out" '.result == "open" and .finishReason == "stop" and
    .message.parts[-1].state == "done"' \
    "what it leaves open is closed, a finish is added"
run chatd run -a probe back </dev/null
same "$out" 'first\n\nsecond\n' "what is taken back stays printed"
chatd show "$(chatd ls --json | jq -r '.[0].id')" --json >"$out"
json "$out" '[.messages[1].parts[] | select(.type == "text") | .text] ==
    ["second"]' "and does not stay in the answer"
try twice
is "$status" 0 "an end said twice is one end"
run chatd run -a probe --max-steps 1 -o json bare </dev/null
is "$status" 0 "a step within the limit"
run chatd run -a probe --max-steps 1 -o json steps </dev/null
is "$status" 4 "one more than the limit: 4"
run chatd run -a probe --json-schema '{"type":"object"}' bare </dev/null
is "$status" 65 "an answer that does not fit the schema: 65"

# the example of the manual page
page=$top_srcdir/man/chatd-agent.7
sed -n 's/^> //p; s/^+ //p' "$page" | tr -d '\n' >"$scratch/said"
echo >>"$scratch/said"
sed -n 's/^< //p' "$page" >"$scratch/wanted"
sh "$top_srcdir/share/examples/agents/shell.sh" <"$scratch/said" >"$out"
[ -s "$scratch/wanted" ] && cmp -s "$scratch/wanted" "$out"
pass $? "the manual's transcript is what the example does"

# what goes wrong is one error and one turn-complete
fails()	# TEXT PATTERN SENTENCE
{
	run chatd run -a probe -o stream-json "$1" </dev/null
	is "$status $(count '"control":"turn-complete"')" "1 1" \
	    "$3: an error, one turn-complete"
	like "$err" "$2" "$3: and it says what was wrong"
}
fails junk 'bad line: .*: printed by mistake$' "no JSON"
fails chunk 'no block "none" is open' "a chunk that does not fit"
fails kind 'unknown type "no-such"' "an unknown chunk"
fails ours "data-chatd-\* are chatd's own" "a name of ours"
fails long 'line of more than 1048576 bytes' "too long a line"
fails flood 'more than 67108864 bytes in one turn' "too much in all"
fails error '^chatd: no such city$' "its own error"
fails exit 'in the middle of its turn: exit status 3: cannot find the city$' \
    "an exit"
try last
is "$status $(jq -r .result "$out")" "0 last" \
    "an exit behind finish is no failure"
agent nowhere <<END
---
program: ./nowhere.sh
---
END
run chatd run -a nowhere hello </dev/null
is "$status" 66 "a program that is not there: 66"
like "$err" 'agents/./nowhere.sh' "and its path, beside the agent's file"
printf -- '---\nprogram: {}\n---\n' | agent wrong
run chatd run -a wrong hello </dev/null
is "$status" 78 "no command: the configuration is wrong"

# a time limit is a stop, and the turn is over when chatd leaves
run chatd run -a probe -s limit --timeout 10 deaf </dev/null
is "$status" 124 "a turn that takes too long: 124"
run chatd show limit --records
is "$(count 'turn-complete')" 1 "it is ended, not left"

# warm between turns
model=demo
serve
: >"$PROBE_DIR/pids"
: >"$PROBE_DIR/left"
idle()
{
	chatd ls --all --json | jq -e --arg s "$1" '.[] |
	    select(.externalId == $s) | .state == "idle"'
}
waiting()
{
	chatd ls --all --json | jq -e --arg s "$1" '.[] |
	    select(.externalId == $s) | .state == "waiting for approval"'
}
completes()	# SESSION N
{
	[ "$(chatd show "$1" --records | grep -c turn-complete)" -ge "$2" ]
}
texts()
{
	chatd show "$1" --json | jq -r '[.messages[] |
	    select(.role == "assistant") | .parts[] | .text // empty] |
	    join(",")'
}
shows()	# SESSION PATTERN: a record of it
{
	chatd show "$1" --records | grep -q "$2"
}
create w probe
say w say-1
await completes w 1
say w say-2
await completes w 2
is "$(texts w)" "turn 1,turn 2" "the same process answers the next turn"
told '.continuation == false and .turn == 2' "which is no continuation"
is "$(wc -l <"$PROBE_DIR/pids" | tr -d ' ')" 1 "one process in all"
create c cold
say c say-1
await grep -q bye "$PROBE_DIR/left"
pass $? "a program with warm: 0 is ended after its turn"
say c say-2
await completes c 2
is "$(texts c)" "turn 1,turn 1" "and another one answers the next"
told '.continuation' "as a continuation"

# stop
create s1 probe
say s1 stop
await shows s1 '"delta":"going'
run chatd stop s1
await completes s1 1
is "$(texts s1)" "going gone" "a stop is told, and the last words are kept"
like "$PROBE_DIR/told" '^\{"type":"stop"\}$' "in a line"
say s1 say
await completes s1 2
is "$(texts s1)" "going gone,turn 2" "the program lives on"
create s2 probe
say s2 deaf
await shows s2 '"delta":"going'
deaf=$(tail -n 1 "$PROBE_DIR/pids")
gone()
{
	! kill -0 "$1"
}
run chatd stop s2
await completes s2 1
is "$(texts s2)" "going" "one that does not obey is not waited for"
await gone "$deaf"
pass $? "it ignores SIGTERM and is killed"
chatd show s2 --records >"$out"
is "$(count 'turn-complete')" 1 "one turn-complete"

# kill -9: the program
create k probe
say k wait
await shows k '"delta":"waits'
kill -9 "$(tail -n 1 "$PROBE_DIR/pids")"
await completes k 1
chatd show k --records >"$out"
is "$(count 'turn-complete')" 1 "a killed program: one turn-complete"
like "$out" 'killed by signal 9' "and an error that says so"
say k say
await completes k 2
told '.continuation and .resumed == false' "the next turn is a continuation"

# kill -9: chatd
create r probe
say r wait
await shows r '"delta":"waits'
victim=$(tail -n 1 "$PROBE_DIR/pids")
kill -9 "$serve_pid"
wait "$serve_pid" 2>/dev/null
await gone "$victim"
pass $? "the program dies with chatd"
: >"$PROBE_DIR/go"
serve
await completes r 1
told '.continuation and .resumed and (.messages | length == 1)' \
    "the turn is told again, without what was cut off"
chatd show r --records >"$out"
is "$(count 'turn-complete')" 1 "there is one turn-complete"
run chatd show r --json
json "$out" '(.messages | length == 2) and (.messages[1].parts |
    map(select(.type == "text")) |
    .[0].providerMetadata.chatd.interrupted and .[1].text == "waits")' \
    "and one answer, in which what was cut off is marked"

# approvals
create a probe
say a ask
await waiting a
pass $? "a program asks, and the turn ends"
run chatd approve a
await completes a 2
told '.approvals == [{"toolCallId": "c1", "toolName": "weather",
    "approved": true, "input": {"city": "Oslo"}}] and
    .messages[-1].role == "assistant" and
    .messages[-1].id == .messageId and
    .messages[-1].parts[-1].state == "approval-responded" and
    .messages[-1].parts[-1].approval.approved' "it is told the answer"
run chatd show a --json
json "$out" '(.messages | length == 2) and
    (.messages[1].parts | map(.state // empty)) ==
    ["output-available", "done"]' "and goes on in the same message"
create d probe
say d ask
await waiting d
run chatd approve d --deny 'stay in'
await completes d 2
told '.approvals[0].approved == false and .approvals[0].reason == "stay in"' \
    "a no is told with its reason"
run chatd show d --json
json "$out" '.messages[1].parts | map(.state // empty) ==
    ["output-denied", "done"]' "and stands in the message"

create b probe
say b both
await waiting b
run chatd approve b
is "$status" 2 "two questions and no name of one"
like "$err" '^hint: name one: c1 \(lift\), c2 \(lift\)' "they are listed"
run chatd why b c2
like "$out" '^lift \{\}' "why tells of a call that a program made"
run chatd why b c2 --json
json "$out" '.toolName == "lift" and .toolCallId == "c2"' \
    "and tells programs its name"
run chatd approve b c1
run chatd approve b c2 --deny no
await completes b 2
told '[.approvals[].approved] == [true, false]' \
    "the program is told of both answers at once"

# kill -9 of chatd when the program has been told of a yes
create h probe
say h ask
await waiting h
: >"$PROBE_DIR/hold"
: >"$PROBE_DIR/ran"
run chatd approve h
await grep -q run "$PROBE_DIR/ran"
kill -9 "$serve_pid"
wait "$serve_pid" 2>/dev/null
rm "$PROBE_DIR/hold"
serve
await completes h 2
told '.resumed and .approvals == []' "what it may have run is not told again"
run chatd show h --json
json "$out" '.messages[1].parts | (.[1].state == "output-error") and
    (.[1].errorText | startswith("interrupted")) and
    .[2].text == "went on"' "but told as interrupted"
is "$(wc -l <"$PROBE_DIR/ran" | tr -d ' ')" 1 "it was run once"
chatd show h --records >"$out"
is "$(count 'turn-complete')" 2 "and each turn has one turn-complete"

# a program that does not read stops nobody
agent asleep <<END
---
program: [sh, -c, "sleep 60"]
---
END
create z asleep
{
	printf '{"kind":"message","payload":{"trigger":"submit-message",'
	printf '"message":{"id":"m","role":"user","parts":[{"type":"text",'
	printf '"text":"'
	head -c 400000 /dev/zero | tr '\0' x
	printf '"}]}}}'
} >"$scratch/record"
ask POST /realtime/v1/sessions/z/in/append -d "@$scratch/record"
is "$status" 200 "a long message to one that does not read"
create y probe
say y say
await completes y 1
pass $? "others are answered meanwhile"
run chatd stop z
await completes z 1
pass $? "and it can be stopped"

# an action that chatd does not know is the program's
ask POST /realtime/v1/sessions/a/in/append -d '{"kind":"message","payload":
    {"chatId":"a","trigger":"action","action":{"type":"deal"}}}'
await completes a 3
told '.trigger == "action" and .action == {"type": "deal"}' \
    "an unknown action reaches the program"

# client data
agent typed <<END
---
program: [sh, "$probe"]
client-data:
  type: object
  required: [city]
  properties: {city: {type: string}}
---
END
told_before=$(wc -l <"$PROBE_DIR/told")
run chatd run -a typed -o stream-json --metadata '{"city":5}' say </dev/null
is "$status $(count '"control":"turn-complete"')" "1 1" \
    "client data that does not fit: an error, one turn-complete"
like "$err" 'client data of agent typed: /city: ' "which says what is wrong"
run chatd run -a typed say </dev/null
is "$status" 1 "and so does none where some is wanted"
is "$(wc -l <"$PROBE_DIR/told")" "$told_before" "the program is not asked"
run chatd run -a typed --metadata city=Bergen say </dev/null
is "$status" 0 "data that fits is taken"
told '.clientData == {"city": "Bergen"}' "and reaches the program"
run chatd run -a typed -s odd --metadata '{"city":7}' hello </dev/null
run chatd run -a typed -s odd --metadata city=Oslo 'say it' </dev/null
is "$status $(cat "$out")" "0 turn 1" \
    "the turn behind one that was refused is itself"
is "$(cat "$err")" "" "and tells nothing of the other"
create t typed
data()	# METADATA TRIGGER
{
	ask POST /realtime/v1/sessions/t/in/append -d '{"kind":"message",
	    "payload":{"chatId":"t","trigger":"'"$2"'","metadata":'"$1"',
	    "action":{"type":"x"},"message":{"id":"m'"$2"'","role":"user",
	    "parts":[{"type":"text","text":"say"}]}}}'
}
agent prompted <<END
---
client-data: {type: object, properties: {city: {type: string}}}
---
Told: {{client.city}} {{client.none}} {{client.
END
served=$model
script prompted <<'END'
{"expect":"Told: \\\"Os\\\\nlo\\\" null {{client."}
{"type":"text-delta","text":"so it is"}
END
run chatd run -a prompted -m "$model" --metadata '{"city":"Os\nlo"}' \
    hello </dev/null
is "$status $(cat "$out")" "0 so it is" "client data reach a model's prompt"
model=$served
told_before=$(wc -l <"$PROBE_DIR/told")
data '{}' submit-message
data 7 regenerate-message
data null action
await completes t 3
chatd show t --records >"$out"
is "$(count 'turn-complete') $(count '"errorText')" "3 3" \
    "over HTTP too, for every trigger"
is "$(wc -l <"$PROBE_DIR/told")" "$told_before" "and nothing is run"
data '{"city":"Oslo"}' submit-message
await completes t 4
told '.clientData == {"city": "Oslo"}' "what fits is answered"
kill "$serve_pid"

# a project may name a program only if the user agrees
cat >.chatd/agents/theirs.md <<END
---
program: [sh, "$probe"]
---
END
run chatd run -a theirs say </dev/null
is "$status" 77 "a project's program is not run unasked"
like "$err" '^hint: chatd agents trust theirs' "a hint tells how it could be"
run chatd agents trust theirs -y
is "$status" 0 "the user agrees"
run chatd run -a theirs say </dev/null
is "$status $(cat "$out")" "0 turn 1" "then it runs"
sed 's/sh,/sh, -e,/' .chatd/agents/theirs.md >x && mv x .chatd/agents/theirs.md
run chatd run -a theirs say </dev/null
is "$status" 77 "another command is another question"

finish
