#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0870-hooks.sh - commands at fixed points of a turn

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

config=$CHATD_HOME/config
mkdir -p "$config" "$scratch/h"
# hook NAME, its text on stdin: a command; what it is told goes to NAME.in
hook()
{
	{
		printf '#!/bin/sh\ncat >>"%s"\n' "$scratch/$1.in"
		cat
	} >"$scratch/h/$1"
	chmod +x "$scratch/h/$1"
}
# hooks EVENT MATCHER NAME [TIMEOUT]: this one alone
hooks()
{
	printf 'hooks:\n  %s:\n    - matcher: "%s"\n      command: %s\n' \
	    "$1" "$2" "$scratch/h/$3"
	[ -z "${4-}" ] || printf '      timeout: %s\n' "$4"
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
# go SESSION [OPTION...]
go()
{
	session=$1
	shift
	chatd run -m "$model" -s "$session" --sandbox off "$@" go </dev/null
}

script one <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo one >>ran"}}
{"turn":1}
{"type":"text-delta","text":"over"}
END

# PreToolUse
hook no <<'END'
echo "not in this house" >&2
exit 2
END
hooks PreToolUse 'Bash(echo *)' no >"$config/config.yaml"
run go p1 --permission-mode allow-all
is "$(states p1) $(ran)" "output-denied 0" "exit status 2 denies a call"
json "$scratch/no.in" '.hook_event_name == "PreToolUse" and
    .tool_name == "Bash" and .tool_input.command == "echo one >>ran" and
    (.session_id | startswith("session_")) and .permission_mode == "allow-all"' \
    "the hook is told which one"
run chatd show p1 --json
json "$out" '.messages[1].parts[1].toolMetadata.chatd |
    .by == "hook" and (.reason | contains("not in this house"))' \
    "the reason stands with the call"
hooks PreToolUse 'Bash(ls *)' no >"$config/config.yaml"
run go p2 --permission-mode allow-all
is "$(ran)" 1 "one whose matcher does not fit is not heard"
rm ran

script told <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo one >>ran"}}
{"turn":1}
{"expect":"not in this house"}
{"type":"text-delta","text":"over"}
END
hooks PreToolUse 'Bash' no >"$config/config.yaml"
run go p3 --permission-mode allow-all
is "$status $(cat "$out")" "3 over" "the model is told why"

model=script:$scratch/one
hook yes <<'END'
echo '{"decision":"allow"}'
END
hooks PreToolUse '*' yes >"$config/config.yaml"
run go y1
is "$status $(ran)" "0 1" "a hook allows where no rule speaks"
rm ran
run go y2 --disallowed-tools 'Bash(echo *)'
is "$(states y2) $(ran)" "output-denied 0" "never what a rule denies"
run go y3 --permission-mode plan
is "$(states y3) $(ran)" "output-denied 0" "nor what a mode denies"
cat >>"$config/config.yaml" <<'END'
permissions:
  ask: ["Bash"]
END
run go y4
is "$status $(states y4) $(ran)" "3 approval-requested 0" \
    "nor what a rule wants asked"

hook odd <<'END'
echo '{"decision":"reject"}'
END
hooks PreToolUse '*' odd >"$config/config.yaml"
run go y5 --allowed-tools 'Bash(echo *)'
is "$status $(states y5) $(ran)" "3 approval-requested 0" \
    "a decision that is none lets nothing pass by itself"
like "$err" 'failed: there is no decision reject' "and is told"

hook other <<'END'
echo '{"hookSpecificOutput":{"hookEventName":"PreToolUse","updatedInput":{"command":"echo two >>ran; echo three >>ran"}}}'
END
hooks PreToolUse '*' other >"$config/config.yaml"
run go m1 --permission-mode allow-all
is "$(ran) $(head -n 1 ran)" "2 two" "a hook changes the arguments"
rm ran
run go m2 --permission-mode allow-all --disallowed-tools 'Bash(echo three*)'
is "$(states m2) $(ran)" "output-denied 0" "which are judged again"
hook bad <<'END'
echo '{"updatedInput":{"command":7}}'
END
hooks PreToolUse '*' bad >"$config/config.yaml"
run go m3 --permission-mode allow-all
is "$(states m3) $(ran)" "output-error 0" "and must fit the schema"

# what goes wrong lets nothing pass by itself
hook slow <<'END'
while :; do sleep 0.1; done
END
hooks PreToolUse '*' slow 0.3 >"$config/config.yaml"
run go w1 --permission-mode allow-all
is "$status $(states w1) $(ran)" "3 approval-requested 0" \
    "a hook that hangs: the call is asked"
hook crash <<'END'
kill -SEGV $$
END
hooks PreToolUse '*' crash >"$config/config.yaml"
run go w2 --permission-mode allow-all
is "$status $(states w2) $(ran)" "3 approval-requested 0" "one that crashes too"
run chatd approve w2
run chatd wait w2
is "$(ran)" 1 "it runs when a person says so"
rm ran
hook flood <<'END'
head -c 3000000 /dev/zero | tr '\0' '{'
END
hooks PreToolUse '*' flood >"$config/config.yaml"
run go w3 --permission-mode allow-all
is "$status $(states w3)" "3 approval-requested" "and one that writes too much"
hook hostile <<'END'
printf '\033]0;x\007\377\376 {"decision":"allow"} \000 more'
END
hooks PreToolUse '*' hostile >"$config/config.yaml"
run go w4
is "$status $(states w4) $(ran)" "3 approval-requested 0" \
    "what is no JSON allows nothing"
hook rude <<'END'
printf '\033[2Jgo \377away' >&2
exit 2
END
hooks PreToolUse '*' rude >"$config/config.yaml"
run go w5 --permission-mode allow-all
run chatd show w5 --json
json "$out" '.messages[1].parts[1].state == "output-denied"' \
    "a reason of odd bytes is a reason"
run go w6 --permission-mode deny
is "$(states w6) $(ran)" "output-denied 0" "nobody is asked in mode deny"
hooks PreToolUse '*' nowhere >"$config/config.yaml"
run go w7 --permission-mode allow-all
is "$status $(states w7)" "3 approval-requested" "nor is one passed that is not there"

# several, in order
hook first <<'END'
echo first >>"$CHATD_PROJECT_DIR/order"
END
hook second <<'END'
echo second >>"$CHATD_PROJECT_DIR/order"
exit 2
END
cat >"$config/config.yaml" <<END
hooks:
  PreToolUse:
    - matcher: Bash|Edit
      hooks:
        - {type: command, command: "$scratch/h/first"}
        - {type: command, command: "$scratch/h/second"}
    - command: $scratch/h/first
END
run go o1 --permission-mode allow-all
is "$(tr '\n' ' ' <order)$(ran)" "first second 0" \
    "in order, and the first no is the last word"

# PermissionRequest
hooks PermissionRequest '*' yes >"$config/config.yaml"
run go r1
is "$status $(ran)" "0 1" "PermissionRequest answers what would be asked"
rm ran
hooks PermissionRequest '*' no >"$config/config.yaml"
run go r2
is "$(states r2) $(ran)" "output-denied 0" "with a no as well"
rm -f "$scratch/no.in"
run go r3 --permission-mode allow-all
is "$(ran)" 1 "it is not heard when nothing is asked"
rm ran

# PostToolUse
script post <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo one >>ran; echo out"}}
{"turn":1}
{"expect":"mind the gap"}
{"type":"text-delta","text":"minded"}
END
hook after <<'END'
echo '{"additionalContext":"mind the gap"}'
END
hooks PostToolUse Bash after >"$config/config.yaml"
run go a1 --permission-mode allow-all
is "$status $(cat "$out") $(ran)" "0 minded 1" "PostToolUse adds to a result"
json "$scratch/after.in" '.tool_response.exitCode == 0 or
    (.tool_response | tostring | contains("out"))' "which it has seen"
rm ran

# UserPromptSubmit, SessionStart
script ctx <<'END'
{"expect":"the moon is full"}
{"type":"text-delta","text":"howl"}
END
hook moon <<'END'
echo "the moon is full"
END
hooks UserPromptSubmit '' moon >"$config/config.yaml"
run go u1
is "$status $(cat "$out")" "0 howl" "UserPromptSubmit adds context"
json "$scratch/moon.in" '.prompt == "go"' "and sees the prompt"
hooks SessionStart '' moon >"$config/config.yaml"
rm "$scratch/moon.in"
run go u2
is "$status $(cat "$out")" "0 howl" "SessionStart too"
run go u2
is "$(wc -l <"$scratch/moon.in" | tr -d ' ')" 1 "once a session"
hooks UserPromptSubmit '' no >"$config/config.yaml"
script deaf <<'END'
{"type":"text-delta","text":"heard you"}
END
run chatd run -m "$model" -s u3 zebra </dev/null
is "$status $(cat "$out")" "3 " "a prompt can be denied"
like "$err" 'not in this house' "with a reason"
: >"$config/config.yaml"
script after3 <<'END'
{"expect":"zebra"}
{"type":"text-delta","text":"fine"}
END
run chatd run -m "$model" -s u3 second </dev/null
is "$status" 1 "and the model is not told of it later either"
run chatd show u3 --json
json "$out" '[.messages[] | select(.role == "user")] | length == 2' \
    "it stays in the transcript"
json "$out" '.messages[1].metadata.rawFinishReason == "refusal: hook"' \
    "withdrawn"

# Stop, TurnComplete
script more <<'END'
{"type":"text-delta","text":"done? "}
{"turn":1}
{"expect":"not quite"}
{"type":"text-delta","text":"done!"}
END
hook again <<'END'
grep -q '"stop_hook_active":true' "$0.seen" 2>/dev/null && exit 0
echo '{"stop_hook_active":true}' >"$0.seen"
echo "not quite" >&2
exit 2
END
hooks Stop '' again >"$config/config.yaml"
run go e1
is "$status" 0 "Stop wants another step"
like "$out" 'done!' "and gets it"
hook end </dev/null
hooks TurnComplete '' end >"$config/config.yaml"
run go e2
json "$scratch/end.in" '.hook_event_name == "TurnComplete" and
    .finish_reason == "stop"' "TurnComplete hears how it ended"

script broken <<'END'
{"error":{"code":"FAILED","text":"no such thing"}}
END
rm "$scratch/end.in"
run go e3
json "$scratch/end.in" '.finish_reason == "error"' "a failure too"
is "$status" 1 "which it stays"

# a project's hooks need consent
: >"$config/config.yaml"
model=script:$scratch/one
mkdir -p .chatd
hooks PreToolUse '*' no >.chatd/config.yaml
rm -f "$scratch/no.in"
run go c1 --permission-mode allow-all
is "$(ran)" 1 "a project's hook is not run without consent"
like "$err" 'hook.*not run' "which is said"
[ ! -e "$scratch/no.in" ]
pass $? "really not"
rm ran
run chatd hooks
like "$out" 'PreToolUse.*needs consent' "hooks lists it"
run chatd hooks allow
is "$status" 0 "a person agrees"
run go c2 --permission-mode allow-all
is "$(states c2) $(ran)" "output-denied 0" "then it runs"
hooks PreToolUse '*' yes >.chatd/config.yaml
run chatd hooks --json
json "$out" '.[0].state == "needs consent"' "another command is another question"
run chatd hooks allow
run go c3
is "$status $(ran)" "3 0" "a project's hook allows nothing"
rm -r .chatd

# a file that nobody can read ends the turn
printf 'hooks:\n  PreTolUse: []\n' >"$config/config.yaml"
run go f1
is "$status" 78 "an event that is none is said"
like "$err" 'PreTolUse' "by its name"

# kill -9 while a hook runs: the call has not begun
hook wait <<'END'
echo $$ >>"$CHATD_PROJECT_DIR/hooks"
while [ -d "$CHATD_PROJECT_DIR" ] && [ ! -e "$CHATD_PROJECT_DIR/go" ]; do
    sleep 0.1
done
END
hooks PreToolUse '*' wait >"$config/config.yaml"
"$CHATD" run -m "$model" -s k1 --sandbox off --permission-mode allow-all go \
    </dev/null >"$scratch/stream" 2>"$err" &
owner=$!
await test -s hooks
kill -9 "$owner"
wait "$owner" 2>/dev/null
is "$(ran)" 0 "killed while a hook runs: the call has not run"
: >go
run chatd wait k1
is "$(ran)" 1 "it is asked again, and runs once"

# stop ends a hook
rm -f go hooks ran
"$CHATD" run -m "$model" -s k2 --sandbox off --permission-mode allow-all go \
    </dev/null >"$scratch/stream" 2>"$err" &
owner=$!
await test -s hooks
chatd stop k2
wait "$owner"
gone()
{
	! kill -0 "$(head -n 1 hooks)" 2>/dev/null
}
await gone
is "$? $(ran)" "0 0" "a stop ends the hook, and nothing runs"

# many calls in one step: their hooks take turns, and the descriptors last
echo words >words
i=0
while [ "$((i += 1))" -le 100 ]; do
	echo "{\"type\":\"tool-call\",\"id\":\"c$i\",\"name\":\"Read\",\"input\":{\"file_path\":\"words\"}}"
done >"$scratch/many"
printf '{"turn":1}\n{"type":"text-delta","text":"over"}\n' >>"$scratch/many"
model=script:$scratch/many
printf 'exit 0\n' | hook turns
hooks PreToolUse Read turns >"$config/config.yaml"
hooks PostToolUse Read turns | tail -n +2 >>"$config/config.yaml"
run sh -c 'ulimit -n 256; exec timeout 180 "$0" run -m "$1" -s many \
    --sandbox off go </dev/null' "$CHATD" "$model"
is "$status $(states many | tr ' ' '\n' | sort | uniq -c | tr -s ' ')" \
    "0  100 output-available" "a hundred calls in one step are all looked at"
is "$(grep -o '"hook_event_name":"[A-Za-z]*"' "$scratch/turns.in" | sort |
    uniq -c | tr -s ' \n' ' ')" ' 100 "hook_event_name":"PostToolUse" 100 "hook_event_name":"PreToolUse" ' \
    "before and behind"

# the example that comes with us
mkdir -p bin
printf '#!/bin/sh\necho "$*" >>"%s/ran"\n' "$PWD" >bin/git
chmod +x bin/git
PATH=$PWD/bin:$PATH
cat >"$config/config.yaml" <<END
hooks:
  PreToolUse:
    - matcher: Bash(git push *)
      command: sh $top_srcdir/share/examples/hooks/no-force-push.sh
END
script push <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"git push --force origin"}}
{"type":"tool-call","id":"c2","name":"Bash","input":{"command":"cd . && git push origin"}}
{"turn":1}
{"expect":"no forced pushes here"}
{"type":"text-delta","text":"sorry"}
END
run go x1 --permission-mode allow-all
is "$(states x1) $(cat ran)" "output-denied output-available push origin" \
    "the example stops a forced push, and no other"

finish
