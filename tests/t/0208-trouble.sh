#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0208-trouble.sh - no room on the disk, a session removed under a reader

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
command -v jq >/dev/null || missing "jq is not there"

script short <<'END'
{"type":"text-delta","text":"ok"}
END
short=$model
run chatd run -s full -m "$short" hi </dev/null
is "$status" 0 "there is a session"

# the largest file that is allowed stands for a disk that is full
run sh -c 'ulimit -f 1; exec "$0" run -s full "$1" </dev/null' "$CHATD" hi
is "$status" 74 "a disk that takes nothing is 74"
is "$(grep -c '^chatd: .*chatd\.db: ' "$err")" 1 "and is said in one line"
script long <<'END'
{"repeat":4000,"type":"text-delta","text":"0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 {n}\n"}
END
run sh -c 'ulimit -f 600; exec timeout 180 "$0" run -s full -m "$1" hi \
    </dev/null' "$CHATD" "$model"
is "$status" 74 "a disk that fills up in mid-answer is 74"
is "$(grep -c '^chatd: .*chatd\.db: ' "$err")" 1 "and is said in one line"
run chatd run -s full -m "$short" more </dev/null
is "$status" 0 "with room again the session goes on"
run chatd show --json full
json "$out" '[.messages[] | select(.role == "user")] | length >= 3' \
    "and what was said is there"

script slow <<'END'
{"type":"text-delta","text":"begun"}
{"wait":60000}
END
status=0
: >"$out"
timeout 180 "$CHATD" run -s going -m "$model" hi </dev/null >"$out" 2>"$err" &
pid=$!
await grep -q begun "$out"
chatd rm -y going
pass $? "a session whose turn runs elsewhere is removed"
wait "$pid" || status=$?
is "$status" 66 "and who runs it is told"
like "$err" '^chatd: session going was removed$' "in these words"

deep=$scratch/$(printf '%100s' x | tr ' ' y)
mkdir "$deep"
CHATD_HOME=$deep run chatd ls
is "$status" 78 "a CHATD_HOME too long for a socket is 78"
like "$err" '^hint: .*CHATD_HOME' "and a hint tells what to change"

# what starts no turn is not waited for
message='{"kind":"message","payload":{"trigger":"submit-message","message":
    {"id":"m","role":"user","parts":[{"type":"text","text":"hi"}]}}}'
message=$(echo "$message" | tr -d '\n')
for record in '{"kind":"stop"}' \
    '{"kind":"message","payload":{"trigger":"preload"}}' \
    '{"kind":"message","payload":{"trigger":"close"}}' \
    '{"kind":"message","payload":{"trigger":"frob"}}'; do
	echo "$record" >lines
	run chatd run --input-format stream-json -m "$short" <lines
	is "$status" 0 "$record alone ends well"
	empty "$err" "and says nothing"
	echo "$message" >>lines
	run chatd run --input-format stream-json -m "$short" <lines
	same "$out" 'ok\n' "a message behind it is answered"
done
echo '{"kind":"frob"}' >lines
run chatd run --input-format stream-json -m "$short" <lines
is "$status" 65 "a kind that nobody knows is 65"
run chatd run --input-format stream-json -m "$short" </dev/null
is "$status" 0 "no record at all ends well"
empty "$err" "without a word of libevent's"
run chatd show ''
is "$status" 2 "an empty word names no session"

# --output-last-message replaces files only
echo old >real
ln -s real link
run chatd run -m "$short" --output-last-message link hi </dev/null
test -h link
pass $? "a symlink stays"
same real 'ok' "and its file is written"
mkfifo fifo
cat fifo >was-read &
run chatd run -m "$short" --output-last-message fifo hi </dev/null
wait $!
test -p fifo
pass $? "a FIFO stays"
same was-read 'ok' "and gets it"
finish
