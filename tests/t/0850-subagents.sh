#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0850-subagents.sh - the Task tool: sub-agents with sessions of their own

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

agents=$CHATD_HOME/config/agents
mkdir -p "$agents"
# agent NAME, further front matter on stdin: it plays the script NAME
agent()
{
	{
		printf -- '---\nmodel: "script:%s"\n' "$scratch/$1"
		cat
		printf -- '---\nYou are %s.\n' "$1"
	} >"$agents/$1.md"
}
# the sub-agents of a session, oldest first
children()
{
	chatd ls --all --json | jq -r --arg p "$(chatd show "$1" --json |
	    jq -r .session.id)" '[.[] | select(.parent == $p)] |
	    sort_by(.createdAt)[] | .id'
}
states()
{
	chatd show "$1" --json | jq -r '[.messages[-1].parts[] |
	    select(.toolCallId) | .state] | join(" ")'
}
ran()
{
	cat ran 2>/dev/null | wc -l | tr -d ' '
}

agent kid </dev/null
script kid <<'END'
{"type":"text-delta","text":"looking "}
{"type":"tool-call","id":"k1","name":"Glob","input":{"pattern":"*"}}
{"turn":1}
{"type":"text-delta","text":"forty-two"}
{"type":"usage","input":10,"output":5,"cost":0.5}
END
script one <<'END'
{"type":"tool-call","id":"c1","name":"Task","input":{"description":"count","prompt":"how many?","agent":"kid"}}
{"turn":1}
{"expect":"forty-two"}
{"type":"text-delta","text":"done"}
{"type":"usage","input":100,"output":1,"cost":0.25}
END
run chatd run -m "$model" -s s1 -o stream-json go </dev/null
is "$status" 0 "a sub-agent runs"
grep data-subagent "$out" >"$scratch/sub"
json "$scratch/sub" '.chunk | .transient and .data.toolCallId == "c1" and
    (.data.chunks | type == "array")' "its chunks are data-subagent parts"
jq -s -e '[.[].chunk.data.seq] == [range(length)] and
    ([.[].chunk.data.chunks[] | select(.type == "text-delta") | .delta] |
    join("") == "looking forty-two")' "$scratch/sub" >/dev/null
pass $? "numbered from 0, and each is told once"
run chatd show s1 --json
json "$out" '.messages[1].parts[1] | .output.role == "assistant" and
    .resultProviderMetadata.chatd.model == "forty-two"' \
    "its last message is the output, its last words are for the model"
json "$out" '.messages[1].metadata.steps == 4' "its steps count"
json "$out" '.messages[1].metadata | .usage.inputTokens == 110 and
    .usage.outputTokens == 6 and .cost == 0.75' "so do its tokens and its cost"
run chatd ls --json
json "$out" 'length == 1' "ls does not show it"
kid=$(children s1)
run chatd show "$kid" --json
json "$out" '.session.title == "count" and .messages[0].parts[0].text ==
    "how many?"' "it is a session with the prompt as its first message"
run chatd rm -y s1
run chatd ls --all --json
json "$out" 'length == 0' "it goes with its parent"

script lost <<'END'
{"type":"tool-call","id":"c1","name":"Task","input":{"description":"x","prompt":"x","agent":"nobody"}}
{"turn":1}
{"expect":"no agent nobody"}
{"type":"text-delta","text":"well"}
END
run chatd run -m "$model" -s s2 go </dev/null
is "$status $(cat "$out")" "0 well" "an agent that is not there is told"

# side by side: both wait for the other
agent left </dev/null
agent right </dev/null
script left <<'END'
{"type":"tool-call","id":"k1","name":"Bash","input":{"command":"echo >l; until [ -e r ]; do sleep 0.05; done"}}
{"turn":1}
{"type":"text-delta","text":"left met"}
END
script right <<'END'
{"type":"tool-call","id":"k1","name":"Bash","input":{"command":"echo >r; until [ -e l ]; do sleep 0.05; done"}}
{"turn":1}
{"type":"text-delta","text":"right met"}
END
script both <<'END'
{"type":"tool-call","id":"c1","name":"Task","input":{"description":"l","prompt":"l","agent":"left"}}
{"type":"tool-call","id":"c2","name":"Task","input":{"description":"r","prompt":"r","agent":"right"}}
{"turn":1}
{"expect":"left met"}
{"expect":"right met"}
{"type":"text-delta","text":"both"}
END
run chatd run -m "$model" -s s3 --permission-mode allow-all --sandbox off \
    go </dev/null
is "$status $(cat "$out")" "0 both" "two run side by side"

