#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0201-run-formats.sh - json and stream-json, out and in (cli.md 3)

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
command -v jq >/dev/null || missing "jq is not there"

script two <<'END'
{"type":"text-delta","text":"first"}
{"type":"usage","input":3,"output":2}
{"turn":2}
{"type":"text-delta","text":"second"}
END
run chatd run -m "$model" --json hello </dev/null
is "$status" 0 "json: ends well"
is "$(wc -l <"$out" | tr -d ' ')" 1 "json: one line"
json "$out" '.result == "first"' "json: result"
json "$out" '.session | startswith("session_")' "json: session"
json "$out" '.externalId == null and .error == null and .denied == []' \
    "json: nulls and no denials"
json "$out" '.message.role == "assistant"' "json: the whole message"
json "$out" '.finishReason == "stop" and .steps == 1' "json: finish, steps"
json "$out" '.usage.inputTokens == 3 and .usage.outputTokens == 2' \
    "json: usage"
json "$out" '(.durationMs | type) == "number" and has("cost")' \
    "json: duration and cost"

run chatd run -m "$model" -o stream-json hello </dev/null
cp "$out" "$scratch/stream"
head -n 1 "$scratch/stream" >"$out"
json "$out" '.type == "session" and (.session | startswith("session_"))' \
    "stream-json: the session is first"
tail -n 1 "$scratch/stream" >"$out"
json "$out" '.type == "result" and .result == "first"' \
    "stream-json: the result is last"
sed '1d;$d' "$scratch/stream" >"$out"
json "$out" 'has("seq") and (has("chunk") or has("control"))' \
    "stream-json: between them are records"
is "$(jq -s '[.[].seq] == [range(length)]' "$out")" true \
    "stream-json: every record of the turn, in order"
is "$(jq -r 'select(.control) | .control' "$out")" turn-complete \
    "stream-json: the turn's end is one of them"
is "$(jq -j 'select(.chunk.type == "text-delta") | .chunk.delta' "$out")" \
    first "stream-json: the deltas are the text"

message()
{
	printf '{"kind":"message","payload":{"trigger":"submit-message",'
	printf '"message":{"id":"%s","role":"user","parts":[{"type":"text",' "$1"
	printf '"text":"%s"}]}}}\n' "$2"
}
{ message u1 a; message u2 b; } >in
run chatd run -m "$model" --input-format stream-json <in
is "$status" 0 "input stream-json: two turns end well"
same "$out" 'first\nsecond\n' "input stream-json: both answers, in order"
message u1 a | tr -d '\n' >in
run chatd run -m "$model" --input-format stream-json <in
same "$out" 'first\n' "the last line needs no newline"
{ message u1 a; echo '{"kind":'; message u2 b; } >in
run chatd run -m "$model" --input-format stream-json <in
is "$status" 65 "a line that is no record is 65"
like "$err" 'stdin: line 2' "and its number is told"
echo '{"kind":"message"}' >in
run chatd run -m "$model" --input-format stream-json -o stream-json <in
is "$status" 65 "a message without payload is 65"
tail -n 1 "$out" >"$scratch/last"
json "$scratch/last" '.type == "result" and .error.code == "INPUT"' \
    "a result is last also then"
run chatd run -m "$model" --input-format stream-json words <in
is "$status" 2 "words and stream-json do not go together"

run chatd run -m "$model" --json --metadata a=1 --metadata '{"b":[2]}' hi \
    </dev/null
id=$(jq -r .session "$out")
run chatd ls --json
json "$out" ".[] | select(.id == \"$id\") | .metadata == {a:\"1\",b:[2]}" \
    "--metadata stays with the session"
run chatd run -m "$model" --metadata nothing hi </dev/null
is "$status" 2 "--metadata without = is wrong usage"

script denied <<'END'
{"error":{"code":"BUSY","text":"too many","hint":"wait"}}
END
run chatd run -m "$model" --json hello </dev/null
is "$status" 75 "a failure has its status"
json "$out" '.error.code == "BUSY" and .error.message == "too many"' \
    "and its result"
like "$err" '^chatd: too many$' "and is said once"
like "$err" '^hint: wait$' "with its hint"
finish
