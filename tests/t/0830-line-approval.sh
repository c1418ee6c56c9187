#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0830-line-approval.sh - line mode asks the person at the terminal (cli.md 9)

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
command -v jq >/dev/null || missing "jq is not there"
command -v script >/dev/null || missing "script is not there"

script ask <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"echo one >>ran"}}
{"turn":1}
{"type":"text-delta","text":"over"}
END
# At a terminal of its own: what is written to descriptor 9 is typed, what is
# shown is in the file $shown.
shown=$scratch/shown
open_line()	# SESSION [OPTION...]
{
	session=$1
	shift
	rm -f "$scratch/keys" "$shown"
	mkfifo "$scratch/keys"
	TERM=dumb command script -qfec "'$CHATD' --line -m '$model' -s $session \
	    --sandbox off $*" "$shown" <"$scratch/keys" >/dev/null 2>&1 &
	terminal=$!
	exec 9>"$scratch/keys"
}
asked()	# N: so many questions were asked
{
	await sh -c "[ \$(grep -c 'y once' '$shown') -ge $1 ]"
}
leave()
{
	printf '/quit\r' >&9
	exec 9>&-
	wait "$terminal"
}
ran()
{
	cat ran 2>/dev/null | tr '\n' ' '
}

open_line l1
printf 'go\r' >&9
asked 1
pass $? "a call that waits is asked about"
like "$shown" 'Bash \{"command":"echo one >>ran"\}' "with its arguments"
like "$shown" 'p always: Bash\(' "and the rule that always would store"
is "$(ran)" "" "nothing has run yet"
printf 'what\r' >&9
await grep -q 'y, a, p, n or e' "$shown"
pass $? "anything else is no answer"
printf 'y\r' >&9
await grep -q over "$shown"
is "$(ran)" "one " "y lets it run"
leave
rm ran

open_line l2
printf 'go\r' >&9
asked 1
printf 'n not now\r' >&9
await grep -q over "$shown"
leave
run chatd why l2 c1
like "$out" 'reason: not now' "n takes the reason along"
is "$(ran)" "" "and runs nothing"

chatd run -m "$model" -s l3 --sandbox off go </dev/null 2>/dev/null
open_line l3
asked 1
pass $? "a session that was left waiting asks when it is opened again"
printf 'a\r' >&9
await grep -q over "$shown"
leave
is "$(ran)" "one " "a lets it run, too"
run chatd why l3 c1
like "$out" 'remembered \(session\): Bash' "and is remembered for the session"
rm ran

open_line l4
printf 'go\r' >&9
asked 1
printf 'e\r' >&9
await grep -q 'arguments: ' "$shown"
printf '{"command":"echo edited >>ran"}\r' >&9
await grep -q over "$shown"
leave
is "$(ran)" "edited " "e runs other arguments"

# a run with one prompt asks, too, when a person is there
rm ran
shown=$scratch/shown.run
mkfifo "$scratch/more"
TERM=dumb command script -qfec "'$CHATD' run -m '$model' -s l5 \
    --sandbox off go" "$shown" <"$scratch/more" >/dev/null 2>&1 &
terminal=$!
exec 9>"$scratch/more"
asked 1
printf '\ny\n' >&9
wait "$terminal"
is "$? $(ran)" "0 one " "run asks at a terminal; Enter alone is no answer"
exec 9>&-

# what is agreed to is shown whole: nothing hides in an escape sequence
script hide <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"true \u001b]0;; touch gotcha #\u0007\u202e"}}
{"turn":1}
{"type":"text-delta","text":"over"}
END
open_line l9
printf 'go\r' >&9
asked 1
like "$shown" 'always: Bash\(true \^\[\]0;; touch gotcha #\^G.u\{202e\}\)' \
    "a rule hides no part of a command"
like "$shown" '^Bash .*u\{202e\}"\}' "nor does the question"
printf 'n\r' >&9
await grep -q over "$shown"
leave
run chatd why l9 c1
like "$out" '^Bash .*u\{202e\}"\}' "and chatd why shows it too"

# letters that only look like others
script ask <<'END'
{"type":"tool-call","id":"c1","name":"Bash","input":{"command":"fetch p\u0430ypal.com"}}
{"turn":1}
{"type":"text-delta","text":"over"}
END
open_line l10
printf 'go\r' >&9
asked 1
like "$shown" 'look-alikes: p.u[{]430[}]ypal\.com' \
    "words that are not what they look like are named"
printf 'n\r' >&9
await grep -q over "$shown"
leave
finish
