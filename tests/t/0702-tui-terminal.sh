#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0702-tui-terminal.sh - the terminal is given back, and may change its size

. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"
. "$top_srcdir/tests/t/tui-lib.sh"

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
finish
