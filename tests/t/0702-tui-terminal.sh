#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0702-tui-terminal.sh - the terminal is given back, and may change its size

. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"
. "$top_srcdir/tests/t/tui-lib.sh"

# a crash is to be one, in a build that looks for them too
export ASAN_OPTIONS="handle_segv=0:${ASAN_OPTIONS-}"

# the pid of the screen: the child of the guard
screen_pid()
{
	guard=$(tmux_here list-panes -F '#{pane_pid}')
	guard=$(pgrep -P "$guard" | head -n 1)
	pgrep -P "$guard" | head -n 1
}

# the modes of the pane's terminal, and whether it is the second screen
modes()
{
	stty -a <"$(tmux_here list-panes -F '#{pane_tty}')" |
	    grep -Eo -- '-?(icanon|echo|isig) ' | sort | tr -d '\n'
	tmux_here display-message -p '#{alternate_on} #{cursor_flag}'
}

for how in KILL SEGV TERM HUP; do
	tui 80 24 -m demo
	sees 'Type a message' "SIG$how: the screen is there"
	is "$(modes)" "-echo -icanon -isig 1 1" "SIG$how: and raw"
	kill -"$how" "$(screen_pid)"
	sees '^left [1-9]' "SIG$how: the shell sees that it died"
	is "$(modes)" "echo icanon isig 0 1" "SIG$how: the terminal is as before"
	untui
done

# the terminal itself goes: nobody stays behind
tui 80 24 -m demo
sees 'Type a message' "a screen"
key hello Enter
sees 'data part' "that has an answer"
screen_pid >pids
tmux_here list-panes -F '#{pane_pid}' | xargs pgrep -P >>pids
printf 'exec "%s" --line -m demo\n' "$CHATD" >"$scratch/start"
tui_more
sees '^> *$' "a prompt beside it"
tmux_here list-panes -F '#{pane_pid}' >>pids
for s in "$CHATD_HOME"/run/[0-9]*.sock; do
	basename "$s" .sock >>pids
done
is "$(sort -u pids | wc -l)" 4 "screen, guard, line mode, server half"
kill -9 "$(tmux_here display-message -p '#{pid}')"
# a zombie that nobody waits for is gone, too
all_ended()
{
	! xargs -n 1 ps -o stat= -p <pids | grep -qv '^Z'
}
await all_ended
pass $? "when tmux is killed all of them end"
socket=$socket+

# Ctrl+Z and fg, in a shell that has jobs; and there and back by signals
tmux_here new-session -d -x 80 -y 24 -e "TERM=$term" -e PS1='shell> ' \
    -e "CHATD_HOME=$CHATD_HOME" -e LC_ALL=C.UTF-8 "exec sh -i"
await tmux_here has-session
sees '^(#|[$]|shell>)' "a shell with jobs"
key "'$CHATD' -m demo" Enter
sees 'Type a message' "the screen in it"
key draft C-z
gone 'Type a message' "Ctrl+Z gives the terminal back"
is "$(modes)" "echo icanon isig 0 1" "with its modes"
key fg Enter
sees 'Type a message' "fg comes back"
sees '^❯ draft' "with what was typed"
is "$(modes)" "-echo -icanon -isig 1 1" "and raw again"
key C-u C-d
sees '^(#|[$]|shell>) *$' "it leaves"
untui

script stream <<'END'
{"repeat":400,"type":"text-delta","text":"word{n} 名前 e\\u0301 "}
{"wait":3000}
{"type":"text-delta","text":"\n\nthe end"}
END
sed 's/\\\\u/\\u/g' "$scratch/stream" >"$scratch/stream2"
tui 80 24 -m "script:$scratch/stream2" go
sees 'word399' "a long answer comes"
for cols in 200 20 33 61 150 47 80; do
	tmux_here resize-window -x "$cols" -y $((10 + cols % 20))
done
sees 'the end' "and goes on while the size changes"
tmux_here resize-window -x 80 -y 24
sees '^  the end' "the end is right at the last size"
key C-d
sees '^left 0' "it leaves"
untui

