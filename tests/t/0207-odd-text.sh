#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0207-odd-text.sh - what is hard to print, and odd names of sessions

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
command -v jq >/dev/null || missing "jq is not there"

script odd <<'END'
{"type":"text-delta","text":"a\u001b[31mb\u202ec\u200bd\u0000e\u009bf"}
END
odd='a\033[31mb\342\200\256c\342\200\213d\000e\302\233f'
run chatd run -s odd -m "$model" hi </dev/null
same "$out" "$odd\\n" "a pipe gets the text byte for byte"
run chatd show odd
same "$out" "> hi\\n\\n$odd\\n" "show in a pipe too"
run chatd show --markdown odd
same "$out" "# hi\\n\\n## user\\n\\nhi\\n\\n## assistant\\n\\n$odd\\n" \
    "show --markdown in a pipe too"
run chatd show --json odd
json "$out" '.messages[1].parts | map(select(.type == "text").text) ==
    ["a\u001b[31mb\u202ec\u200bd\u0000e\u009bf"]' "show --json too"

# script(1) gives a terminal
if env script --version >/dev/null 2>&1; then
	for args in "show odd" "show --markdown odd" "show --json odd" \
	    "export odd" "run -m $model hi" "run --json -m $model hi" \
	    "run -o stream-json -m $model hi" "ls" "search hi"; do
		TERM=xterm run env script -qec "$CHATD $args" /dev/null \
		    </dev/null
		is "$status" 0 "${args%% -m*} on a terminal ends well"
		printf '\342\200\256' >"$scratch/bidi"
		! grep -aFq -f "$scratch/bidi" "$out" &&
		    ! grep -aq "$(printf '\302\233')" "$out" &&
		    ! grep -aq "$(printf '\033\[31m')" "$out"
		pass $? "and sends it nothing of the model's that is not text"
	done
fi

# what is agreed to is shown whole: nothing hides in an escape sequence
mkdir -p .chatd/tools
printf 'hooks:\n  Stop:\n    - command: "true \\e]0;; touch gotcha #\\a"\n' \
    >.chatd/config.yaml
run chatd hooks allow
like "$err" 'true \^\[\]0;; touch gotcha #\^G' "a hook hides nothing"
printf 'description: d\ncommand: ["./t", "a\\e]0;b\\ac\\u202ed"]\n' \
    >.chatd/tools/odd.yaml
run chatd tools allow odd
like "$err" 't a\^\[\]0;b\^Gc.u\{202e\}d' "nor a tool"
printf '{"mcpServers":{"odd":{"command":"./m","args":["\\u202ex"]}}}\n' \
    >.mcp.json
run chatd mcp allow odd
like "$err" '^  \{.*u\{202e\}x' "nor a server"
rm -r .chatd .mcp.json

# an emoji that comes in two halves
script halves <<'END'
{"type":"text-delta","text":"a\ud83d"}
{"type":"text-delta","text":"\ude00b"}
END
run chatd run -m "$model" --output-last-message last hi </dev/null
same "$out" 'a\360\237\230\200b\n' "halves of a character are put together"
same last 'a\360\237\230\200b' "in --output-last-message too"

# and halves whose others never come
script alone <<'END'
{"type":"reasoning-delta","text":"r\udc00"}
{"type":"text-delta","text":"a\ud83d"}
{"type":"text-delta","text":"b\udc00c"}
{"type":"text-delta","text":"\ud83d"}
END
run chatd run -s alone -m "$model" hi </dev/null
same "$out" 'a\357\277\275b\357\277\275c\357\277\275\n' \
    "half a character alone is U+FFFD in a pipe"
run chatd show --json alone
json "$out" '[.messages[1].parts[] | .text // empty] ==
    ["r\ufffd", "a\ufffdb\ufffdc\ufffd"]' "and in the transcript"
grep -qi 'ud[89a-f][0-9a-f][0-9a-f]' "$out"
is "$?" 1 "where it is no escape either"

for name in . .. ../.. a/b 'a b' 'a%2Fb?c#d' '中文 😀' -x; do
	run chatd run -s "$name" -m "$model" hi </dev/null
	is "$status" 0 "a session may be called '$name'"
	run chatd show --json -- "$name"
	is "$(jq -r .session.externalId "$out")" "$name" "and is found by it"
done
for name in '' ' ' session_x "$(printf 'bad\377')" \
    "$(printf %257s x | tr ' ' y)"; do
	run chatd run -s "$name" -m "$model" hi </dev/null
	is "$status" 2 "a name that cannot be is wrong usage"
	like "$err" '^chatd: -s: ' "and the option is named"
done
finish
