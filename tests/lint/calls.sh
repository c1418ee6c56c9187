#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# calls.sh - the calls we do without, and libraries kept to their one file
#
#	calls.sh [DIR]
#
# Prints each place as FILE:LINE and ends with 1 if there is one.

dir=${1:-${top_srcdir:-.}}
cd "$dir" || exit 1
status=0

complain()
{
	if [ -n "$2" ]; then
		printf '%s\n' "$2" | awk -v why="$1" '{ print $0 "	<- " why }'
		status=1
	fi
}

# NAME: what to use instead
banned='strcpy:strlcpy,buf_adds strcat:buf_adds sprintf:snprintf,buf_addf
vsprintf:vsnprintf strtok:strcspn atoi:strtoll atol:strtoll atof:strtod gets:fgets
system:proc popen:proc tmpnam:mkstemp mktemp:mkstemp alloca:xmalloc
gmtime:gmtime_r localtime:localtime_r ctime:clock_iso strdup:xstrdup
asprintf:xasprintf signal:sigaction rand:id_random srand:id_random
usleep:event sleep:event'
for entry in $banned; do
	name=${entry%%:*}
	complain "use ${entry#*:}" "$(grep -nE "(^|[^A-Za-z0-9_>.])${name}[ 	]*\(" \
	    src/*/*.[ch] | grep -vE '^[^:]*:[0-9]+:[ 	]*(/?\*|//)')"
done

# header: the one place that may include it (a pattern)
while read -r header owner; do
	complain "only $owner may include <$header>" \
	    "$(grep -nE "#[ 	]*include[ 	]*<$header" src/*/*.[ch] |
	    grep -vE "^src/($owner):")"
done <<'END'
curl/ wire/fetch_curl\.h
sqlite3 store/store_sqlite[a-z_]*\.[ch]
yaml base/conf\.c
jwt\.h wire/token\.c
readline/ ui/(line_edit|compose)\.c
md4c ui/markdown[a-z_]*\.c
utf8proc ui/width\.c
(ncurses|curses) ui/tty\.c
(http_parser|llhttp) server/http_parse\.c
END

# every source says its licence and what it is
for f in src/*/*.[ch] tests/*/*.c tests/unit/*/*.c; do
	[ -e "$f" ] || continue
	head -n 1 "$f" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' ||
	    complain "no SPDX line" "$f:1"
	sed -n 2p "$f" | grep -q "^/\* $(basename "$f") - " ||
	    complain "line 2 does not describe the file" "$f:2"
done
complain "trailing blanks" "$(grep -nE '[ 	]+$' src/*/*.[ch])"
exit $status
