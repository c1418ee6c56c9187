#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0303-model-provider-deviations.sh - what the mock of 0302 cannot play
#
# mountebank plays tests/peers/providers.json (providers 3 to 5, 9); the events
# of each case stand in tests/peers/providers.expect.

top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
top_builddir=${top_builddir:-$top_srcdir}
. "$top_srcdir/tests/peers/peers.sh"
peers_need
scratch=$(mktemp -d) || exit 1
trap 'peers_stop; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
probe=$top_builddir/tests/peers/model-probe
expect=$top_srcdir/tests/peers/providers.expect
CHATD_HOME=$scratch/home
export CHATD_HOME
count=0

# what differs from run to run
normal()
{
	sed -E -e 's/call_[0-9a-z]{24}/call_ID/g' \
	    -e 's/127\.0\.0\.1:[0-9]+/127.0.0.1:PORT/g' \
	    -e '/wait=3000 /!s/wait=[0-9]+/wait=W/'
}

# NAME [ARGUMENT...]: run the probe and compare
check()
{
	name=$1
	shift
	count=$((count + 1))
	{ "$probe" "$@" 2>&1; echo "-> $?"; } | normal >got
	awk -v from="== $name" '$0 == from { on = 1; next }
		on { print } on && /^-> / { exit }' "$expect" >want
	if [ -s want ] && cmp -s want got; then
		echo "ok $count - $name"
	else
		diff want got | sed 's/^/# /'
		echo "not ok $count - $name"
	fi
}

if ! mountebank_start "$top_srcdir/tests/peers/providers.json"; then
	sed 's/^/# /' mb.out
	echo "Bail out! mountebank does not start"
	exit 1
fi
at=http://127.0.0.1:$(imposter_port providers)
OPENAI_BASE_URL=$at/v1 ANTHROPIC_BASE_URL=$at GEMINI_BASE_URL=$at/v1beta
OPENAI_API_KEY=k ANTHROPIC_API_KEY=k GEMINI_API_KEY=k CHATD_TEST_RETRY_MS=1
export OPENAI_BASE_URL ANTHROPIC_BASE_URL GEMINI_BASE_URL OPENAI_API_KEY \
    ANTHROPIC_API_KEY GEMINI_API_KEY CHATD_TEST_RETRY_MS
unset ANTHROPIC_AUTH_TOKEN GOOGLE_GENERATIVE_AI_API_KEY GOOGLE_API_KEY \
    OPENAI_ORG_ID OPENAI_PROJECT_ID

