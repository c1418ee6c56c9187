#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0204-errors.sh - every way a server can fail has its exit status (cli.md 4)

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
command -v node >/dev/null || missing "node is not there"
peer badserver.mjs || exit 1
OPENAI_API_KEY=sk-not-a-key
export OPENAI_API_KEY

ask()
{
	mode=$1
	shift
	OPENAI_BASE_URL=http://127.0.0.1:$port/$mode/v1 \
	    run chatd run -m openai-chat:m "$@" hi </dev/null
}
# fails MODE STATUS SENTENCE
fails()
{
	ask "$1"
	is "$status" "$2" "$3"
	is "$(grep -c '^chatd: ' "$err")" 1 "$1: said in one line"
}

ask good
is "$status" 0 "a good answer is 0"
same "$out" 'fine\n' "and printed"
fails reset 69 "a reset in mid-answer is 69"
same "$out" 'half\n' "what came before it was printed"
fails auth 77 "401 is 77"
fails forbidden 77 "403 is 77"
fails missing 1 "404 is 1"
fails bad 1 "400 is 1"
fails limited 75 "429 is 75 after the retries"
fails broken 69 "500 is 69 after the retries"
fails inside 69 "an error inside a 200 is 69"
fails garbage 1 "an answer that cannot be read is 1"
ask never --timeout 1
is "$status" 124 "no answer at all is 124 with --timeout"
empty "$out" "and prints nothing"
ask broken --json
json "$out" '.error.status == 69 and .result == ""' "json tells of it too"
unlike "$err" 'sk-not-a-key' "the key is in no message"

# what one turn had to say is not said again by the next
run chatd run -s after -m script:/nowhere hi </dev/null
is "$status" 66 "a first turn fails without a word"
run chatd run -s after -m demo --json hi </dev/null
is "$status" 0 "the next one ends well"
empty "$err" "and says nothing of the one before"
json "$out" '.error == null and .finishReason == "stop"' "in JSON, too"

script cut <<'END'
{"type":"text-delta","text":"half a sen"}
{"type":"finish","reason":"length"}
END
run chatd run -v -m "$model" hi </dev/null
is "$status $(cat "$out")" "0 half a sen" "what the output limit cut is an answer"
like "$err" '^the output limit cut the answer off$' "but that is told"

port=1 ask good
is "$status" 69 "a refused connection is 69"
unset OPENAI_API_KEY
run chatd run -m openai-chat:m hi </dev/null
is "$status" 77 "no key is 77"
like "$err" 'OPENAI_API_KEY' "and its variable is named"
finish
