#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0306-model-switch.sh - another model in mid-session, from each API to each
#
# tests/peers/switch.mjs refuses what the real servers would (providers 1.4,
# 11).

. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"
command -v node >/dev/null 2>&1 || missing "node is not installed"
peer switch.mjs || exit 1
at=http://127.0.0.1:$port
unset ANTHROPIC_AUTH_TOKEN GOOGLE_GENERATIVE_AI_API_KEY
OPENAI_BASE_URL=$at/v1 ANTHROPIC_BASE_URL=$at GEMINI_BASE_URL=$at/v1beta
MISTRAL_BASE_URL=$at/mistral/v1
OPENAI_API_KEY=k ANTHROPIC_API_KEY=k GEMINI_API_KEY=k MISTRAL_API_KEY=k
export OPENAI_BASE_URL ANTHROPIC_BASE_URL GEMINI_BASE_URL MISTRAL_BASE_URL \
    OPENAI_API_KEY ANTHROPIC_API_KEY GEMINI_API_KEY MISTRAL_API_KEY
printf '%s' iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg== |
    base64 -d >dot.png

models="openai-chat:m openai-responses:gpt-5 anthropic:claude-sonnet-4-5
    google:gemini-3-pro mistral:m"
for from in $models; do
	for to in $models; do
		name=${from%%:*}-${to%%:*}
		run chatd run -s "$name" -m "$from" --reasoning high \
		    -f dot.png look </dev/null
		same "$out" 'said\n\npicture true, own true\n' \
		    "$from: a picture, reasoning, two calls, their results"
		# only what it made itself has anything of its own; Chat has
		# nothing to give back
		own=false
		case $to in
		"$from" | *:m) own=true ;;
		esac
		run chatd run -s "$name" -m "$to" --reasoning high PROMPT-TWO \
		    </dev/null
		same "$out" "picture true, own $own\n" \
		    "then $to: it takes what it is told"
	done
done

# servers that number their calls anew in each turn (providers 2.6.7)
for again in first second; do
	run chatd run -s numbers -m openai-chat:m "$again" </dev/null
	like "$out" 'picture false' "ids that come again: $again turn"
done
finish
