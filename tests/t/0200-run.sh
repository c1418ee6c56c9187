#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0200-run.sh - prompts in, text out (cli.md 1 and 3)

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

script plain <<'END'
{"type":"text-delta","text":"one "}
{"type":"text-delta","text":"two\n\n"}
END
run chatd run -m "$model" hello </dev/null
is "$status" 0 "a run ends well"
same "$out" 'one two\n' "stdout is the answer and exactly one newline"
empty "$err" "stderr is silent when it is no terminal"

script parts <<'END'
{"type":"reasoning-delta","text":"hmm"}
{"type":"text-delta","text":"first"}
{"type":"text-end"}
{"type":"tool-start","id":"c1","name":"look"}
{"type":"tool-call","id":"c1","name":"look","input":{"a":1}}
{"type":"tool-result","id":"c1","name":"look","output":"seen"}
{"type":"text-delta","text":"second"}
END
run chatd run -m "$model" hello </dev/null
same "$out" 'first\n\nsecond\n' "text alone is on stdout, blocks apart"
run chatd run -v -m "$model" hello </dev/null
same "$out" 'first\n\nsecond\n' "-v leaves stdout alone"
like "$err" 'look' "-v tells of tool calls on stderr"
like "$err" 'hmm' "-v tells of reasoning on stderr"

# what the model is asked
expects()
{
	script expects <<END
{"expect":"$1"}
{"type":"text-delta","text":"as expected"}
END
}
expects 'two words'
run chatd run -m "$model" two words </dev/null
same "$out" 'as expected\n' "words are joined by blanks"

expects 'summarise\\n\\nline 1\\nline 2'
run sh -c 'printf "line 1\nline 2\n" | "$0" run -m "$1" summarise' "$CHATD" \
    "$model"
same "$out" 'as expected\n' "a pipe is joined behind a blank line"

expects 'from a file'
printf 'from a file' >in.txt
run chatd run -m "$model" <in.txt
same "$out" 'as expected\n' "stdin alone is the prompt"
run chatd run -m "$model" - <in.txt
same "$out" 'as expected\n' "run - takes stdin as the prompt"
run chatd -p -m "$model" <in.txt
same "$out" 'as expected\n' "-p is run"
run chatd -m "$model" <in.txt
same "$out" 'as expected\n' "without a terminal chatd is chatd run"

expects '\"text\":\"only this\"'
run chatd run --no-stdin -m "$model" only this <in.txt
same "$out" 'as expected\n' "--no-stdin leaves stdin alone"

expects '\"text\":\"ls\"'
run chatd run -m "$model" ls </dev/null
same "$out" 'as expected\n' "run ls says ls to the model"
run chatd -p -m "$model" ls </dev/null
same "$out" 'as expected\n' "so does -p ls"

expects 'be brief'
run chatd run -m "$model" --system-prompt 'be brief' hi </dev/null
same "$out" 'as expected\n' "--system-prompt arrives"
run chatd run -m "$model" --append-system-prompt 'be brief' hi </dev/null
same "$out" 'as expected\n' "--append-system-prompt arrives"

# files
expects 'File: in.txt\\n```\\nfrom a file\\n```'
run chatd run -m "$model" -f in.txt hi </dev/null
same "$out" 'as expected\n' "-f puts a text file into a fence"
run chatd run -m "$model" 'see @in.txt.' </dev/null
same "$out" 'as expected\n' "@path does the same"
printf '\211PNG\r\n\032\n...' >dot.png
expects 'image/png'
run chatd run -m "$model" -f dot.png hi </dev/null
same "$out" 'as expected\n' "a picture becomes a file part"
printf 'see @secret' >mail
printf 'TOP SECRET' >secret
script never <<'END'
{"expect":"see @secret"}
{"type":"text-delta","text":"told"}
END
run chatd run -m "$model" --json sum up <mail
json "$out" '.result == "told"' "piped text arrives"
id=$(jq -r .session "$out")
run chatd show --json "$id"
unlike "$out" 'TOP SECRET' "an @path in piped text attaches nothing"
run chatd run -m "$model" -f nowhere.txt hi </dev/null
is "$status" 66 "a file that is not there is 66"
like "$err" '^chatd: .*nowhere.txt: No such file' "and is named"
printf 'a\000\377b' >blob
run chatd run -m "$model" -f blob hi </dev/null
is "$status" 65 "a file that is neither text nor picture is 65"

run chatd run -m "$model" </dev/null
is "$status" 2 "no prompt at all is wrong usage"
empty "$out" "and prints nothing on stdout"
like "$err" '^hint: ' "but a hint"

script escapes <<'END'
{"type":"text-delta","text":"a\u001b[31mb\u001b]0;t\u0007c"}
END
run chatd run -m "$model" hi </dev/null
same "$out" 'a\033[31mb\033]0;t\007c\n' "a pipe gets the text byte for byte"

script last <<'END'
{"type":"text-delta","text":"kept"}
END
run chatd run -m "$model" --output-last-message last.txt hi </dev/null
same last.txt 'kept' "--output-last-message writes the answer"

printf '{"type":"object","required":["a"]}' >schema
script fits <<'END'
{"type":"text-delta","text":"{\"a\":1}"}
END
run chatd run -m "$model" --json-schema schema hi </dev/null
is "$status" 0 "an answer that fits the schema is fine"
same "$out" '{"a":1}\n' "and printed"
script unfit <<'END'
{"type":"text-delta","text":"{\"b\":1}"}
END
run chatd run -m "$model" --json-schema '{"type":"object","required":["a"]}' hi </dev/null
is "$status" 65 "one that does not is 65"

run chatd run -m "script:$scratch/last" --ephemeral hi </dev/null
same "$out" 'kept\n' "--ephemeral answers"
run sh -c '"$0" run -m "$1" "endless" </dev/null >/dev/full' "$CHATD" "$model"
is "$status" 74 "a full disk behind stdout is 74"
finish
