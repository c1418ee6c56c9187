#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0209-odd-files.sh - pipes and devices where files are read unasked

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

script m <<'END'
{"type":"tool-call","id":"c1","name":"Glob","input":{"pattern":"*"}}
{"turn":1}
{"type":"text-delta","text":"over"}
END
# What is only logged is in $err, too.
ask()
{
	run timeout 180 "$CHATD" run -m "$model" --ephemeral --log - go </dev/null
}

# A reader that opens a pipe which nobody writes waits for ever; one that
# reads a device gets no end.
i=0
while read -r file wanted; do
	i=$((i + 1))
	case $file in
	HOME/*) path=$CHATD_HOME/${file#HOME/} ;;
	*) path=$file ;;
	esac
	mkdir -p "$(dirname "$path")"
	mkfifo "$path"
	ask
	is "$status" "$wanted" "a pipe as $file"
	case $file in
	*.md) ;;	# left out without a word where nobody asks for it
	*) like "$err" "$(basename "$file"): not a regular file" "is told" ;;
	esac
	run chatd agents
	is "$status" 0 "chatd agents goes on"
	run chatd skills
	is "$status" 0 "so does chatd skills"
	rm "$path"
	ln -s /dev/zero "$path"
	ask
	is "$status" "$wanted" "a device as $file"
	rm "$path"
done <<'END'
AGENTS.md 0
.mcp.json 0
.chatd/mcp.json 0
.chatd/permissions.yaml 78
.chatd/config.yaml 78
.chatd/agents/a.md 0
.chatd/skills/a/SKILL.md 0
.chatd/tools/a.yaml 0
HOME/config/config.yaml 78
HOME/config/permissions.yaml 78
HOME/config/mcp.json 0
HOME/config/agents/a.md 0
HOME/config/skills/a/SKILL.md 0
HOME/config/tools/a.yaml 0
END
is "$i" 14 "all of them were tried"
mkfifo .gitignore
ask
is "$status" 0 "a pipe as .gitignore is left alone"
rm .gitignore

# what a person names may be one
mkfifo "$scratch/pipe"
printf 'from a pipe\n' >"$scratch/pipe" &
run chatd run -m "$model" -s named -f "$scratch/pipe" go </dev/null
run chatd show named --json
like "$out" 'from a pipe' "a pipe that a person named is read"

finish
