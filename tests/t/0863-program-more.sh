#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0863-program-more.sh - program agents: tokens, silence, queues, consent

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
. "$top_srcdir/tests/t/serve-lib.sh"

PROBE_DIR=$scratch/probe
export PROBE_DIR
probe=$top_srcdir/tests/agents/probe.sh
config=$CHATD_HOME/config
mkdir -p "$PROBE_DIR" "$config/agents" .chatd/agents
printf -- '---\nprogram: [sh, "%s"]\n---\n' "$probe" >"$config/agents/probe.md"
try()	# SESSION TEXT [OPTION...]
{
	session=$1 text=$2
	shift 2
	run chatd run -a probe -s "$session" -o json "$@" "$text" </dev/null
}

# what its model took
try u1 usage
json "$out" '.usage.inputTokens == 70 and .usage.outputTokens == 30 and
    .usage.totalTokens == 100 and .usage.cachedInputTokens == 20 and
    .usage.reasoningTokens == 5' "the tokens that a program tells of are counted"
run chatd show u1 --json
json "$out" '.messages[1].metadata | .usage.inputTokens == 70 and
    .cost == 0.5' "and stand in the message"
try u1 usage
run chatd show u1 --json
json "$out" '.session.usage.inputTokens == 140 and .session.cost == 1' \
    "those of a session are summed up"
try u2 say
json "$out" '.usage.inputTokens == null' "one that tells of none has none"
try u3 greedy --max-tokens 50
is "$status" 4 "a limit of tokens holds a program too"

# stdout closed, and it runs on
gone()
{
	! kill -0 "$1" 2>/dev/null
}
run chatd run -a probe -s m1 -o stream-json mute </dev/null
is "$status $(grep -c '"control":"turn-complete"' "$out")" "1 1" \
    "a program that closes its stdout: an error, one turn-complete"
like "$err" 'closed its standard output in the middle' "which says so"
await gone "$(tail -n 1 "$PROBE_DIR/pids")"
pass $? "and it is ended"

model=demo
printf 'warm: 3600\n' >"$config/config.yaml"
serve
completes()	# SESSION N
{
	[ "$(chatd show "$1" --records | grep -c turn-complete)" -ge "$2" ]
}
texts()
{
	chatd show "$1" --json | jq -r '[.messages[] |
	    select(.role == "assistant") | .parts[] | .text // empty] |
	    join(",")'
}
shows()	# SESSION PATTERN: a record of it
{
	chatd show "$1" --records | grep -q "$2"
}
create m2 probe
say m2 shut
await completes m2 1
await gone "$(tail -n 1 "$PROBE_DIR/pids")"
pass $? "one that closes it between turns is ended, however warm"
say m2 say
await completes m2 2
is "$(texts m2)" "turn 1,turn 1" "the next turn has another"

# a message while its turn runs
create q probe
say q wait
await shows q '"delta":"waits'
say q say-next
say q say-last
ask POST /realtime/v1/sessions/q/in/append -d '{"kind":"message","payload":
    {"chatId":"q","trigger":"action","action":{"type":"inject",
    "text":"by the way"}}}'
: >"$PROBE_DIR/go"
await completes q 4
is "$(texts q)" "waits,turn 2,turn 3" \
    "messages that come while a program answers are its next turns"
run chatd show q --json
json "$out" '[.messages[].role] == ["user", "assistant", "user", "assistant",
    "user", "assistant"]' "each with an answer of its own"
jq -se '.[-1].messages | length == 5' "$PROBE_DIR/told" >/dev/null
pass $? "and it is told of them in order"
kill "$serve_pid"
wait "$serve_pid"

# warm, for all
printf 'warm: 0\n' >"$config/config.yaml"
: >"$PROBE_DIR/left"
serve
create w probe
say w say
await grep -q bye "$PROBE_DIR/left"
pass $? "warm in config.yaml holds for agents that do not say it"
kill "$serve_pid"
wait "$serve_pid"
printf 'warm: -1\n' >"$config/config.yaml"
run chatd run -m demo hello </dev/null
is "$status" 78 "it must be a time"
rm "$config/config.yaml"

# consent is for what was seen: the files of a project, too
cp "$probe" .chatd/agents/theirs.sh
printf -- '---\nprogram: [sh, ./theirs.sh]\n---\n' >.chatd/agents/theirs.md
run chatd agents trust theirs -y
run chatd run -a theirs say </dev/null
is "$status $(cat "$out")" "0 turn 1" "a project's program, agreed to"
echo '# more' >>.chatd/agents/theirs.sh
run chatd run -a theirs say </dev/null
is "$status" 77 "a changed script is another question"
run chatd agents trust theirs -y
run chatd run -a theirs say </dev/null
is "$status" 0 "with an answer of its own"

mkdir bin
script one <<'END'
{"type":"text-delta","text":"one"}
END
for command in 'sh bin/look.sh' 'cat | sh ./bin/look.sh' \
    'sh "$CHATD_PROJECT_DIR/bin/look.sh"'; do
	printf 'echo run >>"$CHATD_PROJECT_DIR/ran"\n' >bin/look.sh
	rm -f ran
	printf "hooks:\n  UserPromptSubmit:\n    - command: '%s'\n" \
	    "$command" >.chatd/config.yaml
	run chatd hooks allow
	run chatd run -m "$model" hello </dev/null
	is "$(cat ran)" run "a project's hook, agreed to: $command"
	printf 'echo other >>"$CHATD_PROJECT_DIR/ran"\n' >bin/look.sh
	run chatd run -m "$model" hello </dev/null
	is "$(cat ran)" run "not once its script has changed"
	run chatd hooks --json
	json "$out" '.[0].state == "needs consent"' "it needs consent again"
done
rm .chatd/config.yaml

mkdir -p .chatd/tools
printf 'echo fine\n' >bin/tool.sh
printf 'description: x\ncommand: [sh, bin/tool.sh]\n' >.chatd/tools/theirs.yaml
run chatd tools allow theirs
run chatd tools list --json
json "$out" '[.[] | select(.name == "theirs")][0].trust == "yes"' \
    "a project's tool, agreed to"
printf 'echo other\n' >bin/tool.sh
run chatd tools list --json
json "$out" '[.[] | select(.name == "theirs")][0].trust == "not asked"' \
    "is another question once its script has changed"

finish
