#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0301-model-aimock.sh - Chat Completions against a mock that behaves

top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
top_builddir=${top_builddir:-$top_srcdir}
. "$top_srcdir/tests/peers/peers.sh"
peers_need
scratch=$(mktemp -d) || exit 1
trap 'peers_stop; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
probe=$top_builddir/tests/peers/model-probe
count=0

result()
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		sed 's/^/# /' got
		echo "not ok $count - $2"
	fi
}

# the text of all deltas of a kind
joined()
{
	sed -n "s/^$1 [^ ]* text=\"\(.*\)\"\$/\1/p" got | tr -d '\n'
}

ask()
{
	"$probe" "$@" >got 2>&1
	status=$?
}

AIMOCK_API_KEYS=k1
export AIMOCK_API_KEYS
if ! aimock_start "$top_srcdir/tests/peers/fixtures"; then
	sed 's/^/# /' aimock.out
	echo "Bail out! aimock does not start"
	exit 1
fi
OPENAI_BASE_URL=http://127.0.0.1:$aimock_port/v1
OPENAI_API_KEY=k1 CHATD_TEST_RETRY_MS=1
export OPENAI_BASE_URL OPENAI_API_KEY CHATD_TEST_RETRY_MS

ask openai:m "say hello"
[ "$(joined text-delta)" = "Hello there." ] && [ $status -eq 0 ] &&
    grep -q '"totalTokens":107' got && grep -q '^finish stop' got
result $? "text arrives in pieces, with usage"

ask openai:m "use tool"
grep -qF 'tool-call call_w1 get_weather text="{\"city\":\"Paris\"}"' got &&
    grep -qF 'tool-call call_w2 get_weather text="{\"city\":\"Oslo\"}"' got &&
    grep -q '^finish tool-calls' got
result $? "two calls at once, in pieces of one character"

ask -m '[{"role":"user","content":"use tool"},
    {"role":"assistant","content":[{"type":"tool-call","toolCallId":"call_w1",
    "toolName":"get_weather","input":{"city":"Paris"}}]},
    {"role":"tool","content":[{"type":"tool-result","toolCallId":"call_w1",
    "toolName":"get_weather","output":{"type":"json","value":{"t":30}}}]}]' \
    openai:m
[ "$(joined text-delta)" = "Sunny in Paris." ]
result $? "a result is understood"

ask openai:m "think tool"
[ "$(joined reasoning-delta)" = "I need the weather." ] &&
    [ "$(joined text-delta)" = "Let me check." ] &&
    grep -q '^tool-call call_x get_weather' got
result $? "reasoning, text and a call in one answer"

ask openai:m "rate limit"
grep -q '^retry wait=2000 BUSY' got &&
    [ "$(joined text-delta)" = "ok after retry" ]
result $? "429: as long is waited as the server wishes"

ask openai:m "too long"
grep -q '^finish length' got
result $? "the output limit is told"

ask openai:m "drop later"
grep -q '^text-delta' got && grep -q '^text-end' got &&
    grep -q '^error UNREACHABLE: .*\[shown\]$' got && [ $status -eq 69 ] &&
    ! grep -q '^retry' got
result $? "a connection that dies in the answer is no second try"

ask openai:m "keepalive"
[ "$(joined text-delta)" = k ]
result $? "comments are passed over"

OPENAI_API_KEY=wrong-key-0123
ask openai:m "say hello"
grep -q '^error AUTH' got && [ $status -eq 77 ] &&
    ! grep -q wrong-key-0123 got
result $? "a wrong key is said, and not shown"

OPENAI_API_KEY=k1
ask -l openai
[ $status -eq 0 ] && [ "$(grep -c '^openai:' got)" -gt 1 ]
result $? "models are listed"

unset OPENAI_API_KEY OPENAI_BASE_URL
# the probes send no key
peers_stop
unset AIMOCK_API_KEYS
aimock_start "$top_srcdir/tests/peers/fixtures" &&
    OLLAMA_HOST=127.0.0.1:$aimock_port "$probe" -f >got
grep -q "{\"provider\":\"ollama\",\"url\":\"http://127.0.0.1:$aimock_port\"" got
result $? "an Ollama on this machine is found"

unset OPENROUTER_API_KEY GROQ_API_KEY DEEPSEEK_API_KEY MISTRAL_API_KEY \
    XAI_API_KEY ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN GEMINI_API_KEY \
    GOOGLE_API_KEY GOOGLE_GENERATIVE_AI_API_KEY
CHATD_NO_DISCOVERY=1 "$probe" -d >got
grep -q '^demo ' got
result $? "without a key and a server it is the demo"
echo "1..$count"
