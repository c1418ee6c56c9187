#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0800-tools.sh - tools in a turn: rules, modes, who decided (cli.md 2, 4, 5)

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

# Here it is looked at who may run, not at what holds it.
ask_run()
{
	chatd run -m "$model" --sandbox off "$@" go </dev/null
}

script append <<'END'
{"expect":"\"name\":\"Bash\""}
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo ran >>ran"}}
{"turn":1}
{"type":"text-delta","text":"over"}
END

# nobody is here to be asked
run ask_run -s plain --json
is "$status" 3 "a call that would be asked ends a run with status 3"
json "$out" '.denied == [{toolCallId: "c1", toolName: "Bash",
    input: {command: "echo ran >>ran"}, reason: "waits for an answer"}]' \
    "and stands in the list of what did not run"
json "$out" '.finishReason == "tool-calls"' "the model ended with tool calls"
is "$(cat ran 2>/dev/null)" "" "nothing has run"
like "$err" '^hint: chatd approve plain' "a hint tells how to answer"
run chatd ls --json
json "$out" '.[0].state == "waiting for approval"' "the session waits"

run ask_run --permission-mode deny --json
is "$status" 3 "deny: status 3"
json "$out" '.result == "over" and .denied[0].toolCallId == "c1" and
    (.denied[0].reason | contains("permission denied"))' \
    "the model goes on, and the call is listed with the reason"
is "$(cat ran 2>/dev/null)" "" "deny: nothing has run"

script told <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo ran >>ran"}}
{"turn":1}
{"expect":"permission denied: this would have to be asked"}
{"type":"text-delta","text":"understood"}
END
run ask_run --permission-mode deny
same "$out" 'understood\n' "the model is told why it was denied"

model=script:$scratch/append
run ask_run --permission-mode plan --json
json "$out" '.denied[0].reason | contains("plan mode")' "plan runs nothing"
is "$(cat ran 2>/dev/null)" "" "plan: nothing has run"
script planning <<'END'
{"expect":"Plan mode is on"}
{"type":"text-delta","text":"the plan"}
END
run chatd run -s planning -m "$model" --permission-mode plan x </dev/null
same "$out" 'the plan\n' "the model is told of plan mode"
script planner <<'END'
{"expect":"\"name\":\"Plan\""}
{"type":"tool-call","id":"c1","name":"Plan","input":{"plan":"echo ran"}}
{"turn":1}
{"expect":"Plan mode is over"}
{"type":"tool-call","id":"c2","name":"Bash","input":{"command":"echo ran >>planned"}}
{"turn":2}
{"type":"text-delta","text":"carried out"}
END
run ask_run -s plans --permission-mode plan --allowed-tools Plan,Bash
is "$status" 3 "a plan always waits for a person"
run chatd approve plans c1
run chatd wait plans
is "$(cat planned)" ran "who agrees to it ends plan mode"
run chatd show plans
like "$out" '^carried out$' "and the model goes on"
run ask_run -s plans2 --permission-mode plan --allowed-tools Plan
run chatd approve plans2 c1
run chatd wait plans2
run chatd ls --json
json "$out" '.[] | select(.externalId == "plans2") |
    .state == "waiting for approval"' "the rest is asked as ever"
run ask_run -s plans3 --permission-mode plan
run chatd approve plans3 c1 --deny "not so"
run chatd wait plans3
is "$(cat planned)" ran "who refuses it does not"
run chatd run -m "$model" x </dev/null
is "$status" 1 "outside of plan mode there is no such tool"
script doing <<'END'
{"expect":"the plan"}
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo ran"}}
{"turn":1}
{"expect":"the plan"}
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo ran"}}
{"turn":2}
{"type":"text-delta","text":"done"}
END
run chatd run -s planning -m "$model" --sandbox off \
    --permission-mode allow-all "do it" </dev/null
same "$out" 'done\n' "and does what it planned when the mode is another"
run chatd show --records planning
unlike "$out" 'Plan mode is on' "nothing of that stays in the log"
model=script:$scratch/append

run ask_run -s all --permission-mode allow-all --json
is "$status" 0 "allow-all: status 0"
json "$out" '.denied == [] and .steps == 2' "and nothing is denied"
is "$(cat ran)" ran "the command has run, once"
run chatd why all c1
like "$out" '^allowed by the permission mode, 20' "why names the mode"

rm ran
run ask_run --allowed-tools 'Bash(echo ran >>ran),Read'
is "$status $(cat ran)" "0 ran" "an allow rule lets it run"
rm ran
run ask_run -s denied --permission-mode allow-all --allowed-tools Bash \
    --disallowed-tools 'Bash(echo *)' --json
is "$status $(cat ran 2>/dev/null)" "3 " "a deny rule wins over all"
run chatd why denied c1
like "$out" 'denied by the rule Bash\(echo \*\) \(command line\)' \
    "why names the rule and where it stands"

# files of rules
mkdir -p "$CHATD_HOME/config" .chatd
printf 'permissions:\n  allow: [Bash(echo ran *), Edit(ran)]\n' \
    >"$CHATD_HOME/config/config.yaml"
run ask_run
is "$status $(cat ran)" "0 ran" "the user's configuration allows"
rm ran
printf 'permissionMode: allow-all\nsandbox: "off"\n' \
    >"$CHATD_HOME/config/config.yaml"
