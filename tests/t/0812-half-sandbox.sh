#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0812-half-sandbox.sh - a sandbox without namespaces, as in many containers

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"

# half COMMAND...: in as many user namespaces as can be within each other, so
# that no more is to be had; where there is none anyway, as it is
cat >"$scratch/nest" <<'END'
if unshare -Ur true 2>/dev/null; then
	exec unshare -Ur sh "$0" "$@"
fi
exec "$@"
END
half()
{
	sh "$scratch/nest" "$@"
}
ask()
{
	half "$CHATD" run -m "$model" "$@" --json go </dev/null
}

mkdir secret
echo Quagga >secret/key
script hold <<END
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo in >inside; echo out >$scratch/outside; cat secret/key >seen; exec 3<>/dev/tcp/127.0.0.1/9"}}
{"turn":1}
{"type":"text-delta","text":"over"}
END

run half "$CHATD" doctor
like "$out" '^sandbox .*no namespaces \(.* unless a rule allows' \
    "doctor tells what is missing and what it means"
if grep -q '^sandbox .*no Landlock' "$out"; then
	run ask --allowed-tools Bash
	is "$status $(ls inside 2>/dev/null)" "3 " "nothing holds it: asked"
	finish
	exit
fi
run ask --permission-mode allow-all
is "$status $(ls inside 2>/dev/null)" "3 " "a mode lets no command run there"
json "$out" '[.. | .reason? | strings | test("not whole.*only a rule")] | any' \
    "it is said why"
run ask --allowed-tools Bash --disallowed-tools 'Read(secret/**)'
is "$status $(ls inside seen 2>/dev/null)" "3 " \
    "nor does a rule where another keeps a path from being read"
run ask --allowed-tools 'Bash(ls *)' --permission-mode allow-all
is "$status $(ls inside 2>/dev/null)" "3 " "nor one about other commands"
run ask --allowed-tools Bash
is "$status $(cat inside)" "0 in" "what a rule allows runs"
is "$(ls "$scratch/outside" 2>/dev/null)" "" "and writes in its folder only"
json "$out" '[.message.parts[] | select(.toolCallId).output.output] |
    all(test("Operation not permitted|Permission denied")) and
    all(test("refused") | not)' "without a network"
rm inside
run ask --permission-mode allow-all --sandbox off
is "$status $(cat inside)" "0 in" "with --sandbox off a mode does"

finish