# depth: an agent that hands on what it is told
agent deep </dev/null
script deep <<'END'
{"type":"tool-call","id":"k1","name":"Task","input":{"description":"deeper","prompt":"go on","agent":"deep"}}
{"turn":1}
{"type":"text-delta","text":"bottom"}
END
script top <<'END'
{"type":"tool-call","id":"c1","name":"Task","input":{"description":"deep","prompt":"go on","agent":"deep"}}
{"turn":1}
{"type":"text-delta","text":"top"}
END
run chatd run -m "$model" -s s4 go </dev/null
is "$status" 0 "sub-agents have sub-agents"
run chatd ls --all --json --limit 100
json "$out" '[.[] | select(.title | startswith("deep"))] | length == 3' \
    "three deep, and no deeper"

# what binds the parent binds the child
agent bold <<'END'
allowed-tools: Bash
permission-mode: allow-all
sandbox: off
END
script bold <<'END'
{"type":"tool-call","id":"k1","name":"Bash","input":{"command":"echo x >>ran"}}
{"turn":1}
{"type":"text-delta","text":"tried"}
END
script daring <<'END'
{"type":"tool-call","id":"c1","name":"Task","input":{"description":"x","prompt":"x","agent":"bold"}}
{"turn":1}
{"type":"text-delta","text":"so"}
END
run chatd run -m "$model" -s s5 --sandbox off --disallowed-tools Bash go \
    </dev/null
is "$(states "$(children s5)") $(ran)" "output-denied 0" \
    "a rule that denies binds the sub-agent"
run chatd run -m "$model" -s s5b --sandbox off --disallowed-tools Bash \
    -o json go </dev/null
is "$status" 3 "and the run says so: 3"
json "$out" '.denied | length == 1 and .[0].toolCallId == "k1" and
    .[0].toolName == "Bash" and .[0].input.command == "echo x >>ran" and
    (.[0].reason | startswith("denied by Bash"))' "with that call listed"
run chatd run -m "$model" -s s6 --sandbox off --permission-mode deny go \
    </dev/null
is "$(states "$(children s6)") $(ran)" "output-denied 0" "so does the mode"
run chatd run -m "$model" -s s7 --sandbox off go </dev/null
is "$status $(states "$(children s7)") $(ran)" "3 approval-requested 0" \
    "its own file does not widen anything: it asks"
is "$(states s7)" approval-requested "and so does the call above it"
run chatd show s7 --json
json "$out" '.messages[1].parts[1].approval.descriptor.subagent |
    .toolName == "Bash" and .input.command == "echo x >>ran"' \
    "which says what it is about"

# answers, above and below
chatd approve s7
chatd wait s7
is "$(states s7) $(ran)" "output-available 1" "a yes above is passed on"
run chatd show s7 --json
json "$out" '.messages | length == 2 and .[1].parts[-1].text == "so"' \
    "and the parent goes on, in the same message"
chatd run -m "$model" -s s8 --sandbox off go </dev/null >"$out" 2>"$err"
chatd approve s8 --deny 'not on a Friday'
chatd wait s8
kid=$(children s8)
is "$(states "$kid") $(states s8) $(ran)" "output-denied output-available 1" \
    "a no above is the sub-agent's to live with"
run chatd show "$kid" --json
json "$out" '.messages[1].parts[1].approval.reason == "not on a Friday"' \
    "with the reason"
chatd run -m "$model" -s s9 --sandbox off go </dev/null >"$out" 2>"$err"
chatd approve "$(children s9)"
settled()
{
	[ "$(states s9)" = output-available ]
}
await settled
is "$? $(ran)" "0 2" "an answer in the sub-agent's session wakes its parent"
chatd wait s9
run chatd approve s9
is "$status" 66 "nothing is left to be answered"

# nobody answers: the talk above goes on
rm ran
state_of()	# SESSION
{
	chatd ls --all --json --limit 200 | jq -r --arg id "$1" '.[] |
	    select(.id == $id) | .state'
}
left_alone()	# SESSION
{
	[ "$(state_of "$(children "$1")")" = idle ]
}
chatd run -m "$model" -s i1 --sandbox off go </dev/null >"$out" 2>"$err"
script well <<'END'
{"type":"text-delta","text":"as you like"}
END
is "$(state_of "$(children i1)")" "waiting for approval" "a sub-agent waits"
chatd run -m "$model" -s i1 never mind </dev/null >"$out" 2>"$err"
await left_alone i1
is "$? $(cat "$out")" "0 as you like" "a message instead of an answer"
kid=$(children i1)
is "$(states "$kid") $(ran)" "output-denied 0" "the sub-agent's call is denied"
run chatd show "$kid" --json
json "$out" '.messages[1].parts[1].approval.reason |
    startswith("nobody answered")' "with the reason"
