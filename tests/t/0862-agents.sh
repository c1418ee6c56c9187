#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0862-agents.sh - chatd agents and chatd init

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

run chatd agents
same "$out" 'NAME  FROM      ANSWERED BY  DESCRIPTION\nchat  built in               \n' \
    "without files there is the one that needs none"
run chatd init
same "$out" '.chatd/agents/reviewer.md\n.chatd/permissions.yaml\n.chatd/skills/release/SKILL.md\n' \
    "init tells what it writes"
echo mine >.chatd/permissions.yaml
run chatd init
is "$status $(cat .chatd/permissions.yaml)" "0 mine" \
    "and never takes anybody's work away"
empty "$out" "nothing was written"
rm .chatd/permissions.yaml
chatd init >/dev/null
run chatd run -a reviewer -m demo hello </dev/null
is "$status" 0 "what it wrote can be used"

mkdir -p "$CHATD_HOME/config/agents" sub
cat >"$CHATD_HOME/config/agents/mine.md" <<END
---
description: my own
model: demo
client-data: {type: object}
---
Be mine.
END
cp "$CHATD_HOME/config/agents/mine.md" .chatd/agents/mine.md
printf -- '---\nprogram: cat\ndescription: theirs\n---\n' >.chatd/agents/theirs.md
printf -- '---\nclient-data: {type: 5}\n---\n' >.chatd/agents/wrong.md
run chatd agents --json
json "$out" 'map(.name) == ["chat", "mine", "reviewer", "theirs", "wrong"] and
    map(.from) == ["built in", "user", "project", "project", "project"]' \
    "all are listed, the user's before the project's"
json "$out" '.[1] | .model == "demo" and .description == "my own" and
    .clientData == {"type": "object"} and .instructions == "Be mine.\n" and
    .error == null' "with what they are"
json "$out" '.[3] | .program == "cat" and .allowed == false' \
    "a program that is not agreed to is told"
json "$out" '.[4].error | contains("wrong.md: client-data")' \
    "and what is wrong with a file"
run chatd agents mine
like "$out" '^from +user$' "one of them"
like "$out" '^Be mine\.$' "with its words"
run chatd agents nobody
is "$status" 66 "one that is not there: 66"
run chatd agents trust theirs </dev/null
is "$status" 2 "consent needs a person, or -y"
run chatd agents theirs --json
json "$out" '.allowed == false' "and is not given by asking"
run chatd agents trust theirs -y
run chatd agents theirs --json
json "$out" '.allowed' "-y gives it"
run chatd agents distrust theirs
is "$status" 2 "another word is wrong usage"
run chatd completion bash
like "$out" 'agents\) words=.*--yes' "completions know it"

finish
