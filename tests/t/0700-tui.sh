#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0700-tui.sh - the screen: typing, answers, scrolling, help, leaving

. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"
. "$top_srcdir/tests/t/tui-lib.sh"
command -v jq >/dev/null || missing "jq is not there"

tui 80 24 -m demo
sees 'Type a message' "the first frame says what to do"
sees 'F1 help' "and where help is"
key 'hello there' Enter
sees '^❯ hello there' "what is sent is shown"
sees 'You said: "hello there"' "the answer comes"
sees '[0-9]+ tokens' "the status line counts tokens"
sees 'data part' "the end of a long answer is followed"
key PPage
sees 'more below, End' "PgUp scrolls and says that there is more"
key NPage
gone 'more below' "PgDn comes back"
key PPage
sees 'more below, End' "once more"
key '/made up'
sees 'search: Enter' "/ searches while scrolled"
key Enter
sees 'tool call.*made up' "and goes to what it finds"
key Escape
gone 'n up, N down' "Esc ends it"
key End
gone 'more below' "End goes to the end"
key F1
sees 'readline.s|Ctrl.R +search the history' "F1 is help"
key Escape
gone 'Ctrl.R +search the history' "Esc closes it"
key PPage
sees '^❯ hello there' "and PgUp is a whole page again"
key End
gone 'more below' "back at the end"
key '?'
sees 'Ctrl.R +search the history' "? with nothing typed is help as well"
key x
gone 'Ctrl.R +search the history' "who writes on did not ask"
sees '^❯ [?]x' "and has lost nothing"
key C-c
gone '^❯ [?]x' "Ctrl+C clears it"
key '?'
sees 'Ctrl.R +search the history' "? once more"
key Escape
gone '^❯ [?]' "Esc closes it and takes the ? along"
key /re
sees '/rename' "commands are offered while one is typed"
key name ' my title' Enter
sees 'my title ──' "/rename shows the new title"
key PPage
key C-t
sees '▾ thought' "Ctrl+T unfolds reasoning"
key C-x s
sees '^ 1 .*my title' "Ctrl+X s lists the sessions"
key Escape
gone '^ 1 .*my title' "Esc closes the list"
key C-x s
sees '^ 1 .*my title' "once more"
key r
sees '^❯ /rename my title' "r renames the chosen one"
key C-c
gone '^❯ /rename' "or not"
key C-x s
sees '^ 1 .*my title' "once more"
key f
sees 'now in the copy session_' "f goes on in a copy"
key C-x s
sees '^ 2 .*my title' "there are two now"
key 2
gone '^ 2 .*my title' "a number opens one"
key C-x s
sees '^ 1 .*my title' "once more"
key /
sees '^❯ /search' "/ searches in all"
key 'made' Enter
sees 'Found: made' "and shows what it finds"
key Escape
gone 'Found: made' "Esc closes that"
key Up
sees '^❯ /search made' "Up is the history"
key C-c
gone '^❯ /search' "Ctrl+C clears the line"
key one M-Enter two C-j three
sees '^  three' "Alt+Enter and Ctrl+J are new lines"
key C-c C-c
sees 'Ctrl.C again leaves' "Ctrl+C on nothing asks"
key C-c
sees '^left 0' "and leaves, status 0"
gone 'my title' "the terminal is as it was"
untui

tui 80 24 -c
sees 'as models name them' "-c shows the session"
sees 'my title' "with its title"
key Escape
sees 'Esc again' "Esc on nothing says what another does"
key Escape
sees '^❯ /edit ' "the last message is there to be edited"
key Escape
gone '^❯ /edit ' "and Esc leaves it"
key /
sees '^  /copy ' "the commands are offered"
key C-x s
gone '^  /copy ' "not over the list of sessions"
sees '^ 1 .*my title' "which is whole"
key Escape
gone 'Enter opens' "that is closed"
key C-c
gone '^❯ /' "and the line cleared"
key C-d
sees '^left 0' "Ctrl+D leaves"
untui

id=$(chatd ls --json | jq -r ".[0].id")
chatd export "$id" | jq -c '.messages[-1].metadata +=
    {contextTokens: 50000, contextWindow: 200000}' >full.json
chatd import full.json >imported
tui 80 24 -c
sees '25% of context' "the status line says how full the context is"
key C-d
sees '^left 0' "and leaves again"
untui

# 9.3: an answer that is stopped is kept
script slow <<'END'
{"type":"text-delta","text":"first words"}
{"wait":600000}
{"type":"text-delta","text":"never said"}
END
tui 80 24 -m "$model" go
sees 'first words' "words of the command line are the first message"
sees 'Esc stops' "the status says how to stop"
key next Enter
sees 'next +waiting' "a message sent meanwhile waits and is seen"
key Escape
sees '^❯ next *$' "Esc stops the turn; the next is taken up"
sees 'first words' "what came is kept"
key C-c C-c C-c
sees '^left 0' "Ctrl+C twice leaves while a turn runs"
untui

for size in '40 10' '20 5' '200 50'; do
	# shellcheck disable=SC2086
	tui $size -m demo
	sees '❯' "$size: there is a composer"
	key 'hi' Enter
	sees 'as name|as…|data part' "$size: an answer is shown"
	key C-d
	sees '^left 0' "$size: it leaves"
	untui
done

term=vt100
NO_COLOR=1
export NO_COLOR
tui 80 24 -m demo
key hello Enter
sees 'data part' "TERM=vt100 and NO_COLOR: an answer is shown"
tmux_here capture-pane -p -e >"$screen"
unlike "$screen" "$(printf '\033')\\[[0-9;]*3[0-7]" "without colour"
key C-d
sees '^left 0' "and it leaves"
finish
