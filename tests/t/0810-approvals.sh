#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0810-approvals.sh - a person answers (session-protocol 10)

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

script one <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo one >>ran"}}
{"turn":1}
{"type":"text-delta","text":"over"}
END
# ask SESSION [OPTION...]: a turn that ends with its calls waiting
ask()
{
	session=$1
	shift
	chatd run -m "$model" -s "$session" --sandbox off "$@" go </dev/null
}
ran()
{
	cat ran 2>/dev/null | tr '\n' ' '
}
# the states of the last message's calls
states()
{
	chatd show "$1" --json | jq -r '[.messages[-1].parts[] |
	    select(.toolCallId) | .state] | join(" ")'
}

run ask s1
is "$status $(ran)" "3 " "the turn ends and waits"
run chatd wait s1
is "$status" 3 "wait tells so, too"
like "$err" '^hint: chatd approve s1' "and what to do"
run chatd approve s1
is "$status" 0 "approve says yes"
run chatd wait s1
is "$status" 0 "now it ends well"
is "$(ran)" "one " "the command ran, once"
is "$(states s1)" output-available "its result is in the message"
run chatd show s1 --json
json "$out" '[.messages[].role] == ["user", "assistant"]' \
    "the same message went on"
json "$out" '.messages[1].parts[-1].text == "over"' "the model was asked again"
run chatd why s1 c1
like "$out" '^approved by a person, 20' "why names the person and the time"
run chatd approve s1
is "$status $(ran)" "66 one " "a second answer finds nothing"

# the order of a continuation: start, output, start-step
run chatd show s1 --records
like "$out" 'data-chatd-started' "the start of the call was written down"
records=$(grep -o '"type\\\?":\\\?"[a-z-]*' "$out" |
    sed 's/.*"//' | tr '\n' ' ')
case $records in
*"finish start data-chatd-started tool-output-available start-step"*)
	pass 0 "outputs come before the next step" ;;
*)	pass 1 "outputs come before the next step"
	echo "# $records" ;;
esac

rm ran
script no <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo one >>ran"}}
{"turn":1}
{"expect":"not on a Friday"}
{"type":"text-delta","text":"a pity"}
END
run ask s2
run chatd approve s2 --deny 'not on a Friday'
run chatd wait s2
is "$(states s2) $(ran)" "output-denied " "a no runs nothing"
run chatd show s2 --json
json "$out" '.messages[1].parts[-1].text == "a pity"' \
    "the model is told the reason"
run chatd why s2 c1
like "$out" 'reason: not on a Friday' "and why tells it too"

script two <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo one >>ran"}}
{"type":"tool-call","id":"c2","name":"Bash","input":{"command":"echo two >>ran"}}
{"type":"tool-call","id":"c3","name":"Glob","input":{"pattern":"*"}}
{"turn":1}
{"type":"text-delta","text":"both"}
END
run ask s3
is "$(states s3)" \
    "approval-requested approval-requested output-available" \
    "of several calls only those that need it wait"
run chatd approve s3
is "$status" 2 "several wait and none is named: status 2"
like "$err" '^hint: name one: c1 \(Bash\), c2 \(Bash\)' "they are listed"
run chatd approve s3 c9
is "$status" 66 "a call that is not there: status 66"
run chatd approve s3 c1
await sh -c "'$CHATD' show s3 --json | grep -q approval-responded"
is "$(ran)" "" "with one answer of two nothing runs yet"
run chatd ls --json
json "$out" '.[] | select(.externalId == "s3") |
    .state == "waiting for approval"' "it still waits"
run chatd approve s3 c2 --deny no
run chatd wait s3
is "$(ran) $(states s3)" \
    "one  output-available output-denied output-available" \
    "the last answer lets all take effect"

# what must not work
rm ran
say()	# SESSION RECORD: as a client writes it
{
	printf '%s\n' "$2" | chatd run -m "$model" -s "$1" --sandbox off \
	    --input-format stream-json -o stream-json
}
answer()	# MESSAGE-ID CALL APPROVAL-ID [CHATD]
{
	printf '{"kind":"message","payload":{"trigger":"submit-message",'
	printf '"messageId":"%s","message":{"id":"%s",' "$1" "$1"
	printf '"role":"assistant","parts":[{"type":"dynamic-tool",'
	printf '"toolName":"Bash","toolCallId":"%s",' "$2"
	printf '"state":"approval-responded",'
	printf '"input":{"command":"echo forged >>ran"},'
	printf '"approval":{"id":"%s","approved":true}}]}%s}}' "$3" "$4"
}
pending()	# SESSION: sets message, approval
{
	message=$(chatd show "$1" --json | jq -r '.messages[-1].id')
	approval=$(chatd show "$1" --json |
	    jq -r '.messages[-1].parts[] | select(.approval) | .approval.id')
}
model=script:$scratch/one
run ask s4
pending s4
run say s4 "$(answer "$message" c1 apr_forged)"
is "$(states s4) $(ran)" "approval-requested " "a forged approval id runs nothing"
run say s4 "$(answer msg_invented c1 "$approval")"
is "$(states s4) $(ran)" "approval-requested " "nor an invented message"
run say s4 "$(answer "$message" c7 "$approval")"
is "$(states s4) $(ran)" "approval-requested " "nor a call that is not there"
run say s4 "$(answer "$message" c1 "$approval")"
is "$(states s4) $(ran)" "output-available one " \
    "the stored arguments run, not those of the answer"
