#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0911-remote-tui.sh - the screen at another server: a chatd, and one that is none

. "$top_srcdir/tests/t/lib.sh"
. "$top_srcdir/tests/clients/clients.sh"
. "$top_srcdir/tests/t/tui-lib.sh"

clients_need
cp "$top_srcdir"/tests/clients/ref*.mjs "$scratch/"
ln -s "$(cd "$clients_dir" && pwd)/node_modules" "$scratch/node_modules"
key=tr_dev_refrefrefrefrefrefref0001
REF_KEY=$key node "$scratch/refserver.mjs" >"$scratch/ref.port" \
    2>"$scratch/ref.err" &
peer_pid=$!
await test -s "$scratch/ref.port"
ref=http://127.0.0.1:$(cat "$scratch/ref.port")
node "$top_srcdir/tests/clients/badnet.mjs" "$ref" >"$scratch/net.port" &
net_pid=$!
await test -s "$scratch/net.port"
net=http://127.0.0.1:$(cat "$scratch/net.port")
trap 'kill $net_pid $serve_pid 2>/dev/null; tui_cleanup' EXIT
serve_pid=

net()
{
	curl -sS -X POST "$net/net/$1" >/dev/null
}

# what people said in a session, as the server has it
users()
{
	"$CHATD" show --remote "$1" --token "$key" "$2" --json |
	    jq -c '[.messages[] | select(.role == "user") | .parts[0].text]'
}

# a server around the real chat.agent(), which knows nothing of chatd
tui 100 40 --remote "$net" --token "$key" -a ref-agent -s one
sees '^.?❯' "chatd --remote URL has a screen"
key hello Enter
sees 'You said hello; message 1\.' "a first turn at the reference server"
key again Enter
sees 'You said again; message 2\.' "a second"
key 'weather please' Enter
sees 'The tool said "rain in Bergen"' "a tool is used"
key 'remove it' Enter
answer y
sees 'a\.txt is gone' "a call is asked about, and yes runs it"
key 'slow please' Enter
sees 'word word' "a long answer begins"
esc
gone 'Esc stops' "Esc stops it"
key after Enter
sees 'You said after; message [0-9]+\.' "the next turn is its own"

# the network is away for a while
net down
sees 'reconnecting in [0-9]+ s' "the status line says when it tries again"
key 'while away' Enter
sees 'not sent yet, trying again in [0-9]+ s' "a message waits, and that is said"
net up
sees 'You said while away' "it is sent when the network is back"
gone 'reconnecting|not sent yet' "and nothing is said of it any more"
is "$(users "$net" one)" '["hello","again","weather please","remove it","slow please","after","while away"]' \
    "each message is there once"

# resumed: what the server has forgotten is remembered here
key C-d
sees '^left 0' "it leaves"
untui
tui 100 60 attach "$net/sessions/one" --token "$key"
sees 'You said while away' "attach URL shows the last turn"
sees '❯ hello' "and the first, which the server keeps no more"
key more Enter
sees 'You said more; message [0-9]+\.' "and goes on"
"$CHATD" close --remote "$ref" --token "$key" one --reason enough
key 'too late' Enter
sees 'closed' "a closed session says so"
sees 'You said more' "and can be read"
key C-d
key C-d
untui

# a chatd serve: its own screen, the same steps
server_home=$scratch/server
mkdir "$server_home"
script model <<'END'
{"type":"text-delta","text":"first answer"}
{"turn":1}
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo ran >>ran"}}
{"turn":1}
{"type":"text-delta","text":"it ran"}
{"turn":1}
{"type":"text-delta","text":"begun "}
{"wait":600000}
{"type":"text-delta","text":"never"}
{"turn":1}
{"type":"text-delta","text":"fourth answer"}
END
CHATD_HOME=$server_home "$CHATD" serve --listen 127.0.0.1:0 -m "$model" \
    >"$scratch/serve.out" 2>&1 &
serve_pid=$!
await grep -q '^listening' "$scratch/serve.out"
url=$(sed -n 's/^listening at \(http[^ ]*\) .*/\1/p' "$scratch/serve.out")
key=$(grep -m1 '^tr_' "$server_home/config/keys")

# TRIGGER_API_URL and TRIGGER_SECRET_KEY are enough
"$CHATD" run --remote "$url" --token "$key" -s two one </dev/null >/dev/null
printf '#!/bin/sh\nexport TRIGGER_API_URL=%s TRIGGER_SECRET_KEY=%s\nexec "%s" "$@"\n' \
    "$url" "$key" "$CHATD" >"$scratch/with-env"
chmod +x "$scratch/with-env"
real=$CHATD
CHATD=$scratch/with-env
tui 100 40 attach two
CHATD=$real
sees 'first answer' "TRIGGER_API_URL and TRIGGER_SECRET_KEY: attach ID"
key two Enter
answer y
sees 'it ran' "a call at chatd serve is asked about, and yes runs it"
key three Enter
sees 'begun' "an answer begins"
esc
gone 'Esc stops' "Esc stops it"
key four Enter
sees 'fourth answer' "and the next one is whole"
is "$(users "$url" two)" '["one","two","three","four"]' \
    "each message is there once"
key C-d
sees '^left 0' "it leaves"
untui

# a send that waits knows its session, whichever is shown when it ends
kill "$net_pid"
node "$top_srcdir/tests/clients/badnet.mjs" "$url" >"$scratch/net2.port" &
net_pid=$!
await test -s "$scratch/net2.port"
net=http://127.0.0.1:$(cat "$scratch/net2.port")
"$CHATD" run --remote "$url" --token "$key" -s other one </dev/null >/dev/null
"$CHATD" rename --remote "$url" --token "$key" other elsewhere
tui 100 40 attach "$net/sessions/two" --token "$key"
sees 'fourth answer' "a session, over a network"
net '502?n=1000000&only=/append'
key 'for two' Enter
sees 'not sent yet' "a message waits"
key C-x s
sees '^ [0-9] .*elsewhere' "another session is looked for"
key "$(sed -n 's/^ \([0-9]\) .*elsewhere.*/\1/p' "$screen" | head -n 1)"
gone 'fourth answer' "and opened"
sees 'first answer' "with what was said there"
"$CHATD" close --remote "$url" --token "$key" two
key mine Enter
sees '❯ mine' "a message waits there, too"
net '502'
sees 'not sent to .*closed' "the first has failed, which is said with its session"
own()
{
	[ "$(users "$url" other)" = '["one","mine"]' ]
}
await own
is "$?" 0 "the second is sent"
sees '❯ mine' "and was not taken away by the other's failure"
is "$(find "$CHATD_HOME" -name '*.db*')" "" "no store was opened here"
finish
