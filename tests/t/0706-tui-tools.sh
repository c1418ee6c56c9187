#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0706-tui-tools.sh - a person at the screen and tools that ask (cli.md 9)

. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"
. "$top_srcdir/tests/t/tui-lib.sh"
command -v jq >/dev/null || missing "jq is not there"

ran()
{
	[ ! -e ran ] || tr '\n' ' ' <ran
}

script ask <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo one >>ran"}}
{"turn":1}
{"type":"text-delta","text":"over one"}
{"turn":2}
{"type":"tool-call","id":"c2","name":"Bash","input":{"command":"echo two >>ran"}}
{"turn":3}
{"type":"text-delta","text":"over two"}
{"turn":4}
{"type":"tool-call","id":"c3","name":"Bash","input":{"command":"echo two >>ran"}}
{"turn":5}
{"type":"text-delta","text":"over three"}
{"turn":6}
{"type":"tool-call","id":"c4","name":"Bash","input":{"command":"echo four >>ran"}}
{"turn":7}
{"expect":"not on a Friday"}
{"type":"text-delta","text":"over four"}
{"turn":8}
{"type":"tool-call","id":"c5","name":"Bash","input":{"command":"echo five >>ran"}}
{"turn":9}
{"type":"text-delta","text":"over five"}
{"turn":10}
{"type":"tool-call","id":"c6","name":"Bash","input":{"command":"echo s\u200bix s\u0456x >>ran"}}
{"turn":11}
{"type":"text-delta","text":"over six"}
END
tui 100 30 -m "$model" --sandbox off -s asks
await chatd show asks
sees 'Type a message' "an empty session says what to do"
key begin Enter yyyy
sees 'May Bash run' "a call is asked about"
sees 'command: echo one >>ran' "with all of it"
sees 'always. saves the rule: Bash\(' "and the rule that p would save"
key Enter
sees 'May Bash run' "Enter says nothing"
is "$(ran)" "" "nothing typed before the question answered it"
key Escape
sees 'a tool call waits for you' "Esc puts it off"
key C-u Enter
answer y
sees 'over one' "y lets it run"
is "$(ran)" "one " "once"

key again Enter
answer a
sees 'over two' "a lets it run"
key again Enter
sees 'over three' "and then for the session unasked"
is "$(ran)" "one two two " "each ran"
key again Enter
answer n
sees 'Why not' "n asks for a reason"
key 'not on a Friday' Enter
sees 'over four' "which the model is told"
key again Enter
answer e
sees 'Change the arguments' "e lets them be changed"
sees '[{]"command":"echo five >>ran"[}]' "from what they are"
key C-u '{"command":"echo 5 >>ran"}' Enter
sees 'over five' "and it goes on"
is "$(ran)" "one two two 5 " "with what was changed"
key again Enter
sees 'command: echo s.u[{]200b[}]ix' "what cannot be seen is shown"
sees 'look-alikes: s.u[{]456[}]x$' "and what is not what it looks like"
sees 'May Bash run' "and asked about"
chatd approve asks --deny 'I say so' >/dev/null 2>&1
gone 'May Bash run' "answered elsewhere, the question goes"
sees '^ +I say so$' "and the card says why"
sees 'over six' "and the turn goes on"
chatd why asks c6 >"$scratch/why"
like "$scratch/why" 'I say so' "with that answer"
key C-d
sees '^left 0' "it leaves"
untui

# p: the exact rule is saved, for all sessions
script always <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo one >>ran"}}
{"turn":1}
{"type":"text-delta","text":"over and out"}
END
rm -f ran
tui 100 30 -m "$model" --sandbox off
key begin Enter
sees 'always. saves the rule: Bash\(echo one >>ran\)' "the exact rule"
answer p
sees 'over and out' "p lets it run"
key C-d
sees '^left 0' "it leaves"
untui
like "$CHATD_HOME/config/permissions.yaml" 'Bash\(echo one >>ran\)' "and is saved"
tui 100 30 -m "$model" --sandbox off begin
sees 'over and out' "another session does not ask"
is "$(ran)" "one one " "and runs it"
key C-d
sees '^left 0' "it leaves"
untui

# several in one step: some yes, some no; what an edit would change
printf 'first\nsecond\nthird\n' >file
script several <<'END'
{"type":"tool-call","id":"c0","name":"Read","input":{"file_path":"file"}}
{"turn":1}
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo yes >>ran"}}
{"type":"tool-call","id":"c2","name":"Bash","input":{"command":"echo no >>ran"}}
{"type":"tool-call","id":"c3","name":"Edit","input":{"file_path":"file","old_string":"second","new_string":"2nd"}}
{"turn":2}
{"type":"text-delta","text":"over it all"}
END
rm -f ran
tui 100 30 -m "$model" --sandbox off -s several begin
sees 'May Bash run.*1 of 3' "the first of three"
answer y
sees 'May Bash run.*1 of 2' "the second"
sees 'echo no >>ran' "is the next one"
answer n
sees 'Why not' "it is refused"
key Enter
sees 'May Edit run' "the third"
sees ' 2 - second' "shows what would go"
sees ' 2 [+] 2nd' "and what would come"
sees ' 1   first' "with what is around it"
answer y
sees 'over it all' "the turn goes on when all are answered"
is "$(ran)" "yes " "the yes ran, the no did not"
is "$(tr '\n' ' ' <file)" "first 2nd third " "and the file was changed"

# a message sent meanwhile joins the turn
script join <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"touch on; until [ -e go ]; do sleep 0.05; done"}}
{"turn":1}
{"expect":"hurry up"}
{"type":"text-delta","text":"in a hurry"}
{"turn":2}
{"type":"text-delta","text":"another turn"}
END
key C-d
sees '^left 0' "it leaves"
untui
tui 100 30 -m "$model" --sandbox off --permission-mode allow-all begin
await test -e on
pass $? "a tool runs"
sees 'allow-all.*no sandbox' "the status says how"
key 'hurry up' Enter
sees 'hurry up +waiting' "what is said meanwhile waits"
touch go
sees 'in a hurry' "then the model is told"
sees '❯ hurry up *$' "and it stands where that was"
gone 'another turn|waiting' "in the same turn"
key C-d
sees '^left 0' "it leaves"
finish
