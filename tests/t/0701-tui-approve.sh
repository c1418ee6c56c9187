#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0701-tui-approve.sh - tool calls that wait for a person, on the screen

. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"
. "$top_srcdir/tests/t/tui-lib.sh"
command -v curl >/dev/null 2>&1 || missing "curl is not there"

script plain <<'END'
{"type":"text-delta","text":"first answer"}
END
tui 100 30 -m "$model" -s appr hi
sees 'first answer' "a session is there"

# What an agent that asks would write, put on \`out\` by hand.
socket_of()
{
	for s in "$CHATD_HOME"/run/*.sock; do
		echo "$s"
		return
	done
}

# on_out CHUNK: append it
on_out()
{
	curl -sf --unix-socket "$(socket_of)" -H 'Content-Type: application/json' \
	    --data-binary "$1" \
	    http://chatd/realtime/v1/sessions/appr/out/append >/dev/null
}

on_out '{"type":"start","messageId":"m1"}'
on_out '{"type":"start-step"}'
on_out '{"type":"tool-input-available","toolCallId":"c1","toolName":"Bash",
"input":{"command":"make \u202eclean\nls"}}'
on_out '{"type":"tool-approval-request","approvalId":"a1","toolCallId":"c1"}'
sees 'Bash .*waits for you' "the card says that it waits"
on_out '{"type":"trigger:turn-complete"}'
sees 'May Bash run\?' "the question is asked"
sees 'command: make .u[{]202e[}]clean' "what would deceive is shown"
sees 'y yes' "with its keys"
key Enter Enter

sees 'May Bash run\?' "Enter says nothing"
key Escape
sees 'a tool call waits for you' "Esc puts it off"
key Enter
sees 'May Bash run\?' "and Enter shows it again"

ask_why()
{
	key n
	await matches 'Why not'
}

ask_why
pass $? "n asks for a reason"
key 'not today' Enter
gone 'May Bash run\?' "then the question is gone"
answered()
{
	curl -sf --unix-socket "$(socket_of)" \
	    http://chatd/realtime/v1/sessions/appr/in/records |
	    grep -q 'approval-responded.*a1.*false.*not today'
}
await answered
pass $? "and the answer is in the channel"
on_out '{"type":"start","messageId":"m1"}'
on_out '{"type":"tool-output-denied","toolCallId":"c1"}'
on_out '{"type":"trigger:turn-complete"}'
sees 'Bash .*denied' "the card says what became of it"
sees '^ +not today$' "and why, at once"
on_out '{"type":"start","messageId":"m2"}'
on_out '{"type":"tool-input-available","toolCallId":"c2","toolName":"Edit",
"input":{"path":"a.c","old_string":"one\ntwo","new_string":"one\n2"}}'
on_out '{"type":"tool-output-available","toolCallId":"c2","output":"ok"}'
on_out '{"type":"trigger:turn-complete"}'
sees '^ +- two' "an edit is a diff"
sees 'Edit +a.c' "with the file's name"
key C-d
sees '^left 0' "it leaves"
finish
