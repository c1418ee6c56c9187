#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0708-tui-drafts.sh - what was typed and not sent is there again

. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"
. "$top_srcdir/tests/t/tui-lib.sh"

drafts=$CHATD_HOME/state/drafts

kept()
{
	cat "$drafts"/* 2>/dev/null | grep -qF -- "$1"
}

none_kept()
{
	[ -z "$(ls "$drafts" 2>/dev/null)" ]
}

# the screen itself is the guard's child
kill_screen()
{
	guard=$(tmux_here list-panes -F '#{pane_pid}')
	guard=$(pgrep -P "$guard" | head -n 1)
	kill -KILL "$(pgrep -P "$guard" | head -n 1)"
	await matches '^left'
}

tui 100 30 -m demo
sees 'Type a message' "the screen is there"
key 'half a thou''ght'
await kept 'half a thought'
pass $? "what is typed is kept soon after the last key"
kill_screen
untui
tui 100 30 -m demo
sees '^❯ half a thought' "killed -9: the next start in this folder has it"
key Enter
sees 'You said: "half a thought"' "and can send it"
await none_kept
pass $? "then nothing is kept any more"

key 'for one'
sees '^❯ for one' "words for this session"
key C-c
sees '^❯ *$' "Ctrl+C clears the line"
key Up
sees '^❯ for one' "and Up brings it back"
key C-x s
sees '^ 1 +half a thought' "the list of sessions"
key n
gone '^❯ for one' "what is typed stays with its session"
key 'for the next'
sees '^❯ for the next' "another has words of its own"
key C-x s
sees '^ 1 +half a thought' "the list again"
key Enter
sees '^❯ for one' "and they are there when one comes back"
key C-x s
sees '^ 1 +half a thought' "the list once more"
key /
sees '^❯ /search' "a command takes their place"
key C-c
sees '^❯ for one' "until the composer is free"
key C-c
key /new Enter
sees '^❯ for the next' "here, too"
key C-c
await none_kept
pass $? "what is cleared is not kept"
key C-d
sees '^left 0' "it leaves"
untui

# it goes with its session, and --ephemeral keeps nothing
tui 100 30 -c
sees 'You said' "the session again"
key 'about to go'
await kept 'about to go'
pass $? "has words"
kill_screen
untui
chatd rm -y "$(chatd ls --json | jq -r '.[0].id')"
pass $? "it is removed"
none_kept
pass $? "and what was typed for it, too"
tui 100 30 -m demo --ephemeral
sees 'Type a message' "a screen that keeps nothing"
key hello Enter
sees 'You said: "hello"' "has a turn"
key 'not kept'
sees '^❯ not kept' "and words"
kill_screen
none_kept
pass $? "which are in no file"
untui

# a server, over a net that is away for a while
server_home=$scratch/server
mkdir "$server_home"
CHATD_HOME=$server_home "$CHATD" serve --listen 127.0.0.1:0 -m demo \
    >"$scratch/serve.out" 2>&1 &
serve_pid=$!
await grep -q '^listening' "$scratch/serve.out"
url=$(sed -n 's/^listening at \(http[^ ]*\) .*/\1/p' "$scratch/serve.out")
token=$(grep -m1 '^tr_' "$server_home/config/keys")
node "$top_srcdir/tests/clients/badnet.mjs" "$url" >"$scratch/net.port" &
net_pid=$!
trap 'kill $net_pid $serve_pid 2>/dev/null; tui_cleanup' EXIT
await test -s "$scratch/net.port"
net=http://127.0.0.1:$(cat "$scratch/net.port")

net()
{
	curl -sS -X POST "$net/net/$1" >"$scratch/net.log"
}

# what people said, as the server has it
users()
{
	"$CHATD" show --remote "$url" --token "$token" far --json |
	    jq -c '[.messages[] | select(.role == "user") | .parts[0].text]'
}

tui 100 40 --remote "$net" --token "$token" -s far
sees '^.?❯' "a screen at a server"
key first Enter
sees 'You said: "first"' "has a turn"
net down
sees 'reconnecting in [0-9]+ s' "the net is away"
key 'while away' Enter
sees 'not sent yet' "what is said has to wait"
key 'and more'
await kept 'and more'
key C-c
key C-d
sees '^left 0' "who leaves meanwhile"
like "$scratch/stderr" 'not sent, but kept' "is told that it was not sent"
like "$scratch/stderr" '^while away' "with the words"
is "$(users)" '["first"]' "which the server does not have"
untui
net up
tui 100 40 --remote "$net" --token "$token" -s far
sees '^❯ while away' "they are in the composer the next time"
sees 'not sent when you left' "and that is said"
key Enter
sees 'You said: "while away"' "Enter sends them"
is "$(users)" '["first","while away"]' "they are there once"

# only the server's answer was lost
net 'lose?n=1000000'
key arrived Enter
arrived()
{
	[ "$(users)" = '["first","while away","arrived"]' ]
}
await arrived
pass $? "a message arrives, but nobody hears of it"
await kept arrived
pass $? "so it is kept"
kill_screen
untui
net lose
tui 100 40 --remote "$net" --token "$token" -s far
sees 'You said: "arrived"' "the screen is killed; the next one knows better"
sees '^❯ *$' "and does not bring it back"
key C-d
sees '^left 0' "it leaves"
is "$(users)" '["first","while away","arrived"]' "it is there once"
finish
