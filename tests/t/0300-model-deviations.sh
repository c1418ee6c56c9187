#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0300-model-deviations.sh - odd and broken servers, each as one case
#
# mountebank plays tests/peers/deviations.json (providers 2.6, 9); the events
# of each case stand in tests/peers/deviations.expect.

top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
top_builddir=${top_builddir:-$top_srcdir}
. "$top_srcdir/tests/peers/peers.sh"
peers_need
scratch=$(mktemp -d) || exit 1
trap 'peers_stop; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
probe=$top_builddir/tests/peers/model-probe
count=0

# what differs from run to run
normal()
{
	sed -E -e 's/call_[0-9a-z]{24}/call_ID/g' \
	    -e 's/127\.0\.0\.1:[0-9]+/127.0.0.1:PORT/g' \
	    -e '/wait=(5|10|1500|2000) /!s/wait=[0-9]+/wait=W/'
}

# NAME [ARGUMENT...]: run the probe and compare
check()
{
	name=$1
	shift
	count=$((count + 1))
	{ "$probe" "$@" 2>&1; echo "-> $?"; } | normal >got
	sed -n "/^== $name\$/,/^-> /p" \
	    "$top_srcdir/tests/peers/deviations.expect" | sed 1d >want
	if [ -s want ] && cmp -s want got; then
		echo "ok $count - $name"
	else
		diff want got | sed 's/^/# /'
		echo "not ok $count - $name"
	fi
}

if ! mountebank_start "$top_srcdir/tests/peers/deviations.json"; then
	sed 's/^/# /' mb.out
	echo "Bail out! mountebank does not start"
	exit 1
fi
at=http://127.0.0.1:$(imposter_port deviations)/v1
OPENAI_API_KEY=sk-test-SECRET1234 CHATD_TEST_RETRY_MS=1
unset OPENAI_ORG_ID OPENAI_PROJECT_ID
export OPENAI_API_KEY CHATD_TEST_RETRY_MS OPENAI_BASE_URL

OPENAI_BASE_URL=$at
sed -n 's/^== //p' "$top_srcdir/tests/peers/deviations.expect" >names
while read -r name; do
	case $name in
	x-think)
		check "$name" -c '{"providers":{"openai":{"think_tags":true}}}' \
		    openai:m "case think."
		;;
	x-broken)
		OPENAI_BASE_URL=http://127.0.0.1:$(imposter_port broken)/v1
		check "$name" openai:m "any"
		OPENAI_BASE_URL=$at
		;;
	x-tries)
		check "$name" -c '{"retry":{"tries":2}}' openai:m "case e503."
		;;
	no-effort)
		check "$name" -r low openai:m "case $name."
		;;
	x-list)
		check "$name" -l openai
		;;
	*)
		check "$name" openai:m "case $name."
		;;
	esac
done <names

# each row of the table (providers 2.6, 9.3) and the cases that play it;
# odd and repeated ids of calls are also in 0306, Azure is in 0305
while read -r row cases; do
	count=$((count + 1))
	lacks=
	for name in $cases; do
		grep -qx "$name" names || lacks="$lacks $name"
	done
	if [ -z "$lacks" ]; then
		echo "ok $count - row $row is played"
	else
		echo "not ok $count - row $row lacks$lacks"
	fi
done <<'END'
2.6.1-choices-empty no-choices plain
2.6.2-delta-null null-delta
2.6.3-reason-with-the-last finish-with-text finish-with-tool
2.6.4-no-reason only-done just-ends cut-last-event empty empty-done reset
2.6.5-usage usage-each usage-groq usage-wrong no-choices plain
2.6.6-call-at-once tool-whole tool-index-string
2.6.7-ids-of-calls tool-index-zero tool-no-id tool-no-name
2.6.8-reasons tool-whole tool-none reason-empty reason-eos reason-function_call reason-model_length reason-resource error-choices
2.6.9-wrong-types wrong-types
2.6.10-comments comments
2.6.11-error-inside error-inside error-choices error-string flaky-inside
2.6.12-ids-late null-delta
2.6.13-usage-on-request stream-options extra-forbidden
2.6.14-call-as-text tool-as-text
END

# what was sent
port=${at%/v1}
port=${port##*:}
count=$((count + 1))
if peer_http GET "http://127.0.0.1:$mb_port/imposters/$port" | node -e '
	const { requests } = JSON.parse(require("fs").readFileSync(0));
	const r = requests.find(r => r.body.includes("case plain."));
	const h = Object.fromEntries(Object.entries(r.headers).map(
		([k, v]) => [k.toLowerCase(), v]));
	const want = {"model":"m","messages":[{"role":"user",
		"content":"case plain."}],"stream":true,
		"stream_options":{"include_usage":true}};
	const same = r.body === JSON.stringify(want) &&
		h.authorization === "Bearer sk-test-SECRET1234" &&
		h.accept === "text/event-stream" &&
		h["content-type"] === "application/json" && !h.expect;
	if (!same) console.log("# " + JSON.stringify(r));
	process.exitCode = same ? 0 : 1;'; then
	echo "ok $count - the request has the documented form"
else
	echo "not ok $count - the request has the documented form"
fi
echo "1..$count"
