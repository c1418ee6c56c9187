#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0831-line-screen.sh - line mode at a terminal: sizes, commands, company

. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"
. "$top_srcdir/tests/t/tui-lib.sh"

script talk <<'END'
{"type":"text-delta","text":"an answer"}
{"turn":2}
{"type":"text-delta","text":"begun"}
{"wait":600000}
END
printf '#!/bin/sh\necho "from the editor" >"$1"\n' >"$scratch/editor"
chmod +x "$scratch/editor"
EDITOR=$scratch/editor
export EDITOR
# notes are on stderr, which is the terminal here
tui 60 20 --line -m "$model" -s lines "2>&1"
sees '^> *$' "there is a prompt"
key hi Enter
sees '^an answer' "an answer comes"
for cols in 40 70 20 60; do
	tmux_here resize-window -x "$cols" -y 20
done
key draft
sees '^> draft$' "after other sizes the line is there, once"
sees '^> hi$' "and what was said before it"
key C-u 'this is more than one row can hold, and so it goes on in others'
sees '^thers' "a line of two rows"
for cols in 40 90 45 60; do
	tmux_here resize-window -x "$cols" -y 20
	sees '^> this is more' "$cols: it is there"
done
once()
{
	look && [ "$(grep -c '^> this is more' "$screen")" = 1 ]
}
await once
pass $? "and once only"
like "$screen" '^an answer' "and nothing else was taken away"
key C-u /permissions Enter
sees '^[*] default +asks' "/permissions shows the mode"
key '/permissions pl' Tab
sees '^> /permissions plan' "its words are completed"
key Enter
sees 'plan, from the next message on' "and sets it"
key /cost Enter
sees 'nothing is known of what it has used|tokens in' "/cost"
key '/search answer' Enter
sees '^    an answer' "/search"
key /tools Enter
sees '^Bash ' "/tools"
key /undo Enter
sees 'taken back: /redo' "/undo"
key C-l /editor Enter
sees '^> from the editor' "/editor fills the line"
key C-u
printf 'exec 2>"%s/stderr"\n"%s" %s\necho "left $?"\nexec cat\n' \
    "$scratch" "$CHATD" "--line -r lines 2>&1" >"$scratch/start"
key /redo Enter
sees '^an answer' "/redo says it again"
key more Enter
sees '^begun' "a turn runs"
tui_more
sees 'has a turn here: nothing is sent' "another person is told"
key 'me too' Enter
sees 'has a turn here: /take takes over' "nothing is sent"
key C-u /status Enter
sees 'also here +[^ ]+ pts/' "/status tells who is here"
key /take Enter
sees 'taken over from .*pts/' "/take takes over"
tmux_here select-window -t :0
sees '^[^ ]+ pts/.* has a turn here' "the first one is told, on a line of its own"
tmux_here select-window -t :1
key /quit Enter
sees '^left 0' "it leaves"
finish
