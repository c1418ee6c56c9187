#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0703-tui-people.sh - several screens on one session, here and over TCP

. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"
. "$top_srcdir/tests/t/tui-lib.sh"
. "$top_srcdir/tests/t/serve-lib.sh"

script slow <<'END'
{"type":"text-delta","text":"first words"}
{"wait":600000}
{"type":"text-delta","text":"never said"}
{"turn":2}
{"type":"text-delta","text":"second answer"}
{"turn":3}
{"type":"text-delta","text":"third answer"}
{"wait":600000}
{"turn":4}
{"type":"text-delta","text":"fourth answer"}
{"wait":600000}
END

at()
{
	tmux_here select-window -t ":$1"
}

# the process of the screen in the window: the child of its guard
screen_of()
{
	guard=$(tmux_here display-message -p -t ":$1" '#{pane_pid}')
	guard=$(pgrep -P "$guard" | head -n 1)
	pgrep -P "$guard" | head -n 1
}

tui 80 24 -m "$model" -s shared hello
sees 'first words' "one begins a turn"
gone 'with .* pts' "and is alone"
printf 'exec 2>"%s/stderr"\n"%s" %s\necho "left $?"\nexec cat\n' \
    "$scratch" "$CHATD" "-r shared" >"$scratch/start"
tui_more
sees 'first words' "another looks on"
sees 'read-only while .* has a turn; Ctrl.X t takes over' "and is told so"
sees 'with .*pts/' "and who is here"
key 'me too' Enter
sees 'pts/.* has a turn here: Ctrl.X t takes over' "nothing is sent"
sees '^❯ me too$' "and what was typed is kept"
esc
at 0
sees 'with .*pts/' "the first one sees company"
sees 'Esc stops' "and its turn goes on"
gone 'me too' "and nothing else has come"
at 1
key C-x t
sees 'taken over from .*pts/' "the other one takes over"
at 0
sees 'pts/.* has taken over' "the first one is told"
key x C-c
sees 'read-only while' "and looks on now"
at 1
esc
gone 'Esc stops' "who took over may stop it"
key Enter
sees 'second answer' "and say something"
at 0
sees '^❯ me too$' "which all see"
sees 'second answer' "with its answer"
gone 'read-only' "when no turn runs, all may send"
key 'and now I' Enter
sees 'third answer' "the first one does"
at 1
sees 'read-only while' "and the other looks on"

# a crashed holder is forgotten at once, its turn goes on
kill -KILL "$(screen_of 0)"
gone 'read-only' "who is killed holds nothing"
gone 'with .*pts/' "and is not here any more"
sees 'Esc stops' "its turn goes on"
esc
gone 'Esc stops' "and may be stopped"

# one that hangs is forgotten when its claim is not renewed
key 'one more' Enter
sees 'fourth answer' "a last turn"
tui_more
sees 'read-only while' "which another looks at"
hung=$(screen_of 1)
kill -STOP "$hung"
gone 'read-only' "who hangs is forgotten"
sees 'with .*pts/' "but still there"
kill -CONT "$hung"
key C-d
sees '^left 0' "it leaves"
at 1
gone 'with .*pts/' "which is seen"
esc
gone 'Esc stops' "the turn is stopped"
key C-d
sees '^left 0' "the last one leaves"
untui

# the same at another server
script far <<'END'
{"type":"text-delta","text":"far words"}
{"wait":600000}
END
serve
tui 80 24 --remote "$url" --token "$key" -s far hello
sees 'far words' "--remote: one begins a turn"
printf 'exec 2>"%s/stderr"\n"%s" %s\necho "left $?"\nexec cat\n' \
    "$scratch" "$CHATD" "attach $url/sessions/far --token $key" \
    >"$scratch/start"
tui_more
sees 'far words' "--remote: another looks on"
sees 'read-only while .* has a turn' "and is told so"
key C-x t
sees 'taken over from .*pts/' "and takes over"
at 0
sees 'pts/.* has taken over' "the first one is told"
key x C-u
sees 'with .*pts/' "and sees who is here"
at 1
esc
gone 'Esc stops' "the turn is stopped"
untui
finish