run ask_run --json
is "$status $(cat ran)" "0 ran" "its permissionMode holds for all sessions"
json "$out" '.message.metadata | .permissionMode == "allow-all" and
    .sandbox == "off"' "its sandbox too"
rm ran
printf 'permissions:\n  allow: [Bash(echo ran *), Edit(ran)]\n' \
    >"$CHATD_HOME/config/config.yaml"
printf 'deny:\n  - Bash(echo ran *)\n' >.chatd/permissions.yaml
run ask_run -s project
is "$status $(cat ran 2>/dev/null)" "3 " "a project narrows"
run chatd why project c1 --json
json "$out" '.ruling.decision == "deny" and .ruling.layer == "project" and
    .ruling.by == "rule"' "why --json tells the same to programs"
rm "$CHATD_HOME/config/config.yaml"
printf 'allow:\n  - Bash\n' >.chatd/permissions.yaml
run ask_run
is "$status $(cat ran 2>/dev/null)" "3 " "a project never allows"
mkdir .chatd/agents
printf -- '---\npermissionMode: allow-all\nallowedTools: Bash\n---\nhi\n' \
    >.chatd/agents/bold.md
run ask_run -a bold
is "$status $(cat ran 2>/dev/null)" "3 " "nor does an agent of a project"
printf 'deny: nonsense\n' >.chatd/permissions.yaml
run ask_run --permission-mode allow-all
is "$status $(cat ran 2>/dev/null)" "78 " "rules that cannot be read stop all"
rm -r .chatd

# what goes wrong teaches the model
script wrong <<'END'
{"type":"tool-call","id":"c1","name":"Read","input":{"path":"x"}}
{"type":"tool-call","id":"c2","name":"Fly","input":{}}
{"turn":1}
{"expect":"The arguments of Read do not fit its schema"}
{"expect":"there is no tool Fly here"}
{"type":"text-delta","text":"sorry"}
END
run ask_run -o stream-json
is "$status" 0 "wrong calls do not end the turn"
is "$(grep -c '"tool-input-error"' "$out")" 2 "each is an input error"
like "$out" '"result":"sorry"' "and the model is told what was wrong"

# both forms of a result
printf 'line one\n' >file
script read <<'END'
{"type":"tool-call","id":"c1","name":"Read","input":{"file_path":"file"}}
{"type":"tool-call","id":"c2","name":"Glob","input":{"pattern":"f*"}}
{"turn":1}
{"expect":"line one"}
{"type":"text-delta","text":"read"}
END
run ask_run --json
is "$status" 0 "reading needs no answer"
json "$out" '[.message.parts[] | select(.type == "dynamic-tool") | .state] ==
    ["output-available", "output-available"]' "both calls have their results"
json "$out" '.message.parts[] | select(.toolCallId == "c1") |
    .resultProviderMetadata.chatd.model | contains("line one")' \
    "the form for the model is stored"

# what a command says is seen while it runs
script talk <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo first; until [ -e go ]; do sleep 0.05; done; echo second"}}
{"turn":1}
{"expect":"first\\nsecond"}
{"type":"text-delta","text":"heard"}
END
chatd run -m "$model" --sandbox off --permission-mode allow-all \
    -o stream-json talk </dev/null >"$scratch/talk.out" 2>&1 &
await grep -q '"running":true,"output":"first.*"preliminary":true' \
    "$scratch/talk.out"
pass $? "output of a command that runs is shown as preliminary"
touch go
wait $!
is "$?" 0 "the command ends"
json "$scratch/talk.out" 'select(.type == "result") | .message.parts[] |
    select(.toolCallId == "c1") | .output.output == "first\nsecond\n" and
    (has("preliminary") | not)' "and what is kept is the whole, and final"

script budget <<'END'
{"type":"tool-call","id":"c1","name":"Glob","input":{"pattern":"f*"}}
END
run ask_run --max-steps 3 --json
is "$status" 4 "a limit of steps ends it with status 4"
json "$out" '.steps == 3' "after so many steps"

# what holds a command, where the system has something that does
script hold <<END
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo in >inside; echo out >$scratch/outside"}}
{"turn":1}
{"type":"text-delta","text":"over"}
END
run chatd doctor
if grep -q '^sandbox .*Landlock.*user and mount namespaces' "$out"; then
	run chatd run -m "$model" --permission-mode allow-all --json go \
	    </dev/null
	is "$status $(cat inside) $(ls "$scratch/outside" 2>/dev/null)" \
	    "0 in " "a command writes in its folder and nowhere else"
	rm inside
	run chatd run -m "$model" --permission-mode allow-all \
	    --sandbox read-only --json go </dev/null
	is "$(ls inside "$scratch/outside" 2>/dev/null)" "" \
	    "or nowhere at all with --sandbox read-only"
else
	run chatd run -m "$model" --permission-mode allow-all go </dev/null
	is "$status $(ls inside "$scratch/outside" 2>/dev/null)" "3 " \
	    "without a sandbox a person is asked, in every mode"
fi

run chatd tools --json
json "$out" 'map(select(.name == "Bash")) | .[0].asks' "tools lists Bash"

finish
