#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0704-tui-composer.sh - files, commands, pastes, the editor, the history

. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"
. "$top_srcdir/tests/t/tui-lib.sh"

mkdir -p src/ui out
printf 'out/\n' >.gitignore
: >src/ui/screen_keys.c
: >out/screen_keys.o
printf '#!/bin/sh\nprintf "from the editor" >"$1"\n' >editor
chmod +x editor
EDITOR=$PWD/editor

# the model says what it was told, so that what is context is seen
tui 100 30 -m demo
sees 'Type a message' "the screen is there"
key 'see @sckey'
sees '^  src/ui/screen_keys.c' "@ finds a file by its letters"
gone 'out/screen_keys' "but not what .gitignore names"
key Tab
sees '^❯ see @src/ui/screen_keys.c' "Tab puts it in"
key C-c
gone '^❯ see' "Ctrl+C clears the line"

key '!echo o''ne; echo two >&2; exit 3' Enter
sees '^    one$' "! runs a command: its output is shown"
sees '^    two$' "and its errors"
sees '^    .exit status 3' "and how it ended"
key hello Enter
sees 'You said: "hello"' "an answer comes after it"
chatd show "$(chatd ls --json | jq -r '.[0].id')" --json >shown
jq -e '[.messages[] | .. | strings | select(contains("$ echo one"))] |
    length > 0' shown >/dev/null
pass $? "what it wrote is kept with the session"
key '!sleep 1000' Enter
sees 'running sleep 1000' "a command that takes long is told of"
key Escape
sees 'killed by signal 15' "and Esc ends it"
key '!' Enter
sees '!COMMAND runs a command' "! alone says what it is for"
key C-c

lines=$(seq 1 20)
tmux_here set-buffer "$lines"
tmux_here paste-buffer -p
sees '^❯ .pasted 20 lines.' "a long paste is folded"
key Enter
sees '^  20$' "and sent whole"
key C-x C-e
sees '^❯ from the editor' "Ctrl+X Ctrl+E takes what the editor wrote"
key C-c
gone '^❯ from the editor' "Ctrl+C clears it"
key C-r hel
sees 'reverse-i-search.*hello' "Ctrl+R searches the history"
key C-c
key '/usr/bin is full' Enter
sees 'You said: "/usr/bin is full"' "what begins with a path is no command"
key '/nothing' Enter
sees 'there is no command /nothing' "an unknown command is none"
key /cop
sees '^  /copy ' "commands are offered while one is typed"
key Escape
gone '^  /copy ' "Esc closes that"
sees '^❯ /cop' "and leaves the line"
key y Enter
sees 'tmux has it' "/copy says who has it"
tmux_here show-buffer >copied
like copied '^This is the demo model' "and it has"
key '/theme none' Enter
gone '/theme' "/theme none is taken"
no_colour()
{
	tmux_here capture-pane -p -e >"$screen"
	! grep -Eq "$(printf '\033')\\[[0-9;]*3[0-8]" "$screen"
}
await no_colour
pass $? "and there is no colour"
key /exit Enter
sees '^left 0' "it leaves"
finish
