#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0843-undo.sh - undo, fork and rm with tools and waiting approvals

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
command -v jq >/dev/null || missing "jq is not there"

script ask <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo ran >>ran"}}
{"turn":1}
{"type":"text-delta","text":"over"}
END
run chatd run -s a -m "$model" --sandbox off first </dev/null
is "$status" 3 "a call waits"

run chatd fork a
is "$status" 0 "the session is copied"
copy=$(cat "$out")
run chatd ls --json
json "$out" 'map(.state) == ["waiting for approval", "waiting for approval"]' \
    "and the copy waits too"
run chatd approve "$copy"
is "$status" 0 "the copy is answered"
run chatd wait "$copy"
is "$(cat ran)" ran "its call runs, once"
run chatd show "$copy"
like "$out" '^over$' "and the model goes on"
run chatd show a
unlike "$out" 'over' "the other still waits"
run chatd fork a --at "$(chatd show --json a | jq -r '.messages[0].id')"
run chatd ls --json
json "$out" '.[] | select(.messages == 1) | .state == "idle"' \
    "a copy without the call waits for nothing"

run chatd undo a
run chatd ls --json
json "$out" '.[] | select(.externalId == "a") | .state == "idle"' \
    "undo takes the question back"
run chatd approve a
is "$status" 66 "nothing is left to be answered"
is "$(cat ran)" ran "and nothing has run"

script talk <<'END'
{"type":"text-delta","text":"yes"}
END
for word in one two three; do
	chatd run -s b -m "$model" "$word" </dev/null >/dev/null
done
run chatd undo b --to "$(chatd show --json b | jq -r '.messages[2].id')"
is "$status" 0 "undo --to a message"
run chatd show --json b
json "$out" '[.messages[].parts[] | select(.type == "text") | .text] ==
    ["one", "yes"]' "takes it and all behind it back"
run chatd undo b --to nowhere
is "$status" 1 "one that is not there is refused"

# other words, another answer
texts='[.messages[].parts[] | select(.type == "text") | .text]'
answer=$(chatd show --json b | jq -r '.messages[1].id')
run chatd edit b in other words
is "$status" 0 "edit"
run chatd show --json b
json "$out" "$texts == [\"in other words\", \"yes\"] and
    (.messages[1].id != \"$answer\")" "has the last message answered anew"
run chatd edit b --message "$answer" again
is "$status" 1 "one that is not there any more cannot be edited"
answer=$(chatd show --json b | jq -r '.messages[1].id')
run chatd regenerate b
is "$status" 0 "regenerate"
run chatd show --json b
json "$out" "$texts == [\"in other words\", \"yes\"] and
    (.messages[1].id != \"$answer\")" "has it answered once more"

# what a session leaves beside the database
script long <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"seq 100000"}}
{"turn":1}
{"type":"text-delta","text":"over"}
END
outputs()
{
	find "$CHATD_HOME" -path '*/output/*' -type f | wc -l | tr -d ' '
}
run chatd run -s c -m "$model" --sandbox off --permission-mode allow-all x \
    </dev/null
is "$(outputs)" 1 "a long output is kept in a file"
id=$(chatd ls --json | jq -r '.[] | select(.externalId == "c") | .id')
mkdir -p "$CHATD_HOME/data/rules"
rule=$CHATD_HOME/data/rules/$id.yaml
printf 'allow: [Read]\n' >"$rule"
run chatd rm -y c
is "$(outputs)" 0 "rm takes it along"
! test -e "$rule"
pass $? "and the rules that were for this session"
run chatd run --ephemeral -m "$model" --sandbox off \
    --permission-mode allow-all x </dev/null
is "$status $(outputs)" "0 0" "--ephemeral leaves none"
script killed <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"seq 100000"}}
{"turn":1}
{"type":"tool-call","id":"c2","name":"Bash","input":{"command":"touch here; sleep 600"}}
END
"$CHATD" run --ephemeral -m "$model" --sandbox off \
    --permission-mode allow-all x </dev/null >/dev/null 2>&1 &
pid=$!
await test -e here
is "$(outputs)" 1 "while it runs it has one"
id=$(ls "$CHATD_HOME/state/output")
printf 'allow: [Read]\n' >"$CHATD_HOME/data/rules/$id.yaml"
run chatd ls
is "$(outputs)" 1 "which nobody else takes away"
kill -9 $pid
wait $pid 2>/dev/null
run chatd ls
is "$(outputs) $(ls "$CHATD_HOME/data/rules")" "0 " \
    "one that was killed: the next chatd tidies up"
finish
