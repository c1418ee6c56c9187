#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# no-force-push.sh - a PreToolUse hook: git push stays without force
#
#	hooks:
#	  PreToolUse:
#	    - matcher: Bash(git push *)
#	      command: /path/to/no-force-push.sh
#	      timeout: 5
#
# It reads one JSON object from stdin. Exit status 2 denies the call, and the
# model is told what stands on stderr; 0 leaves it to the rules.

command=$(jq -r '.tool_input.command // ""') || {
	echo "the call cannot be read" >&2
	exit 2
}
case " $command " in
*" --force "*|*" -f "*|*" --force-with-lease"*|*" +"*)
	echo "no forced pushes here: ask the person to do it" >&2
	exit 2 ;;
esac
exit 0
