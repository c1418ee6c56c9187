#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# screens.sh - takes the pictures of the screen that the manual shows
#
#	share/screens.sh DIRECTORY [CHATD]
#
# Writes chat.txt, approval.txt, inbox.txt, diff.txt and help.txt, each what a
# terminal of 100 by 30 shows. Needs tmux. A script is the model, so nothing
# is asked of anybody; all it makes is below a scratch folder.

set -u
[ $# -ge 1 ] || { echo "usage: $0 DIRECTORY [CHATD]" >&2; exit 2; }
mkdir -p "$1" || exit 1
to=$(cd "$1" && pwd) || exit 1
chatd=${2:-$(cd "$(dirname "$0")/.." && pwd)/src/chatd}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/chatd-screens.XXXXXX") || exit 1
work=$scratch/harbour
CHATD_HOME=$scratch/home
CHATD_NO_DISCOVERY=1
CHATD_DEMO_DELAY_MS=0
export CHATD_HOME CHATD_NO_DISCOVERY CHATD_DEMO_DELAY_MS
mkdir "$CHATD_HOME" "$work"
cd "$work" || exit 1

on_tmux()
{
	tmux -S "$scratch/tmux" -f /dev/null "$@"
}

over()
{
	on_tmux kill-server 2>/dev/null
	for s in "$CHATD_HOME"/run/[0-9]*.sock; do
		pid=${s##*/}
		pid=${pid%.sock}
		kill "$pid" 2>/dev/null || continue
		tries=0
		while kill -0 "$pid" 2>/dev/null && [ $tries -lt 200 ]; do
			tries=$((tries + 1))
			sleep 0.05
		done
	done
	cd / && rm -rf "$scratch"
}
trap over EXIT

cat >tide.c <<'END'
#include <stdio.h>

static const double feet[] = { 3.1, 9.8, 2.7, 10.2 };

int
main(void)
{
	for (int i = 0; i < 4; i++)
		printf("%.1f ft\n", feet[i]);
	return 0;
}
END

cat >tides <<'END'
{"type":"reasoning-delta","text":"Look at how the table is printed first."}
{"type":"tool-call","id":"r1","name":"Read","input":{"file_path":"tide.c"}}
{"turn":2}
{"type":"tool-call","id":"e1","name":"Edit","input":{"file_path":"tide.c","old_string":"\t\tprintf(\"%.1f ft\\n\", feet[i]);","new_string":"\t\tprintf(\"%4.1f ft  %.2f m\\n\", feet[i],\n\t\t    feet[i] * 0.3048);"}}
{"turn":3}
{"type":"text-delta","text":"`tide.c` prints **metres** beside feet now, in columns."}
{"turn":4}
{"type":"reasoning-delta","text":"A table says it best; then the line that does it."}
{"type":"text-delta","text":"## High and low water\n\n| when | feet | metres |\n|---|--:|--:|\n| 03:40 | 3.1 | 0.94 |\n| 09:55 | 9.8 | 2.99 |\n| 16:05 | 2.7 | 0.82 |\n\nA foot is *exactly* 0.3048 m, so this is all there is to it:\n\n```c\nstatic double\nmetres(double feet)\n{\n\treturn feet * 0.3048;\t/* by definition */\n}\n```\n\n- Call it where the table is printed.\n- See [the definition](https://www.nist.gov/pml/us-surveyfoot)."}
{"turn":5}
{"type":"text-delta","text":"I will build it and look at what it prints."}
{"type":"tool-call","id":"b1","name":"Bash","input":{"command":"make tide && ./tide | tee tides.txt"}}
END

# sees PATTERN: until the screen shows it
sees()
{
	tries=0
	until on_tmux capture-pane -p | grep -Eq -- "$1"; do
		tries=$((tries + 1))
		[ $tries -lt 1200 ] || {
			echo "screens.sh: the screen never showed: $1" >&2
			on_tmux capture-pane -p >&2
			exit 1
		}
		sleep 0.05
	done
}

take()
{
	on_tmux capture-pane -p |
	    sed -e "s|$scratch|/home/you|" -e 's/ *$//' >"$to/$1.txt"
}

key()
{
	on_tmux send-keys "$@"
}

other()
{
	"$chatd" run -m demo "$1" >/dev/null 2>&1
}

other "why does the crane stop at noon?"
other "translate the harbour rules"
other "draft the letter to the pilots"
term=tmux-256color
infocmp "$term" >/dev/null 2>&1 || term=screen
on_tmux new-session -d -x 100 -y 30 -e "TERM=$term" -e LC_ALL=C.UTF-8 \
    "'$chatd' -m script:tides --permission-mode accept-edits"
sees 'Type a message'
key 'print the tides in metres, too' Enter
sees 'metres beside feet now'
take diff
key 'show me the table, and the formula' Enter
sees 'See the definition'
take chat
key 'build it, please' Enter
sees 'May Bash run'
take approval
key Escape
sees 'a tool call waits'
key F1
sees 'search the history'
take help
key Escape
sees 'a tool call waits'
key C-x s
sees 'letter to the pilots'
take inbox
