#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0206-line.sh - line mode, its slash commands, resuming in it (cli.md 2, 9)

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
command -v jq >/dev/null || missing "jq is not there"

script talk <<'END'
{"type":"text-delta","text":"answer one"}
{"turn":2}
{"type":"text-delta","text":"answer two"}
END

line()
{
	printf '%b' "$1" >typed
	shift
	run chatd --line "$@" <typed
}

line 'hello\nand more\n' -m "$model"
is "$status" 0 "what is typed is answered, then it ends with its input"
same "$out" 'answer one\nanswer two\n' "messages typed ahead wait their turn"
run chatd ls --json
json "$out" 'length == 1 and .[0].messages == 4' "in one session"
id=$(jq -r '.[0].id' "$out")

line '' -m "$model"
run chatd ls --json
json "$out" 'length == 1' "a session nothing was said in is not made"
line '/quit\nnever said\n' -m "$model"
is "$status" 0 "/quit leaves"
empty "$out" "and what follows is not said"

line '' -r "$id"
like "$out" '^> hello$' "resuming shows what was said"
like "$out" '^answer two$' "and answered"
line '/help\n'
like "$out" '^/undo' "/help lists commands"
line '/nothing\n'
like "$err" '^chatd: there is no command /nothing$' "an unknown one is told"
is "$status" 0 "and is no reason to leave"
line '/rename A better title\n/status\n/undo\n/export copy.md\n' -r "$id"
like "$err" 'A better title' "/rename, /status"
like copy.md '^# ' "/export writes markdown"
unlike copy.md 'answer two' "behind an /undo without the last answer"
line '/fork\nagain\n' -r "$id"
run chatd ls --json
json "$out" 'map(.messages) | sort == [2,4]' "/fork goes on in a copy"
line '/new\nfresh\n' -r "$id" -m "$model"
run chatd ls --json
json "$out" 'length == 3' "/new begins another"
line '/resume nowhere\n' -r "$id"
like "$err" '^chatd: .*nowhere' "/resume of nothing is told"
line "/resume $id\\nhi\\n" -m "$model"
run chatd show --json "$id"
json "$out" '.messages | length == 4' "/resume goes over"
line 'hi\n' --read-only -r "$id"
run chatd show --json "$id"
json "$out" '.messages | length == 4' "--read-only sends nothing"
line 'hi\n' -r nowhere
is "$status" 66 "-r of nothing is 66"
run chatd resume "$id" hi -m "$model" </dev/null
same "$out" 'answer two\n' "resume without a terminal is run -r"
run chatd resume </dev/null
is "$status" 2 "resume without ID asks, and nobody can answer"
talk=$model
script parts <<'END'
{"type":"text-delta","text":"an answer"}
{"type":"data","name":"weather-report","id":"w","data":{"city":"Oslo","days":[1,2]}}
{"type":"data","name":"weather-report","id":"w","data":{"city":"Bergen"}}
{"type":"file","mediaType":"image/png","url":"data:image/png;base64,iVBORw0KGgo="}
{"type":"source","id":"s1","url":"https://example.org/a","title":"A page"}
END
line 'hello\n' -m "$model" -v
same "$out" 'an answer\n' "what is no text is no answer"
like "$err" '^data: weather report: city Oslo, days \(2 entries\)$' "but said: data"
unlike "$err" Bergen "once"
like "$err" '^file: image, image/png, 8 bytes$' "a file"
like "$err" '^source: A page https://example.org/a$' "a source"
model=$talk
mkdir -p .chatd
printf 'deny:\n  - Bash(rm *)\n' >.chatd/permissions.yaml
line '/permissions\n' --allowed-tools 'Bash(git log *), Read'
like "$err" '^allow Bash\(git log \*\)  \(command line\)$' "/permissions shows the rules"
like "$err" '^deny  Bash\(rm \*\)  \(project\)$' "of each layer"
rm -r .chatd
line '/agent nobody\n/agent\n'
like "$err" '^chatd: .*nobody' "/agent of nobody is told"
like "$err" '^chat$' "and changes nothing"
mkdir -p .chatd/agents
printf -- '---\ndescription: looks\n---\nYou look.\n' >.chatd/agents/scout.md
line '/agent scout\n/agent\n'
like "$err" '^scout$' "/agent NAME is the one that answers"
rm -r .chatd
line '!echo o"n"e; echo two >&2; exit 3\nhello\n' -m "$model"
same "$out" 'answer one\n' "! is no message"
like "$err" '^.*one$' "what the command writes is shown"
like "$err" '^.*two$' "and its errors"
like "$err" 'exit status 3' "and how it ended"
run chatd export "$(chatd ls --json | jq -r '.[0].id')"
like "$out" 'echo o' "the model is told of it"

# at a terminal resume has a list
picks()
{
	printf "$1" | TERM=dumb command script -qec "'$CHATD' resume --line" \
	    /dev/null >"$out"
	status=$?
}
picks '\n'
is "$status" 0 "who picks none from the list of resume leaves"
like "$out" '^ *1  session_' "having seen it"
picks 'x\n'
is "$status" 2 "what is no number is wrong"
finish