run chatd show "$kid" --records
is "$(grep -c turn-complete "$out")" 2 "no model is asked about it"
run chatd ls --all --json --limit 200
json "$out" 'map(select(.state == "waiting for approval")) == []' \
    "nothing waits"
script daring3 <<'END'
{"type":"tool-call","id":"c1","name":"Task","input":{"description":"x","prompt":"x","agent":"middle"}}
{"turn":1}
{"type":"text-delta","text":"so"}
END
agent middle </dev/null
cp "$scratch/daring" "$scratch/middle"
model=script:$scratch/daring3
chatd run -m "$model" -s i2 --sandbox off go </dev/null >"$out" 2>"$err"
kid=$(children i2)
is "$(states i2) $(states "$kid") $(states "$(children "$kid")")" \
    "approval-requested approval-requested approval-requested" \
    "all wait for the one at the bottom"
run chatd undo i2
settled_below()
{
	[ "$(state_of "$(children "$kid")") $(state_of "$kid")" = "idle idle" ]
}
await settled_below
is "$? $(states "$kid") $(states "$(children "$kid")") $(ran)" \
    "0 output-denied output-denied 0" "an undo settles all below"

# what is said above reaches a sub-agent that waits
answer()	# SESSION CHATD: approve its call
{
	chatd show "$1" --json | jq -c --argjson chatd "$2" '.messages[-1] |
	    .id as $id | .parts[] | select(.approval) | {kind: "message",
	    payload: {trigger: "submit-message", messageId: $id,
	    chatd: $chatd, message: {id: $id, role: "assistant",
	    parts: [{type, toolName, toolCallId, state: "approval-responded",
	    approval: {id: .approval.id, approved: true}}]}}}' |
	    chatd run -m "$model" -s "$1" --sandbox off \
	    --input-format stream-json -o stream-json
}
model=script:$scratch/daring
chatd run -m "$model" -s i3 --sandbox off go </dev/null >"$out" 2>"$err"
run chatd show i3 --json
json "$out" '.messages[1].parts[1].approval.descriptor.edit' \
    "the arguments of a sub-agent's call can be changed above"
run answer i3 '{"editedInput":{"c1":{"command":"echo changed >>ran"}}}'
is "$(states i3) $(cat ran)" "output-available changed" "and are what runs"
run chatd show i3 --json
json "$out" '.messages[1].parts[1].input.prompt == "x"' \
    "the call above keeps its own"
rm ran
chatd run -m "$model" -s i4 --sandbox off go </dev/null >"$out" 2>"$err"
printf 'permissions:\n  deny: ["Bash(echo x*)"]\n' \
    >"$CHATD_HOME/config/config.yaml"
run chatd approve i4
run chatd wait i4
is "$(states "$(children i4)") $(ran)" "output-error 0" \
    "a rule that came since wins over the yes"
rm "$CHATD_HOME/config/config.yaml"
chatd run -m "$model" -s i5 --sandbox off go </dev/null >"$out" 2>"$err"
run answer i5 '{"disallowedTools":"Bash(echo x*)"}'
is "$(states "$(children i5)") $(ran)" "output-error 0" \
    "so does one that came with the answer"
cat >"$scratch/bold" <<'END'
{"type":"tool-call","id":"k1","name":"Bash","input":{"command":"echo x >>ran"}}
{"turn":1}
{"type":"tool-call","id":"k2","name":"Bash","input":{"command":"echo y >>ran"}}
{"turn":2}
{"type":"text-delta","text":"tried"}
END
chatd run -m "$model" -s i6 --sandbox off go </dev/null >"$out" 2>"$err"
run answer i6 '{"permissionMode":"deny"}'
is "$(states "$(children i6)") $(cat ran)" "output-available output-denied x" \
    "a narrower mode holds from then on"
rm ran
cat >"$scratch/bold" <<'END'
{"type":"tool-call","id":"k1","name":"Bash","input":{"command":"echo x >>ran"}}
{"turn":1}
{"type":"text-delta","text":"tried"}
END

# and one that runs: a rule holds for the calls that have not begun
cat >"$scratch/bold" <<'END'
{"type":"tool-call","id":"k1","name":"Bash","input":{"command":"echo >begun; until [ -e on ]; do sleep 0.05; done"}}
{"turn":1}
{"type":"tool-call","id":"k2","name":"Bash","input":{"command":"echo y >>ran"}}
{"turn":2}
{"type":"text-delta","text":"tried"}
END
"$CHATD" run -m "$model" -s i7 --permission-mode allow-all --sandbox off go \
    </dev/null >"$out" 2>"$err" &
owner=$!
await test -e begun
printf 'permissions:\n  deny: ["Bash(echo y*)"]\n' \
    >"$CHATD_HOME/config/config.yaml"
