#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0832-plan-over.sh - who agrees to a plan has ended plan mode for good

. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"
. "$top_srcdir/tests/t/tui-lib.sh"
command -v script >/dev/null || missing "script is not there"

ran()
{
	cat ran 2>/dev/null | tr '\n' ' '
}
script plan <<'END'
{"type":"tool-call","id":"c1","name":"Plan","input":{"plan":"echo one"}}
{"turn":1}
{"type":"text-delta","text":"over one"}
{"turn":2}
{"type":"tool-call","id":"c2","name":"Bash","input":{"command":"echo two >>ran"}}
{"turn":3}
{"type":"text-delta","text":"over two"}
{"turn":4}
{"expect":"Plan mode is on"}
{"type":"text-delta","text":"over three"}
END

# line mode: what is written to descriptor 9 is typed
shown=$scratch/shown
mkfifo "$scratch/keys"
TERM=dumb command script -qfec "'$CHATD' --line -m '$model' -s line \
    --sandbox off --permission-mode plan" "$shown" <"$scratch/keys" \
    >/dev/null 2>&1 &
terminal=$!
exec 9>"$scratch/keys"
asked()	# N: so many questions were asked
{
	await sh -c "[ \$(grep -c 'y once' '$shown') -ge $1 ]"
}
printf 'go\r' >&9
asked 1
pass $? "line mode: a plan is asked about"
printf 'y\r' >&9
await grep -q 'over one' "$shown"
like "$shown" 'permission mode default: the plan was agreed to' \
    "the person is told that plan mode is over"
printf 'go on\r' >&9
asked 2
pass $? "the next message is not of plan mode any more: a call is asked"
printf 'y\r' >&9
await grep -q 'over two' "$shown"
is "$(ran)" "two " "and runs"
printf '/permissions plan\r' >&9
await grep -q 'plan, from the next message on' "$shown"
printf 'go on\r' >&9
await grep -q 'over three' "$shown"
pass $? "who chooses plan mode anew has it"
printf '/quit\r' >&9
exec 9>&-
wait "$terminal"
rm -f ran

# the screen
tui 100 30 -m "$model" --sandbox off -s screen --permission-mode plan
sees 'F1 help' "the screen is there"
key begin Enter
sees 'May Plan run' "a plan is asked about"
answer y
sees 'over one' "and agreed to"
sees 'permission mode default: the plan was agreed to' "which is told"
key 'go on' Enter
sees 'May Bash run' "the next message is not of plan mode any more"
answer y
sees 'over two' "the call runs"
is "$(ran)" "two " "once"
key C-d
sees '^left 0' "it leaves"
untui

# another process has a say of its own
script again <<'END'
{"type":"tool-call","id":"c1","name":"Plan","input":{"plan":"echo one"}}
{"turn":1}
{"type":"text-delta","text":"over"}
END
run chatd run -m "$model" -s other --permission-mode plan go </dev/null
run chatd approve other
run chatd wait other
run chatd show other --records
is "$(grep -c '"type":"data-chatd-mode"' "$out")" 1 "all clients are told, once"

finish
