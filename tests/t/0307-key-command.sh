#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0307-key-command.sh - keys that a command tells (chatd.conf(5), key_command)

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

command -v node >/dev/null 2>&1 || missing "node is not installed"

echo sekret-1 >"$scratch/right"
node "$top_srcdir/tests/peers/keys.mjs" "$scratch/right" >"$scratch/port" &
peer_pid=$!
await test -s "$scratch/port" || missing "keys.mjs does not start"
port=$(cat "$scratch/port")
mkdir -p "$CHATD_HOME/config"
cat >tell <<'END'
#!/bin/sh
echo run >>"$RUNS"
[ "$1" != "it's \$HOME" ] || shift
cat "$1"
END
chmod +x tell
RUNS=$scratch/runs
export RUNS

# uses WORDS: the configuration, with this command
uses()
{
	cat >"$CHATD_HOME/config/config.yaml" <<END
retry: {tries: 1}
providers:
  locked:
    api: openai-chat
    base_url: http://127.0.0.1:$port/v1
    key_command: $1
END
	: >"$RUNS"
}
# saw KEYS SENTENCE: these came, as a JSON list
saw()
{
	curl -sS --noproxy '*' "http://127.0.0.1:$port/seen" >"$scratch/seen"
	is "$(cat "$scratch/seen")" "$1" "$2"
}
runs()
{
	wc -l <"$RUNS" | tr -d ' '
}

uses "[$PWD/tell, \"it's \$HOME\", $scratch/right]"
run chatd run -m locked:m --log "$scratch/log" --debug all hi </dev/null
is "$status $(cat "$out")" "0 fine" "a command tells the key"
saw '["sekret-1"]' "and it is sent, without the blanks around it"
[ -s "$scratch/log" ] && ! grep -q sekret "$scratch/log"
pass $? "no log knows it"
! grep -rqa sekret "$CHATD_HOME"
pass $? "nothing below the home does"

for id in u1 u2; do
	printf '{"kind":"message","payload":{"trigger":"submit-message",'
	printf '"message":{"id":"%s","role":"user",' $id
	printf '"parts":[{"type":"text","text":"hi"}]}}}\n'
done >in
uses "$PWD/tell $scratch/right"
run chatd run -m locked:m --input-format stream-json <in
same "$out" 'fine\nfine\n' "two turns, and the command as words"
is "$(runs)" 1 "the command was run once"

# an old key is refused: the command is asked again, once
cat >tell-changing <<'END'
#!/bin/sh
echo run >>"$RUNS"
[ "$(wc -l <"$RUNS")" -eq 1 ] && echo sekret-1 || echo sekret-2
END
chmod +x tell-changing
uses "$PWD/tell-changing"
saw '["sekret-1","sekret-1"]' "each turn was sent with it"
head -n 1 in >first
tail -n 1 in >second
mkfifo pipe
chatd run -m locked:m --input-format stream-json <pipe >"$scratch/two" \
    2>"$err" &
asker=$!
exec 9>pipe
cat first >&9
await grep -q fine "$scratch/two"
echo sekret-2 >"$scratch/right"
cat second >&9
exec 9>&-
wait $asker
same "$scratch/two" 'fine\nfine\n' "a key that has become old is asked for anew"
saw '["sekret-1","sekret-1","sekret-2"]' "when it is refused"
is "$(runs)" 2 "once"

uses "[/bin/echo, wrong-key-9]"
run chatd run -m locked:m hi </dev/null
is "$status" 77 "a key that is refused: 77"
like "$err" 'no such key: \[key\]' "which is not shown"
saw '["wrong-key-9"]' "and not sent twice"

uses "[$PWD/tell, $scratch/none]"
run chatd run -m locked:m hi </dev/null
is "$status" 77 "a command that fails: 77"
like "$err" 'locked: its key_command failed: exit status 1: .*none: No such' \
    "with what it said"
uses "$scratch/nowhere"
run chatd run -m locked:m hi </dev/null
is "$status" 77 "a command that is not there: 77"
like "$err" "cannot be started: $scratch/nowhere: No such file" "and its name"
uses "\"true\""
run chatd run -m locked:m hi </dev/null
is "$status" 77 "no key: 77"
uses "[printf, 'two\\nlines']"
run chatd run -m locked:m hi </dev/null
is "$status" 77 "two lines are no key: 77"
saw '[]' "nothing was sent"

echo sekret-1 >"$scratch/right"
uses "[$PWD/tell, $scratch/right]"
run chatd models locked
like "$out" small "its list of models needs it, too"
run chatd config check
is "$status" 0 "the configuration is well-formed"

run env -u GEMINI_API_KEY -u GOOGLE_GENERATIVE_AI_API_KEY \
    GOOGLE_API_KEY=k "$CHATD" doctor </dev/null
like "$out" '^key +a command tells it \(locked\)' "doctor knows of it"
like "$out" '^key +GOOGLE_API_KEY is set \(google\)' \
    "and of the variable that is set, by whatever name"

# who waits for the command can stop
uses "[sleep, '1000']"
run chatd run -m locked:m --timeout 1 hi </dev/null
is "$status" 124 "a command that hangs does not hold a stop"
finish