: >on
wait "$owner"
is "$(states "$(children i7)") $(ran)" "output-available output-denied 0" \
    "a rule that comes while a sub-agent runs holds from its next call"
rm "$CHATD_HOME/config/config.yaml"
cat >"$scratch/bold" <<'END'
{"type":"tool-call","id":"k1","name":"Bash","input":{"command":"echo x >>ran"}}
{"turn":1}
{"type":"text-delta","text":"tried"}
END

# limits
model=script:$scratch/one
run chatd run -m "$model" -s s11 --max-cost 0.4 go </dev/null
is "$status" 4 "what a sub-agent costs counts against the limit"
model=script:$scratch/daring
run chatd run -m "$model" -s s10 --max-steps 1 go </dev/null
is "$status" 4 "no step is left for a sub-agent"
is "$(children s10)" "" "none is made"

# kill -9
rm -f ran
agent slow </dev/null
script slow <<'END'
{"type":"tool-call","id":"k1","name":"Bash","input":{"command":"echo $$ >>ran; while :; do sleep 0.1; done"}}
{"turn":1}
{"expect":"interrupted"}
{"type":"text-delta","text":"so be it"}
END
script above <<'END'
{"type":"tool-call","id":"c1","name":"Task","input":{"description":"slow","prompt":"slow","agent":"slow"}}
{"turn":1}
{"expect":"so be it"}
{"type":"text-delta","text":"over"}
END
"$CHATD" run -m "$model" -s k1 --permission-mode allow-all --sandbox off \
    -o stream-json go </dev/null >"$scratch/stream" 2>"$err" &
owner=$!
await test -s ran
await grep -q '"k1"' "$scratch/stream"
before=$(sed -n 's/.*"type":"start","messageId":"\(msg_[^"]*\)".*/\1/p' \
    "$scratch/stream" | head -n 1)
kill -9 "$owner"
wait "$owner" 2>/dev/null
kill -9 "$(head -n 1 ran)" 2>/dev/null
run chatd wait k1
is "$(states k1) $(ran)" "output-available 1" \
    "killed in mid sub-agent: it goes on, and its tool is not run again"
run chatd show k1 --json
json "$out" ".messages | length == 2 and .[1].id == \"$before\" and
    .[1].parts[-1].text == \"over\"" "the parent too, under the same id"
is "$(children k1 | wc -l | tr -d ' ')" 1 "there is no second sub-agent"
run chatd show "$(children k1)" --json
json "$out" '.messages[1].parts[-1].text == "so be it"' \
    "it was told that its tool broke off"
run chatd show k1 --records
grep -o '"toolCallId\\*":\\*"c1\\*",\\*"seq\\*":[0-9]*' "$out" |
    sed 's/.*://' >"$scratch/seqs"
is "$(tr '\n' ' ' <"$scratch/seqs")" \
    "$(seq 0 $(($(wc -l <"$scratch/seqs") - 1)) | tr '\n' ' ')" \
    "its batches are numbered on"

# kill -9 while it waits for a person
rm -f ran
script daring2 <<'END'
{"type":"tool-call","id":"c1","name":"Task","input":{"description":"x","prompt":"x","agent":"bold"}}
{"turn":1}
{"type":"text-delta","text":"so"}
END
rm -f "$scratch/pipe"
mkfifo "$scratch/pipe"
: >"$scratch/stream"
"$CHATD" run -m "$model" -s k2 --sandbox off --input-format stream-json \
    -o stream-json <"$scratch/pipe" >"$scratch/stream" 2>"$err" &
owner=$!
exec 9>"$scratch/pipe"
printf '%s%s\n' '{"kind":"message","payload":{"trigger":"submit-message",' \
    '"message":{"id":"u1","role":"user","parts":[{"type":"text","text":"go"}]}}}' >&9
await grep -q '"turn-complete"' "$scratch/stream"
kill -9 "$owner"
wait "$owner" 2>/dev/null
exec 9>&-
is "$(states k2)" approval-requested "killed while it waits: it waits"
chatd approve k2
chatd wait k2
is "$(states k2) $(ran)" "output-available 1" "then it runs, once"

# stop
rm -f ran
model=script:$scratch/above
"$CHATD" run -m "$model" -s st --permission-mode allow-all --sandbox off go \
    </dev/null >"$scratch/stream" 2>"$err" &
owner=$!
await test -s ran
chatd stop st
wait "$owner"
kid=$(children st)
is "$(states st) $(states "$kid")" "output-error output-error" \
    "a stop of the parent stops the sub-agent"
gone()
{
	! kill -0 "$(head -n 1 ran)" 2>/dev/null
}
await gone
pass $? "and its tool"

finish