for name in $(sed -n 's/^== //p' "$expect"); do
	say="case ${name#*/}."
	case $name in
	list/*)
		check "$name" -l "${name#list/}"
		;;
	*/no-display)
		check "$name" -r high anthropic:claude-opus-4-7 "$say"
		;;
	*/old-signature)
		check "$name" -m '[{"role":"user","content":"'"$say"'"},
		    {"role":"assistant","content":[{"type":"tool-call",
		    "toolCallId":"c","toolName":"f","input":{},
		    "providerOptions":{"google":{"thoughtSignature":"OLD="}}}]},
		    {"role":"tool","content":[{"type":"tool-result",
		    "toolCallId":"c","toolName":"f",
		    "output":{"type":"text","value":"x"}}]}]' \
		    google:gemini-3-pro
		;;
	fallback/*)
		check "$name" -c '{"fallback":["azure:x","google:gemini-2.5-pro",
		    "openai-responses:gpt-5"],"retry":{"tries":1}}' \
		    anthropic:claude-sonnet-4-5 "$say"
		;;
	*/pause | */pauses)
		check "$name" -c '{"providers":{"anthropic":{"body":{"tools":
		    [{"type":"web_search_20250305","name":"web_search"}]}}}}' \
		    anthropic:claude-sonnet-4-5 "$say"
		;;
	anthropic/*)
		check "$name" anthropic:claude-sonnet-4-5 "$say"
		;;
	responses/*)
		check "$name" openai-responses:gpt-5 "$say"
		;;
	google/*)
		check "$name" google:gemini-3-pro "$say"
		;;
	esac
done

# the whole program: the answer says which model gave it
mkdir -p "$CHATD_HOME/config"
cat >"$CHATD_HOME/config/config.yaml" <<'END'
fallback: [google:gemini-2.5-pro, "openai-responses:gpt-5"]
retry: {tries: 1}
END
count=$((count + 1))
"${CHATD:-$top_builddir/src/chatd}" run -v -o json --ephemeral \
    -m anthropic:claude-sonnet-4-5 "case down." </dev/null >got 2>said
if [ $? -eq 0 ] && grep -q '"result":"ok"' got &&
    grep -q '"type":"data-chatd-fallback"' got &&
    grep -q '"metadata":{"model":"openai-responses:gpt-5"' got &&
    grep -q 'another model answers: openai-responses:gpt-5' said; then
	echo "ok $count - a turn that switches says so"
else
	sed 's/^/# /' got said
	echo "not ok $count - a turn that switches says so"
fi

# what was sent
port=${at##*:}
count=$((count + 1))
peer_http GET "http://127.0.0.1:$mb_port/imposters/$port" | node -e '
	const { requests } = JSON.parse(require("fs").readFileSync(0));
	const of = path => {
		const r = requests.find(r => r.path.endsWith(path));
		return Object.fromEntries(Object.entries(r.headers).map(
			([k, v]) => [k.toLowerCase(), v]));
	};
	const a = of("/v1/messages"), r = of("/v1/responses");
	const g = of("gemini-3-pro:streamGenerateContent");
	const same = a["x-api-key"] === "k" && !a.authorization &&
		a["anthropic-version"] === "2023-06-01" &&
		r.authorization === "Bearer k" &&
		g["x-goog-api-key"] === "k" && !g.authorization &&
		requests.every(q => !JSON.stringify(q.query).includes(
			"\"key\""));
	if (!same) console.log("# " + JSON.stringify([a, r, g]));
	process.exitCode = same ? 0 : 1;'
if [ $? -eq 0 ]; then
	echo "ok $count - each API gets its key in its own header"
else
	echo "not ok $count - each API gets its key in its own header"
fi

# a paused turn is asked again with its blocks behind it, as they came
count=$((count + 1))
peer_http GET "http://127.0.0.1:$mb_port/imposters/$port" | node -e '
	const { requests } = JSON.parse(require("fs").readFileSync(0));
	const of = s => requests.filter(r => r.body.includes(s)).map(r =>
		JSON.parse(r.body));
	const [first, second] = of("case pause.");
	const said = second.messages.pop();
	const want = { role: "assistant", content: [
		{ type: "thinking", thinking: "Search.", signature: "S+/=" },
		{ type: "text", text: "I look. Now." },
		{ type: "server_tool_use", id: "srvtoolu_1",
			name: "web_search", input: { query: "x" } },
		{ type: "web_search_tool_result", tool_use_id: "srvtoolu_1",
			content: [{ type: "web_search_result",
			url: "https://a.example/", title: "A",
			encrypted_content: "E==" }] }] };
	const { container, ...rest } = second;
	const many = of("case pauses.").map(b => b.messages.length + "/" +
		(b.messages[1]?.content.length ?? 0));
	const same = JSON.stringify(said) === JSON.stringify(want) &&
		container === "cont_1" &&
		JSON.stringify(rest) === JSON.stringify(first) &&
		many.join(" ") ===
		"1/0 2/1 2/2 2/3 2/4 2/5 2/6 2/7 2/8";
	if (!same) console.log("# " + JSON.stringify([said, second, many]));
	process.exitCode = same ? 0 : 1;'
if [ $? -eq 0 ]; then
	echo "ok $count - a paused turn is asked to go on, at most eight times"
else
	echo "not ok $count - a paused turn is asked to go on, at most eight times"
fi

# what an answer was signed with goes back in the next step, intact
rm "$CHATD_HOME/config/config.yaml"
signed()
{
	count=$((count + 1))
	peer_http DELETE \
	    "http://127.0.0.1:$mb_port/imposters/$port/savedRequests" >/dev/null
	"${CHATD:-$top_builddir/src/chatd}" run -o json --ephemeral \
	    --reasoning high --max-steps 2 -m "$1" "case all." \
	    </dev/null >got 2>&1
	peer_http GET "http://127.0.0.1:$mb_port/imposters/$port" | node -e '
	const { requests } = JSON.parse(require("fs").readFileSync(0));
	const body = requests.length === 2 ? requests[1].body : "";
	const missing = process.argv.slice(1).filter(s => !body.includes(s));
	if (missing.length > 0)
		console.log("# " + body + "\n# lacks " + missing.join("\n"));
	process.exitCode = missing.length > 0 ? 1 : 0;' "$2" "$3"
	if [ $? -eq 0 ]; then
		echo "ok $count - $1: signatures go back in the next step"
	else
		sed 's/^/# /' got
		echo "not ok $count - $1: signatures go back in the next step"
	fi
}
signed anthropic:claude-sonnet-4-5 \
    '{"type":"thinking","thinking":"I need the weather.","signature":"EqQB+/=="},{"type":"redacted_thinking","data":"EmwK"},{"type":"text","text":"Let më check."},{"type":"tool_use","id":"toolu_1"' \
    '{"type":"tool_result","tool_use_id":"toolu_1"'
signed openai-responses:gpt-5 \
    '{"type":"reasoning","id":"rs_1","encrypted_content":"gAAA==","summary":[{"type":"summary_text","text":"I need it."},{"type":"summary_text","text":"Twice."}]},{"role":"assistant","content":[{"type":"output_text","text":"Let më check."}],"id":"msg_1","phase":"commentary"},{"type":"function_call","call_id":"call_1"' \
    '{"type":"function_call_output","call_id":"call_1"'
signed google:gemini-3-pro \
    '{"functionCall":{"id":"fc1","name":"get_weather","args":{"city":"Rome"}},"thoughtSignature":"CpcB"},{"functionCall":{"name":"now","args":{}}},{"text":"","thoughtSignature":"END="}' \
    '{"functionResponse":{"id":"fc1","name":"get_weather"'

# through a proxy the providers are somewhere else: lists are kept, calls cost
# something, and a call asks for the list that says what models can
requests()
{
	peer_http GET "http://127.0.0.1:$mb_port/imposters/$port" | node -e '
		const { requests } = JSON.parse(
			require("fs").readFileSync(0));
		console.log(requests.map(r => r.method + " " +
			r.path.replace(/^.*\/v1/, "")).sort().join(","));'
}
says()
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		sed 's/^/# /' got
		requests | sed 's/^/# /'
		echo "not ok $count - $2"
	fi
}
http_proxy=http://127.0.0.1:$port
ANTHROPIC_BASE_URL=http://models.example
export http_proxy ANTHROPIC_BASE_URL
peer_http DELETE \
    "http://127.0.0.1:$mb_port/imposters/$port/savedRequests" >/dev/null
"${CHATD:-$top_builddir/src/chatd}" run -o json --ephemeral \
    -m anthropic:claude-sonnet-4-5 "case two-texts." </dev/null >got 2>&1
# 25 fresh, 70 cached, 5 written, 89 out, at 3, 0.3, 3.75 and 15 USD
grep -q '"cost":0.00144975' got &&
    requests | grep -q '^GET /models,.*POST /messages$'
says $? "a call costs what the table of prices says, and refreshes the list"
# 100 in and 7 out, at 1.25 and 10 USD: not what the model asked first takes
echo 'fallback: [openai-responses:gpt-5]' >"$CHATD_HOME/config/config.yaml"
OPENAI_BASE_URL=http://models.example/v1 CHATD_TEST_RETRY_MS=1 \
    "${CHATD:-$top_builddir/src/chatd}" run -o json --ephemeral \
    -m anthropic:claude-sonnet-4-5 "case down." </dev/null >got 2>&1
grep -q '"cost":0.000195[,}]' got && grep -q 'chatd-fallback' got
says $? "after a fallback the cost is that of the model which answered"
rm -rf "$CHATD_HOME/state/models" "$CHATD_HOME/config/config.yaml"
"$probe" -l anthropic >first 2>&1
peer_http DELETE \
    "http://127.0.0.1:$mb_port/imposters/$port/savedRequests" >/dev/null
"$probe" -l anthropic >got 2>&1
cmp -s first got && [ "$(grep -c '^anthropic:' got)" -eq 3 ] &&
    [ -z "$(requests)" ]
says $? "a list is kept and not asked for again"
echo "1..$count"
