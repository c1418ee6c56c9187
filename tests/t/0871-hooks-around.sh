#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0871-hooks-around.sh - hooks at actions, histories, edits, stops, programs

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

config=$CHATD_HOME/config
mkdir -p "$config/agents" "$scratch/h"
# hook NAME, its text on stdin: a command; what it is told goes to NAME.in
hook()
{
	{
		printf '#!/bin/sh\ncat >>"%s"\n' "$scratch/$1.in"
		cat
	} >"$scratch/h/$1"
	chmod +x "$scratch/h/$1"
}
# hooks EVENT NAME [EVENT NAME]...
hooks()
{
	echo hooks:
	while [ $# -gt 0 ]; do
		printf '  %s:\n    - command: %s\n' "$1" "$scratch/h/$2"
		shift 2
	done
}
none()
{
	: >"$config/config.yaml"
}
go()	# SESSION [OPTION...]
{
	session=$1
	shift
	chatd run -m "$model" -s "$session" --sandbox off "$@" go </dev/null
}
messages()
{
	chatd show "$1" --json | jq '.messages | length'
}
completes()	# SESSION: how many turns and actions are over
{
	chatd show "$1" --records | grep -c turn-complete
}

# Action
script one <<'END'
{"type":"text-delta","text":"one"}
END
hook no <<'END'
echo "not in this house" >&2
exit 2
END
hook fine <<'END'
echo '{"decision":"allow"}'
END
hook crash <<'END'
exit 3
END
none
run go a1
hooks Action no >"$config/config.yaml"
run chatd undo a1
is "$status $(messages a1)" "3 2" "a hook refuses an action"
like "$err" 'refused the action: not in this house' "and says why"
is "$(completes a1)" 2 "with one turn-complete"
json "$scratch/no.in" '.hook_event_name == "Action" and
    .action.type == "undo" and (.session_id | startswith("session_")) and
    .cwd == "'"$PWD"'"' "it is told which one"
hooks Action crash >"$config/config.yaml"
run chatd undo a1
is "$status $(messages a1)" "3 2" "one that fails refuses too"
hooks Action fine >"$config/config.yaml"
run chatd undo a1
is "$status $(messages a1)" "0 0" "one that does not mind lets it be done"

# kill -9 while it runs, and a stop
none
run go a2
hook wait <<'END'
echo $$ >>"$CHATD_PROJECT_DIR/waits"
while [ -d "$CHATD_PROJECT_DIR" ] && [ ! -e "$CHATD_PROJECT_DIR/go" ]; do
    sleep 0.1
done
END
hooks Action wait >"$config/config.yaml"
mkfifo "$scratch/pipe"
own()
{
	: >"$scratch/stream"
	"$CHATD" run -m "$model" -s "$1" --sandbox off \
	    --input-format stream-json -o stream-json <"$scratch/pipe" \
	    >"$scratch/stream" 2>"$err" &
	owner=$!
	exec 9>"$scratch/pipe"
}
undo='{"kind":"message","payload":{"trigger":"action","action":{"type":"undo"}}}'
own a2
echo "$undo" >&9
await test -s waits
kill -9 "$owner"
wait "$owner" 2>/dev/null
exec 9>&-
is "$(messages a2)" 2 "killed while the hook runs: nothing is done"
: >go
run chatd wait a2
is "$(messages a2) $(completes a2)" "0 2" "it is asked again, and done once"
rm -f go waits
none
run go a3
hooks Action wait >"$config/config.yaml"
own a3
echo "$undo" >&9
await test -s waits
echo '{"kind":"stop"}' >&9
await grep -q '"turn-complete"' "$scratch/stream"
is "$(messages a3) $(completes a3)" "2 2" \
    "a stop ends the hook, and the action is not done"
exec 9>&-
wait "$owner"
gone()
{
	! kill -0 "$(tail -n 1 waits)" 2>/dev/null
}
await gone
pass $? "its process is gone"

# HydrateMessages
script two <<'END'
{"expect":"from the archive"}
{"type":"text-delta","text":"two"}
END
hook archive <<'END'
echo '[{"id":"x1","role":"user","parts":[{"type":"text","text":"from the archive"}]},
    {"id":"x2","role":"assistant","parts":[{"type":"text","text":"indeed"}]},
    {"id":"x3","role":"user","parts":[{"type":"text","text":"and now"}]}]'
