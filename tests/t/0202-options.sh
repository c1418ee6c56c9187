#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0202-options.sh - the option table, help and completions (cli.md 2)

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

run chatd --version
like "$out" '^chatd [0-9]' "--version"
run chatd --help
is "$status" 0 "--help ends well"
like "$out" '--model' "--help lists options"
like "$out" '^  ls ' "--help lists commands"
cp "$out" "$scratch/help"
run chatd help
cmp -s "$out" "$scratch/help"
pass $? "help is --help"
run chatd run --help
like "$out" '^usage: chatd run' "help of a command"
run chatd help frob
is "$status" 2 "help of what is not there"

script hi <<'END'
{"type":"text-delta","text":"hi"}
END
for form in "-m $model x" "-m$model x" "--model $model x" "--model=$model x" \
    "x -m $model"; do
	# shellcheck disable=SC2086
	run chatd run $form </dev/null
	same "$out" 'hi\n' "run ${form%%:*}..."
done
run chatd -m "$model" run x </dev/null
same "$out" 'hi\n' "options may stand before the command"
run chatd run -m "$model" -- --words </dev/null
same "$out" 'hi\n' "-- ends the options"

wrong()
{
	what=$1
	shift
	run chatd "$@" </dev/null
	is "$status" 2 "$what is wrong usage"
	like "$err" '^chatd: ' "$what is told"
	empty "$out" "$what prints nothing on stdout"
}
wrong "an unknown option" run --nonsense x
wrong "an unknown letter" run -Z x
wrong "a missing value" run x --model
wrong "a value of none of the choices" run -o xml x
wrong "a value for a flag" run --fork=1 x
wrong "steps below 1" run --max-steps 0 x
wrong "a time that is no number" run --timeout soon x
wrong "a cost that is no number" run --max-cost much x
wrong "--fork without a session" run --fork x
wrong "two sessions" run -c -r x y
wrong "--ephemeral with -c" run --ephemeral -c x
wrong "another server by no URL" run --remote nowhere x
wrong "attach to nothing" attach
wrong "too many words" ls more
wrong "too few words" rename x
wrong "a text that is empty" send x ''
wrong "no word to look for" search ''
wrong "an unknown provider" run -m nobody:x hi
run chatd run --modle x </dev/null
like "$err" '^hint: did you mean --model\?$' "a near miss is guessed"
run chatd run -m "$model" --permission-mode deny --sandbox read-only \
    --allowed-tools 'Bash(ls *)' --disallowed-tools Edit x </dev/null
same "$out" 'hi\n' "options that only restrict are taken"
mkdir sub
run chatd run -C sub -m "$model" --json x </dev/null
run chatd ls --json
json "$out" '.[0].dir | endswith("/sub")' "-C is where it works"
run chatd run -C nowhere -m "$model" x </dev/null
is "$status" 66 "-C to nowhere is 66"
CHATD_URL=http://127.0.0.1:1 run chatd ls
is "$status" 69 "CHATD_URL is not quietly ignored"

run sh -c '"$0" help >/dev/full' "$CHATD"
is "$status" 74 "help that cannot be written is 74"
printf '{}' >none.json
run chatd import none.json
is "$status" 65 "JSON that is no export is bad input"
run chatd agents trust
is "$status" 2 "agents trust wants a name"
for option in -c -p --json --fork --line; do
	run chatd serve $option
	is "$status" 2 "chatd serve does not take $option"
done
run chatd help serve
unlike "$out" '--continue' "nor does its help tell of it"
like "$out" '--permission-mode' "it tells of those that set up an agent"

for shell in bash zsh fish; do
	run chatd completion $shell
	like "$out" 'permission-mode' "completion $shell has the options"
	like "$out" 'search' "completion $shell has the commands"
done
run chatd completion bash
bash -n "$out"
pass $? "bash takes its completion"
# what bash offers behind the words of a line that ends in a blank or a part
offers()
{
	bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
	    _chatd; echo "${COMPREPLY[*]}"' bash "$scratch/bash" "$@"
}
cp "$out" "$scratch/bash"
is "$(offers chatd ho)" hooks "it knows the commands"
is "$(offers chatd hooks '')" "list allow deny" "and the words behind one"
is "$(offers chatd agents t)" trust "among other arguments, too"
is "$(offers chatd serve --str)" --strict-agents "and a command's options"
is "$(offers chatd serve --cont)" "" "without those it does not take"
is "$(offers chatd run --permission-mode a)" "accept-edits allow-all" \
    "and the values of an option"
