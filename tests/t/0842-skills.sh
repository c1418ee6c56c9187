#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0842-skills.sh - SKILL.md: told by name, loaded by the model

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
command -v jq >/dev/null || missing "jq is not there"

# skill FOLDER NAME DESCRIPTION, body on stdin
skill()
{
	mkdir -p "$1"
	{
		printf -- '---\nname: %s\ndescription: %s\n---\n' "$2" "$3"
		cat
	} >"$1/SKILL.md"
}
user=$CHATD_HOME/config/skills

script plain <<'END'
{"expect":"\"name\":\"Read\""}
{"type":"tool-call","id":"c1","name":"Skill","input":{"name":"release"}}
{"turn":1}
{"expect":"there is no tool Skill"}
{"type":"text-delta","text":"none"}
END
run chatd run -m "$model" x </dev/null
same "$out" 'none\n' "without skills there is no tool for them"
run chatd skills
is "$status" 0 "and chatd skills lists none"

echo 'first run the tests' | skill "$user/release" release 'How releases are made'
echo 'the users words' | skill "$user/both" both 'the one of the user'
echo 'the projects words' | skill .chatd/skills/both both 'the one of the project'
echo 'project words' | skill .chatd/skills/mine mine 'of the project'
echo x | skill .chatd/skills/wrong other 'another name'
echo x | skill .chatd/skills/Upper Upper 'bad name'
mkdir "$scratch/elsewhere"
echo 'outside' | skill "$scratch/elsewhere" link 'leads out'
ln -s "$scratch/elsewhere" .chatd/skills/link
mkdir .chatd/skills/fifo && mkfifo .chatd/skills/fifo/SKILL.md

run chatd skills --json
json "$out" 'map(select(.error == null) | .name) == ["both", "mine", "release"]' \
    "those that are right can be loaded"
json "$out" 'map(select(.error != null) | .name) == ["Upper", "link", "wrong"]' \
    "what is wrong with the others is said"
json "$out" '.[] | select(.name == "both") | .from == "user"' \
    "the user's goes before the project's"
json "$out" '.[] | select(.name == "link") | .error | contains("leads out")' \
    "a link may not lead out of the project"
run chatd skills
like "$out" '^release +user +How releases are made' "as a table too"

script load <<'END'
{"expect":"Skills, to be loaded with the Skill tool"}
{"expect":"\\n- both: the one of the user\\n- mine: of the project\\n- release: How releases are made"}
{"type":"tool-call","id":"c1","name":"Skill","input":{"name":"release"}}
{"type":"tool-call","id":"c2","name":"Skill","input":{"name":"mine"}}
{"type":"tool-call","id":"c3","name":"Skill","input":{"name":"link"}}
{"type":"tool-call","id":"c4","name":"Skill","input":{"name":"../both"}}
{"turn":1}
{"expect":"first run the tests"}
{"expect":"project words"}
{"expect":"There is no such skill"}
{"type":"text-delta","text":"loaded"}
END
run chatd run -s s -m "$model" x </dev/null
same "$out" 'loaded\n' "the model loads the instructions"
run chatd show --json s
json "$out" '[.messages[1].parts[] | select(.toolName == "Skill") | .state] ==
    ["output-available", "output-available", "output-error", "output-error"]' \
    "and nothing but skills"
unlike "$out" 'outside' "no file outside is shown"
run chatd run -s d -m "$model" --disallowed-tools 'Skill(mine)' x </dev/null
run chatd show --json d
json "$out" '[.messages[1].parts[] | select(.toolCallId == "c2") | .state] ==
    ["output-denied"]' "a rule denies one"
finish