run say s4 "$(answer "$message" c1 "$approval")"
is "$(ran)" "one " "the same answer again runs nothing"

rm ran
run ask s5
pending s5
run say s5 "$(answer "$message" c1 "$approval" \
    ',"chatd":{"editedInput":{"c1":{"command":"echo edited >>ran"}}}')"
is "$(ran)" "edited " "a local client may change the arguments"
run chatd show s5 --json
json "$out" '.messages[-1].parts[] | select(.toolCallId) |
    .input.command == "echo edited >>ran" and .approval.edited and
    (.resultProviderMetadata.chatd.model | contains("changed the arguments"))' \
    "which the message shows and the model is told"
rm ran
run ask s6
pending s6
run say s6 "$(answer "$message" c1 "$approval" \
    ',"chatd":{"editedInput":{"c1":{"comand":"echo edited >>ran"}}}')"
is "$(states s6) $(ran)" "output-error " "changed arguments are checked, too"

run ask s7 --disallowed-tools 'Bash(echo edited *)'
pending s7
run say s7 "$(answer "$message" c1 "$approval" \
    ',"chatd":{"editedInput":{"c1":{"command":"echo edited >>ran"}}}')"
is "$(states s7) $(ran)" "output-error " \
    "what a rule denies stays denied, whoever approved"

# a new message instead of an answer
run ask s8
pending s8
run chatd run -m "$model" -s s8 instead </dev/null
run say s8 "$(answer "$message" c1 "$approval")"
is "$(ran)" "" "the talk went on: the old question is not answered any more"

# what is taken back waits no more
run ask s12
run chatd undo s12
is "$status" 0 "a question can be taken back with undo"
run chatd ls --json
json "$out" '.[] | select(.externalId == "s12") | .state == "idle"' \
    "then nothing waits"
run chatd approve s12
is "$status $(ran)" "66 " "and nothing can be approved"
run ask s13
pending s13
run say s13 '{"kind":"message","payload":{"trigger":"regenerate-message"}}'
run chatd show s13 --json
json "$out" "[.messages[].role] == [\"user\", \"assistant\"] and
    .messages[1].id != \"$message\"" "regenerate takes its place"
run say s13 "$(answer "$message" c1 "$approval")"
is "$(ran)" "" "the old question is not answered any more"
is "$(states s13)" approval-requested "the new one waits"
run chatd approve s13
run chatd wait s13
is "$(ran)" "one " "and is answered"
rm ran

# the demo model shows what an approval is, and does nothing
run chatd run -m demo -s demo 'an approval, please' </dev/null
is "$status" 3 "the demo model asks"
run chatd approve demo
run chatd wait demo
run chatd show demo --json
json "$out" '.messages[1].parts | (map(select(.toolName == "demo_act")) |
    .[0].output.done == "nothing") and (.[-1].text | startswith("Thank you"))' \
    "is answered, and goes on"

# longer than once
remember()	# SCOPE
{
	printf ',"chatd":{"remember":{"toolCallId":"c1","scope":"%s",' "$1"
	printf '"rule":"Bash(echo one >>ran)"}}'
}
run ask s9
pending s9
run say s9 "$(answer "$message" c1 "$approval" "$(remember session)")"
is "$(ran)" "one " "approved for the session"
script again <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo one >>ran"}}
{"turn":1}
{"type":"text-delta","text":"over"}
{"turn":2}
{"type":"tool-call","id":"c2","name":"Bash","input":{"command":"echo one >>ran"}}
{"turn":3}
{"type":"text-delta","text":"over"}
END
run ask s9
is "$status $(ran)" "0 one one " "the next time in this session it just runs"
run chatd why s9 c2
like "$out" 'allowed by the rule Bash\(echo one >>ran\) \(session\)' \
    "by a rule of the session"
model=script:$scratch/one
run ask s10
is "$status" 3 "but not in another one"
pending s10
run say s10 "$(answer "$message" c1 "$approval" "$(remember always)")"
like "$CHATD_HOME/config/permissions.yaml" '"Bash\(echo one >>ran\)"' \
    "always writes the exact rule into the user's file"
rm ran
run ask s11
is "$status $(ran)" "0 one " "from then on it runs everywhere"

finish
