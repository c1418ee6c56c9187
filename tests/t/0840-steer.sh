#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0840-steer.sh - what comes in while a turn runs; limits of a turn

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
command -v jq >/dev/null || missing "jq is not there"

# The first step lasts until the file go is there.
steps()
{
	script "$1" <<END
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"touch on; until [ -e go ]; do sleep 0.05; done"}}
{"turn":1}
{"expect":"$2"}
{"type":"text-delta","text":"first answer"}
{"turn":2}
{"type":"text-delta","text":"second answer"}
END
}

# begin SESSION [OPTION...]
begin()
{
	rm -f on go
	session=$1
	shift
	timeout 180 "$CHATD" run -m "$model" --sandbox off \
	    --permission-mode allow-all -s "$session" --json "$@" begin \
	    </dev/null >"$scratch/first" 2>"$scratch/first.err" &
	first=$!
	await test -e on
}

end()
{
	touch go
	wait "$first"
	first_status=$?
}

steps one 'hurry up'
begin a
run chatd send a hurry up
is "$status" 0 "a message is sent into a running turn"
run chatd send --inject a the sky is blue
is "$status" 0 "and context"
end
is "$first_status" 0 "the turn ends well"
json "$scratch/first" '.result == "first answer"' "in its own answer"
run chatd show --json a
json "$out" '.messages | length == 2' "neither began a turn"
json "$out" '[.messages[1].parts[].type] == ["step-start", "dynamic-tool",
    "data-pending-message-injected", "data-background-injected",
    "step-start", "text"]' "they stand where the model was told"
json "$out" '.messages[1].parts[2].data | .messageIds == [.messages[0].id] and
    .messages[0].text == "hurry up"' "as the SDK wants it"
run chatd show a
like "$out" '^> hurry up$' "show shows the words"
like "$out" '^  the sky is blue$' "and the context"
echo /quit >"$scratch/typed"
run chatd attach a <"$scratch/typed"
like "$out" '^> hurry up$' "line mode shows the words when it is opened again"
unlike "$out" 'messageIds' "and nothing raw"
run chatd search hurry
like "$out" 'hurry' "search finds the words"

begin b --steering queue
run chatd send b hurry up
chatd send --inject b later
end
run chatd wait b
run chatd show --json b
json "$out" '.messages | map(.role) ==
    ["user", "assistant", "user", "assistant"]' "--steering queue: it waits"
json "$out" '.messages[2].parts[0].text == "hurry up"' "and is answered then"

# one that run sends wants an answer of its own
size()
{
	chatd ls --json | jq '.[] | select(.externalId == "r") | .bytes'
}
grown()
{
	[ "$(size)" -gt "$before" ]
}
steps two begin
begin r
before=$(size)
chatd run -s r -m "$model" hurry up </dev/null >"$scratch/second" 2>&1 &
second=$!
await grown
end
wait "$second"
is "$(cat "$scratch/second")" "second answer" "run waits for its own turn"
steps one 'hurry up'

# a hook that is to see every prompt is not passed by
mkdir -p "$CHATD_HOME/config"
printf 'hooks:\n  UserPromptSubmit:\n    - command: "cat >>%s"\n' \
    "$scratch/prompts" >"$CHATD_HOME/config/config.yaml"
begin h
run chatd send h hurry up
end
run chatd wait h
run chatd show --json h
json "$out" '.messages | length == 4' "with such a hook a message waits"
is "$(jq -r .prompt "$scratch/prompts" | tail -n 1)" 'hurry up' \
    "and the hook sees it"
rm "$CHATD_HOME/config/config.yaml"

run chatd send --inject a and it is late
run chatd send --inject a "it is night"
run chatd run -s a -m "$model" next </dev/null
is "$status" 0 "context waits for the next turn"
run chatd show a
like "$out" '^  it is night$' "and was told"

# limits
script many <<'END'
{"type":"usage","input":10,"output":5}
{"type":"tool-call","id":"c1","name":"Read","input":{"file_path":"on"}}
END
run chatd run -m "$model" --max-tokens 20 x </dev/null
is "$status" 4 "--max-tokens ends a turn"
like "$err" 'token limit: 30 tokens' "and says so"
mkdir -p "$CHATD_HOME/config"
printf 'maxTokens: 40\n' >"$CHATD_HOME/config/config.yaml"
run chatd run -m "$model" x </dev/null
is "$status" 4 "so does the configuration"
like "$err" 'token limit: 45 tokens' "with its own limit"
rm "$CHATD_HOME/config/config.yaml"
script slow <<'END'
{"type":"text-delta","text":"half"}
{"wait":60000}
END
run chatd run -m "$model" --max-seconds 10 x </dev/null
is "$status" 4 "--max-seconds ends a turn"
like "$err" 'time limit: 10 seconds' "and says so"
same "$out" 'half\n' "what was said stays"
finish