is "$(offers chatd help sho)" show "help knows commands"
run chatd completion zsh
like "$out" 'hooks\) shift words.*1:word:\( list allow deny\)' "zsh gets the words"
like "$out" 'sandbox\[[^]]*\]:value:\(read-only workspace-write off\)' \
    "and the values"
run chatd completion fish
like "$out" "from hooks' -a ' list allow deny'" "fish, too"
like "$out" "-l sandbox -r -f -a 'read-only workspace-write off'" "both"
run chatd completion tcsh
is "$status" 2 "no completion for another shell"

run chatd config path
config=$(cat "$out")
run chatd config check
is "$status" 0 "no configuration is a good one"
mkdir -p "$(dirname "$config")"
printf 'model: demo\nmodle: x\n' >"$config"
run chatd config check
is "$status" 78 "an unknown key is 78"
like "$err" 'config.yaml:2: .*modle' "with file, line and key"
run chatd run hi </dev/null
is "$status" 78 "nor does a run go by it"
printf 'model: [\n' >"$config"
run chatd run hi </dev/null
is "$status" 78 "a configuration that cannot be read is 78"
like "$err" 'config.yaml' "and named"
while IFS='|' read -r text line what; do
	printf "$text" >"$config"
	run chatd config check
	is "$status" 78 "$what: 78"
	like "$err" "config.yaml:$line.*$what" "with the place"
done <<'END'
providers:\n  own: {api: openai-chat}\n  other:\n    base_urll: x\n|4: |'base_urll'
providers:\n  own:\n    api: soap\n|3: |'api': 'soap'
providers: {own: 3}\n|1: |'own'
model: demo\nretry:\n  tries: none\n|3: |'tries'
permissionMode: all\n|1: |'permissionMode': 'all'
maxSteps: 1.5\n|1: |'maxSteps'
fallback: [demo, 3]\n|1: |'fallback'
permissions: {deny: Bash}\n|1: |'deny'
hooks: {Never: []}\n|.*|no event Never
END
run chatd run hi </dev/null
is "$status" 78 "nor does a run go by those"
cat >"$config" <<'END'
model:
agent: chat
permissionMode: plan
permissions: {allow: [Read], ask: [], deny: ["Bash(rm *)"]}
providers:
  empty:
  own:
    api: openai-chat
    base_url: http://127.0.0.1:1/v1
    key_env: OWN_KEY
    headers: {X-Team: compilers}
    body: {seed: 7}
    max_tokens_field: max_tokens
    connect_seconds: 1
    first_byte_seconds: 2
    idle_seconds: 3
    api_version: 2024-10-21
    ca_file: /nowhere
    think_tags: open
    simple: true
    model: x
retry: {tries: 2, seconds: 5}
fallback: [demo]
hooks: {Stop: [{command: "true"}]}
sandbox: read-only
steering: queue
maxSteps: 3
maxTokens: 1000
maxCost: 0.5
maxSeconds: 60
compactAt: 5000
warm: 0.5
END
run chatd config check
is "$status" 0 "every key of the manual is taken"
empty "$err" "without a word"
printf 'modle: x\n' >"$config"
run chatd doctor
is "$status" 1 "doctor does not stop at a configuration that is wrong"
like "$out" '^configuration .*modle' "says what is wrong with it"
like "$out" '^sandbox ' "and the rest"
printf 'model: %s\n' "$model" >"$config"
run chatd run hi </dev/null
same "$out" 'hi\n' "the configuration names the model"
run chatd config show
same "$out" "model: $model\n" "config show"

run chatd skills
empty "$out" "no skills, no table"
like "$err" '^no skills; ' "but a word about them"
mkdir -p sub/.chatd
printf 'hooks: {Stop: [{command: "true"}]}\n' >sub/.chatd/config.yaml
run chatd -C sub hooks --json
json "$out" 'length == 1 and .[0].project' "-C DIR, once"

db=$CHATD_HOME/data/chatd.db
mv "$db" "$scratch/db"
echo 'no database' >"$db"
run chatd doctor
is "$status" 1 "doctor does not stop at a database that is none"
like "$out" "^database .*$db" "says so"
like "$out" '^key ' "and the rest"
run chatd ls
is "$status" 74 "others do"
rm "$db"
mv "$scratch/db" "$db"
finish