# it is their turn: title and bell, if nobody looks
script question <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo one"}}
{"turn":2}
{"type":"text-delta","text":"all done"}
END
title()
{
	tmux_here display-message -p -t :0 '#{pane_title}' >"$screen"
	grep -q "^$1" "$screen"
}
rang()
{
	[ "$(tmux_here display-message -p -t :0 '#{window_bell_flag}')" = 1 ]
}
tui 80 24 -m "$model" --sandbox off
sees 'Type a message' "a screen"
await title 'chatd$'
pass $? "has a title"
key -H 1b 5b 4f
tmux_here new-window cat
tmux_here send-keys -t :0 go Enter
await title '\[?\] chatd'
pass $? "a question is in the title"
await rang
pass $? "and rings while nobody looks"
tmux_here select-window -t :0
key -H 1b 5b 49
sees 'May Bash run' "it is there"
key Escape
sees 'a tool call waits for you' "put off"
key Enter
sees 'May Bash run' "and asked for"
key y
sees 'all done' "it is answered"
await title chatd
pass $? "and the title is as before"
key C-d
sees '^left 0' "it leaves"
untui

for term in vt100 screen linux; do
	tui 40 10 -m demo
	sees 'Type a message' "$term, 40x10: the screen is there"
	key hi Enter
	sees 'a data part' "$term: an answer comes"
	key C-d
	sees '^left 0' "$term: it leaves"
	is "$(modes)" "echo icanon isig 0 1" "$term: the terminal is as before"
	untui
done
# one prompt on a terminal: how long, and about how much
script count <<'END'
{"type":"reasoning-delta","text":"forty characters of thought, ten tokens."}
{"wait":600000}
END
tui 80 24 run -s count -m "$model" hi '2>/dev/tty'
sees 'thinking [0-9]+s · ~10 tokens' "run tells seconds and tokens"
chatd stop count
sees '^left 130' "until it has ended"
is "$(grep -c "~10" "$screen")" 0 "and leaves nothing of it"
untui
script piped <<'END'
{"type":"text-delta","text":"what a pipe brings\n"}
{"wait":600000}
END
tui 80 24 run -s piped -m "$model" hi '2>/dev/tty | cat'
sees '^what a pipe brings' "who reads a pipe and writes here finds a clean line"
chatd stop piped
sees '^left 0' "to the end"
untui

# the terminal's answer about its background, light or dark
coloured()	# FILE: the colours that are there
{
	tmux_here capture-pane -p -e | grep -o '38;2;[0-9;]*' |
	    sort -u >"$scratch/$1"
}
recoloured()	# FROM TO
{
	coloured "$2" && ! cmp -s "$scratch/$1" "$scratch/$2"
}
as_before()
{
	coloured again && cmp -s "$scratch/dark" "$scratch/again"
}
unset NO_COLOR
COLORTERM=truecolor
export COLORTERM
tui 100 30 -m demo
sees 'Type a message' "a screen"
key hello Enter
sees 'a data part' "with an answer"
sees '^ [0-9]+ tokens' "which is over"
coloured dark
like "$scratch/dark" '38;2' "it has colours"
key -H 1b 5d 31 31 3b 72 67 62 3a 66 66 2f 66 66 2f 66 66 1b 5c
await recoloured dark light
pass $? "on a light background it has other colours"
sees '^❯ *$' "and nothing of the answer is typed"
key -H 1b 5d 31 31 3b 72 67 62 3a 30 30 2f 30 30 2f 30 30 07
await as_before
pass $? "on a dark one those that it had"
key C-d
sees '^left 0' "it leaves"
untui

# all that is ever written while a session with messages is opened
command -v script >/dev/null || missing "script is not there"
chatd run -m demo -s full hello </dev/null >/dev/null 2>&1
mkfifo "$scratch/keys"
TERM=xterm command script -qfec "'$CHATD' -r full" "$scratch/shown" \
    <"$scratch/keys" >/dev/null 2>&1 &
terminal=$!
exec 9>"$scratch/keys"
await grep -q 'a data part' "$scratch/shown"
pass $? "a session with messages is opened"
unlike "$scratch/shown" 'Type a message' "and no welcome flashes before it"
like "$scratch/shown" '\]11;[?]' "the terminal is asked for its background"
printf '\004' >&9
exec 9>&-
wait "$terminal"
pass $? "it leaves"
finish
