#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0302-model-providers.sh - Anthropic, Responses and Gemini against a mock

top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
top_builddir=${top_builddir:-$top_srcdir}
. "$top_srcdir/tests/peers/peers.sh"
peers_need
scratch=$(mktemp -d) || exit 1
trap 'peers_stop; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
probe=$top_builddir/tests/peers/model-probe
CHATD_HOME=$scratch/home
export CHATD_HOME
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

# counters of the mock are kept apart by X-Test-Id
ask()
{
	"$probe" -c "{\"providers\":{\"$provider\":{\"headers\":
	    {\"X-Test-Id\":\"$model\"}}}}" "$@" >got 2>&1
	status=$?
}

AIMOCK_API_KEYS=k1
export AIMOCK_API_KEYS
if ! aimock_start "$top_srcdir/tests/peers/fixtures"; then
	sed 's/^/# /' aimock.out
	echo "Bail out! aimock does not start"
	exit 1
fi
at=http://127.0.0.1:$aimock_port
OPENAI_BASE_URL=$at/v1 ANTHROPIC_BASE_URL=$at GEMINI_BASE_URL=$at/v1beta
CHATD_TEST_RETRY_MS=1
export OPENAI_BASE_URL ANTHROPIC_BASE_URL GEMINI_BASE_URL CHATD_TEST_RETRY_MS
unset ANTHROPIC_AUTH_TOKEN GOOGLE_GENERATIVE_AI_API_KEY GOOGLE_API_KEY

for model in openai-responses:gpt-5 anthropic:claude-sonnet-4-6 \
    google:gemini-2.5-flash
do
	provider=${model%%:*}
	OPENAI_API_KEY=k1 ANTHROPIC_API_KEY=k1 GEMINI_API_KEY=k1
	export OPENAI_API_KEY ANTHROPIC_API_KEY GEMINI_API_KEY

	ask "$model" "say hello"
	[ "$(joined text-delta)" = "Hello there." ] && [ $status -eq 0 ] &&
	    grep -q '"totalTokens":107' got && grep -q '^finish stop' got
	result $? "$provider: text arrives in pieces, with usage"

	ask "$model" "use tool"
	grep -qF 'tool-call call_w1 get_weather text="{\"city\":\"Paris\"}"' \
	    got && grep -qF \
	    'tool-call call_w2 get_weather text="{\"city\":\"Oslo\"}"' got &&
	    grep -q '^finish tool-calls' got
	result $? "$provider: two calls at once, in pieces of one character"

	ask -m '[{"role":"user","content":"use tool"},
	    {"role":"assistant","content":[{"type":"tool-call",
	    "toolCallId":"call_w1","toolName":"get_weather",
	    "input":{"city":"Paris"}}]},
	    {"role":"tool","content":[{"type":"tool-result",
	    "toolCallId":"call_w1","toolName":"get_weather",
	    "output":{"type":"json","value":{"t":30}}}]}]' "$model"
	[ "$(joined text-delta)" = "Sunny in Paris." ]
	result $? "$provider: a result is understood"

	ask "$model" "think tool"
	[ "$(joined text-delta)" = "Let me check." ] &&
	    [ "$(joined reasoning-delta)" = "I need the weather." ] &&
	    grep -q '^reasoning-end r1 metadata=.*' got &&
	    grep -q '^tool-call call_x get_weather' got
	result $? "$provider: reasoning, text and a call in one answer"

	ask "$model" "rate limit"
	grep -q '^retry wait=2000 BUSY' got &&
	    [ "$(joined text-delta)" = "ok after retry" ]
	result $? "$provider: 429: as long is waited as the server wishes"

	ask "$model" "too long"
	grep -q '^finish length' got
	result $? "$provider: the output limit is told"

	ask "$model" "cut after twelve"
	grep -q '^text-delta' got && grep -q '^text-end' got &&
	    grep -q '^error UNREACHABLE: .*\[shown\]$' got &&
	    [ $status -eq 69 ] && ! grep -q '^retry' got
	result $? "$provider: a connection that dies is no second try"

	OPENAI_API_KEY=wrong-key-0123 ANTHROPIC_API_KEY=wrong-key-0123
	GEMINI_API_KEY=wrong-key-0123
	ask "$model" "say hello"
	grep -q '^error AUTH' got && [ $status -eq 77 ] &&
	    ! grep -q wrong-key-0123 got
	result $? "$provider: a wrong key is said, and not shown"
done
OPENAI_API_KEY=k1 ANTHROPIC_API_KEY=k1 GEMINI_API_KEY=k1

provider=openai model=openai:m
ask openai:gpt-5 "think tool"
[ "$(joined reasoning-delta)" = "I need the weather." ] &&
    ! grep -q itemId got
result $? "openai: speaks Chat Completions where OPENAI_BASE_URL points"

provider=anthropic model=anthropic:m
ask -l anthropic
[ $status -eq 0 ] && [ "$(grep -c "^anthropic:" got)" -gt 1 ]
result $? "anthropic: models are listed"

# the default is the first key that is set (cli.md 8)
for key in OPENAI_API_KEY ANTHROPIC_API_KEY GEMINI_API_KEY; do
	env -u OPENAI_API_KEY -u ANTHROPIC_API_KEY -u GEMINI_API_KEY \
	    -u OPENROUTER_API_KEY -u OPENAI_BASE_URL -u ANTHROPIC_BASE_URL \
	    -u GEMINI_BASE_URL "$key=k" OPENROUTER_API_KEY=k \
	    CHATD_NO_DISCOVERY=1 "$probe" -d >got
	grep -q "($key is set)\$" got
	result $? "$key alone makes its provider the default"
done
echo "1..$count"
