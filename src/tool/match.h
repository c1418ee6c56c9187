/* SPDX-License-Identifier: GPL-3.0-or-later */
/* match.h - file name patterns */

/*
 * "*" and "?" stay within one part of a path, "**" crosses, "[a-z]" and
 * "[!a-z]" are sets, "\x" is x itself. A "**" that stands alone between two
 * slashes may match nothing (then a, **, b has a/b). Time and memory
 * grow with the product of the lengths, never worse.
 */

#ifndef TOOL_MATCH_H
#define TOOL_MATCH_H

#include <stdbool.h>

struct match_list {
	char **v;
	unsigned count;
};

enum { MATCH_ALTERNATIVES_MAX = 256 };

bool	match_path(const char *pattern, const char *path);
/* Plain text: "*" matches anything, also slashes. */
bool	match_text(const char *pattern, const char *text);
/* "a.{c,h}" written out; what would pass the ceiling is left as it is. */
void	match_expand(struct match_list *out, const char *pattern);
void	match_list_clear(struct match_list *list);

#endif
