# SPDX-License-Identifier: GPL-3.0-or-later
# tui-lib.sh - the program on a terminal of tmux, for tests of its screens
#
#	. "${top_srcdir:-...}/tests/t/lib.sh"
#	. "$top_srcdir/tests/t/tui-lib.sh"
#	tui 80 24 -m demo	a terminal with chatd in it
#	key hello Enter		as tmux send-keys takes them
#	sees 'pattern'		until a line of the screen matches (await)
#	gone 'pattern'		until none does
#	answer y		a key for the question that is there or comes
#	esc			Esc that no key behind it can make another one
#
# A killed test takes its terminals along: each server of tmux looks after it.
# The screen stays in $screen for messages. The shell below the program writes
# "left N" when it ends with status N.

command -v tmux >/dev/null 2>&1 || missing "tmux is not there"
socket=$scratch/tmux
screen=$scratch/screen
term=tmux-256color
infocmp "$term" >/dev/null 2>&1 || term=screen
: >"$screen"
out=$screen
err=$scratch/stderr
: >"$err"

tmux_here()
{
	tmux -S "$socket" -f /dev/null "$@"
}

tui_cleanup()
{
	tmux_here kill-server 2>/dev/null
	cleanup
}
trap tui_cleanup EXIT

# tui COLUMNS ROWS ARGUMENTS...
tui()
{
	cols=$1 lines=$2
	shift 2
	printf 'exec 2>"%s/stderr"\n"%s" %s\necho "left $?"\nexec cat\n' \
	    "$scratch" "$CHATD" "$*" >"$scratch/start"
	tmux_here new-session -d -x "$cols" -y "$lines" \
	    -e "TERM=$term" -e "CHATD_HOME=$CHATD_HOME" \
	    -e LC_ALL=C.UTF-8 -e "EDITOR=${EDITOR-}" \
	    -e "NO_COLOR=${NO_COLOR-}" "sh '$scratch/start'" \; \
	    run-shell -b "while kill -0 $$; do sleep 2; done 2>/dev/null
		tmux -S '$socket' kill-server"
	await tmux_here has-session
}

# a second terminal of the same kind, then key and sees are about that one
tui_more()
{
	tmux_here new-window "sh '$scratch/start'"
}

untui()
{
	tmux_here kill-server
	# some versions leave it behind, others are slow to go
	socket=$socket+
}

key()
{
	tmux_here send-keys "$@"
}

# The byte alone is only Esc when nothing follows it at once; who sends keys
# that do and has nothing to wait for says it as newer terminals do.
esc()
{
	key -H 1b 5b 32 37 75
}

look()
{
	tmux_here capture-pane -p >"$screen" 2>/dev/null
}

matches()
{
	look && grep -Eq -- "$1" "$screen"
}

misses()
{
	look && ! grep -Eq -- "$1" "$screen"
}

# sees PATTERN SENTENCE
#
# The first rows of a failure are what CI shows: what was looked for is there.
sees()
{
	if await matches "$1" >/dev/null; then
		pass 0 "$2"
	else
		pass 1 "$2: no row matches $1"
	fi
}

gone()
{
	if await misses "$1" >/dev/null; then
		pass 0 "$2"
	else
		pass 1 "$2: a row still matches $1"
	fi
}

# answer KEY: the question listens when no key came for a quarter of a second,
# counted from before it was seen; so a longer pause is enough, however slow
# the machine is.
answer()
{
	await matches 'May .* run\?'
	sleep 0.4
	key "$1"
}
