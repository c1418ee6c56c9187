/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scope.c - what a token allows */

#include <string.h>

#include "wire/scope.h"

static bool
is_word(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(s, word, len) == 0;
}

/* The next part up to a colon; the scope moves behind that, NULL at the end. */
static size_t
part(const char **scope, const char **out)
{
	size_t len = strcspn(*scope, ":");

	*out = *scope;
	*scope = (*scope)[len] == ':' ? *scope + len + 1 : NULL;
	return len;
}

bool
scope_allows(const char *scope, const char *action,
    const struct scope_resource *res)
{
	const char *word;
	size_t len = part(&scope, &word);

	/* Only the bare word opens everything: admin:sessions is an action
	 * like others (session-protocol 3.6). */
	if (scope == NULL && is_word(word, len, "admin"))
		return true;
	/* an action alone has no type that could be the route's */
	if (scope == NULL ||
	    (!is_word(word, len, "*") && !is_word(word, len, action)))
		return false;
	len = part(&scope, &word);
	if (!is_word(word, len, "all") && !is_word(word, len, res->type))
		return false;
	if (scope == NULL)
		return true;
	return res->id != NULL && strcmp(scope, res->id) == 0;
}

bool
scope_allows_any(const char *const *scopes, const char *action,
    const struct scope_resource *res, int n)
{
	for (; *scopes != NULL; scopes++)
		for (int i = 0; i < n; i++)
			if (scope_allows(*scopes, action, &res[i]))
				return true;
	return false;
}
