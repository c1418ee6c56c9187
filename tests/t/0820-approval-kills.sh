#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0820-approval-kills.sh - kill -9 while a call waits and while a tool runs

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

# A tool that tells how often it ran, and who it is.
script slow <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo $$ >>ran; while :; do sleep 0.1; done"}}
{"turn":1}
{"type":"text-delta","text":"over"}
END
ran()
{
	cat ran 2>/dev/null | wc -l
}
end_tool()
{
	kill -9 "$(tail -n 1 ran)" 2>/dev/null
}
states()
{
	chatd show "$1" --json | jq -r '[.messages[-1].parts[] |
	    select(.toolCallId) | .state] | join(" ")'
}
# A process whose id is known owns the session: $owner. What it reads comes
# from descriptor 9.
own()	# SESSION [OPTION...]
{
	session=$1
	shift
	rm -f "$scratch/pipe"
	mkfifo "$scratch/pipe"
	: >"$scratch/stream"
	"$CHATD" run -m "$model" -s "$session" --sandbox off "$@" \
	    --input-format stream-json -o stream-json <"$scratch/pipe" \
	    >"$scratch/stream" 2>"$scratch/stream.err" &
	owner=$!
	exec 9>"$scratch/pipe"
}
message()
{
	printf '{"kind":"message","payload":{"trigger":"submit-message",'
	printf '"message":{"id":"%s","role":"user","parts":[{"type":"text",' "$1"
	printf '"text":"go"}]},"chatd":{"permissionMode":"%s",' "$2"
	printf '"sandbox":"off"}}}\n'
}
answer()	# SESSION: approve its call
{
	chatd show "$1" --json | jq -c '.messages[-1] | .id as $id |
	    .parts[] | select(.approval) | {kind: "message", payload: {
	    trigger: "submit-message", messageId: $id, message: {id: $id,
	    role: "assistant", parts: [{type, toolName, toolCallId,
	    state: "approval-responded", approval: {id: .approval.id,
	    approved: true}}]}}}'
}
shot()
{
	kill -9 "$owner"
	wait "$owner" 2>/dev/null
	exec 9>&-
}

# while it waits
own k1
message u1 default >&9
await grep -q '"turn-complete"' "$scratch/stream"
shot
is "$(states k1) $(ran)" "approval-requested 0" "killed while waiting: it waits"
run chatd ls --json
json "$out" '.[0].state == "waiting for approval"' "and the list says so"
run chatd approve k1
is "$status" 0 "then it can be answered"
await test -s ran
is "$(ran)" 1 "and runs"
end_tool
run chatd wait k1
is "$(ran) $(states k1)" "1 output-available" "once"
rm ran

# while an approved tool runs
own k2
message u1 default >&9
await grep -q '"turn-complete"' "$scratch/stream"
answer k2 >"$scratch/answer"
cat "$scratch/answer" >&9
await test -s ran
shot
end_tool
run chatd wait k2
run chatd run -m "$model" -s k2 --sandbox off -o stream-json again </dev/null
is "$(ran)" 1 "killed while an approved tool ran: it is not run again"
run chatd show k2 --json
json "$out" '[.messages[] | select(.role == "assistant")][0].parts |
    map(select(.toolCallId)) | .[0].state == "output-error" and
    (.[0].errorText | startswith("interrupted"))' \
    "the message says that it was interrupted"
json "$out" '[.messages[] | select(.role == "assistant")][0].parts[-1].text ==
    "over"' "and the turn went on"
run chatd ls --json
json "$out" 'map(.state) | index("running") == null' "nothing hangs"
rm ran

# while a tool runs that a mode allowed
own k3
message u1 allow-all >&9
await test -s ran
shot
end_tool
script told <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"true"}}
{"turn":1}
{"expect":"it was not run again"}
{"type":"text-delta","text":"I see"}
END
run chatd run -m "$model" -s k3 --sandbox off --json again </dev/null
is "$(ran)" 1 "killed while an allowed tool ran: it is not run again"
run chatd show k3 --json
json "$out" '[.messages[] | select(.role == "assistant")][0].parts |
    map(select(.toolCallId)) | .[0].state == "output-error"' \
    "and is marked in the message"
rm ran

# two owners never: an answer that is stored twice runs once
model=script:$scratch/slow
own k4
message u1 default >&9
await grep -q '"turn-complete"' "$scratch/stream"
answer k4 >"$scratch/answer"
cat "$scratch/answer" "$scratch/answer" >&9
await test -s ran
run chatd stop k4
is "$status" 0 "a running tool can be stopped"
await sh -c "'$CHATD' show k4 --json | grep -q 'stopped by the user'"
pass $? "the message says so"
await sh -c "[ \$(grep -c turn-complete '$scratch/stream') -ge 3 ]"
! kill -0 "$(cat ran)" 2>/dev/null
pass $? "the tool's process is gone"
is "$(ran)" 1 "the second answer ran nothing"
exec 9>&-
wait "$owner"

finish
