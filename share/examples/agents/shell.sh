#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shell.sh - an agent in POSIX sh: repeats what it is told, and counts
#
# Reads one JSON object a line, writes UI message chunks, one a line; see
# chatd-agent(7). Copy it and shell.md to ~/.config/chatd/agents, then:
#
#	chatd run -a shell hello

say()	# TEXT, escaped as in JSON
{
	printf '{"type":"text-delta","id":"t","delta":"%s"}\n' "$1"
}

# The text of the last text part, still escaped: it goes into JSON again.
last_text()
{
	printf '%s\n' "$1" | sed -n \
	    's/.*"type":"text","text":"\(\([^"\\]*\(\\.\)*\)*\)".*/\1/p'
}

turns=0
while IFS= read -r line; do
	case $line in
	'{"type":"turn",'*) ;;
	*) continue ;;		# a stop: nothing here lasts long enough
	esac
	turns=$((turns + 1))
	printf '{"type":"text-start","id":"t"}\n'
	say "You said: $(last_text "$line")"
	case $line in
	*'"continuation":true'*) say ' after I was away' ;;
	esac
	say " (turn $turns)"
	printf '{"type":"text-end","id":"t"}\n'
	printf '{"type":"turn-complete"}\n'
done