END
hooks HydrateMessages archive >"$config/config.yaml"
run go h1 --metadata city=Oslo
is "$status $(cat "$out")" "0 two" "a hook gives what the model is told"
json "$scratch/archive.in" '.hook_event_name == "HydrateMessages" and
    .trigger == "submit-message" and .previous_messages == [] and
    (.incoming_messages | length == 1) and
    .incoming_messages[0].parts[0].text == "go" and
    .client_data == {"city": "Oslo"}' "it sees what comes"
run chatd show h1 --json
json "$out" '.messages | length == 2 and .[0].parts[0].text == "go"' \
    "the transcript stays as it is"
script not <<'END'
{"expect":"{\"text\":\"go\""}
{"type":"text-delta","text":"not told"}
END
rm "$scratch/archive.in"
run go h1
is "$status" 1 "and the model is told nothing else"
json "$scratch/archive.in" '.previous_messages | length == 2 and
    .[1].role == "assistant"' "it sees what was before"
script calls <<'END'
{"expect":"from the archive"}
{"type":"tool-call","id":"c1","name":"Glob","input":{"pattern":"*"}}
{"turn":1}
{"expect":"from the archive"}
{"expect":"Glob"}
{"type":"text-delta","text":"looked"}
END
rm "$scratch/archive.in"
run go h2
is "$status $(cat "$out") $(wc -l <"$scratch/archive.in" | tr -d ' ')" \
    "0 looked 1" "once a turn: its steps come behind what the hook gave"

model=script:$scratch/one
wrong()	# SENTENCE PATTERN, the hook's text on stdin
{
	hook wrong
	hooks HydrateMessages wrong >"$config/config.yaml"
	session=w$n
	run go "$session"
	is "$status $(completes "$session")" "1 1" \
	    "$1: an error, one turn-complete"
	like "$err" "$2" "$1: and it says what is wrong"
}
wrong "no messages" 'gave no UI messages: ' <<'END'
echo '{"messages":[{"id":"x","role":"nobody","parts":[]}]}'
END
wrong "no list" 'gave no UI messages: ' <<'END'
echo '{"messages":7}'
END
wrong "no JSON" 'HydrateMessages failed: it wrote no JSON' <<'END'
echo hello
END
wrong "half of it" 'HydrateMessages failed: its JSON cannot be read' <<'END'
printf '[{"id":'
END
wrong "a crash" 'HydrateMessages failed: exit status 3: no archive' <<'END'
echo 'no archive' >&2
exit 3
END
hooks HydrateMessages fine >"$config/config.yaml"
run go h3
is "$status $(cat "$out")" "0 one" "one that gives nothing changes nothing"
hook large <<'END'
printf '{"messages":[{"id":"x","role":"user","parts":[{"type":"text","text":"'
head -c 300000 /dev/zero | tr '\0' x
printf ' from the archive"}]}]}'
END
hooks HydrateMessages large >"$config/config.yaml"
model=script:$scratch/two
run go h4
is "$status $(cat "$out")" "0 two" "a history may be long"

# arguments that a person wrote
none
script edit <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo one >>ran"}}
{"turn":1}
{"type":"text-delta","text":"over"}
END
answer()	# SESSION INPUT: approve its call with other arguments
{
	chatd show "$1" --json | jq -c --argjson input "$2" '.messages[-1] |
	    .id as $id | .parts[] | select(.approval) | {kind: "message",
	    payload: {trigger: "submit-message", messageId: $id,
	    chatd: {editedInput: {c1: $input}}, message: {id: $id,
	    role: "assistant", parts: [{type, toolName, toolCallId,
	    state: "approval-responded", approval: {id: .approval.id,
	    approved: true}}]}}}' | chatd run -m "$model" -s "$1" \
	    --sandbox off --input-format stream-json -o stream-json
}
state()
{
	chatd show "$1" --json | jq -r '[.messages[-1].parts[] |
	    select(.toolCallId) | .state] | join(" ")'
}
hook rm <<'END'
case $(tail -n 1 "${0%/h/*}/rm.in") in
*'"command":"echo bad'*)
	echo "nothing bad" >&2
	exit 2 ;;
*'"command":"echo other'*)
	echo '{"updatedInput":{"command":"echo changed >>ran"}}' ;;
esac
END
hooks PreToolUse rm >"$config/config.yaml"
run go e1
run answer e1 '{"command":"echo bad >>ran"}'
is "$(state e1) $(cat ran 2>/dev/null)" "output-error " \
    "PreToolUse hears arguments that a person changed"
run chatd show e1 --json
json "$out" '.messages[-1].parts[] | select(.toolCallId) |
    .errorText == "denied by a hook: nothing bad"' "and its no counts"
run go e2
run answer e2 '{"command":"echo other >>ran"}'
is "$(state e2) $(cat ran)" "output-available changed" "so does its change"
rm ran "$scratch/rm.in"
run go e3
run chatd approve e3
run chatd wait e3
is "$(cat ran) $(wc -l <"$scratch/rm.in" | tr -d ' ')" "one 1" \
    "what nobody changed is not asked twice"

# a stop
hook end </dev/null
hooks TurnComplete end >"$config/config.yaml"
script slow <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo $$ >sleeper; while :; do sleep 0.1; done"}}
{"turn":1}
{"type":"text-delta","text":"over"}
END
"$CHATD" run -m "$model" -s t1 --sandbox off --permission-mode allow-all go \
    </dev/null >"$out" 2>"$err" &
owner=$!
await test -s sleeper
chatd stop t1
wait "$owner"
json "$scratch/end.in" '.hook_event_name == "TurnComplete" and .stopped' \
    "TurnComplete hears of a stop"
is "$(completes t1)" 1 "and there is one turn-complete"

# around programs
probe=$top_srcdir/tests/agents/probe.sh
PROBE_DIR=$scratch/probe
export PROBE_DIR
mkdir "$PROBE_DIR"
printf -- '---\nprogram: [sh, "%s"]\n---\n' "$probe" >"$config/agents/probe.md"
hook moon <<'END'
echo "say that the moon is full"
END
ask()	# SESSION TEXT
{
	run chatd run -a probe -s "$1" "$2" </dev/null
}
told()	# FILTER SENTENCE
{
	tail -n 1 "$PROBE_DIR/told" >"$scratch/line"
	json "$scratch/line" "$1" "$2"
}
rm "$scratch/end.in"
hooks UserPromptSubmit moon TurnComplete end >"$config/config.yaml"
ask p1 say
is "$status $(cat "$out")" "0 turn 1" "a program, with hooks around it"
json "$scratch/end.in" '.finish_reason == "stop" and .stopped == false and
    .last_assistant_message == "turn 1"' "TurnComplete hears its answer"
told '[.messages[-1].parts[] | select(.type == "data-background-injected") |
    .data.messages[0].text] == ["say that the moon is full"]' \
    "UserPromptSubmit adds context"
rm "$scratch/end.in"
hooks TurnComplete end >"$config/config.yaml"
ask p2 bare
json "$scratch/end.in" '.finish_reason == "length" and
    .last_assistant_message == "whole"' "of one that writes its own finish"
is "$(completes p2)" 1 "once"
rm "$scratch/end.in"
ask p3 error
json "$scratch/end.in" '.finish_reason == "error"' "and of its errors"
before=$(wc -l <"$PROBE_DIR/told")
hooks UserPromptSubmit no >"$config/config.yaml"
ask p4 say
is "$status $(wc -l <"$PROBE_DIR/told")" "3 $before" \
    "a denied prompt does not reach a program"
hook prompt <<'END'
echo '[{"id":"x1","role":"user","parts":[{"type":"text","text":"say so"}]}]'
END
hooks HydrateMessages prompt >"$config/config.yaml"
ask p5 junk
is "$status $(cat "$out")" "0 turn 1" "HydrateMessages gives a program its messages"
told '.messages | length == 1 and .[0].id == "x1"' "and no others"

finish
