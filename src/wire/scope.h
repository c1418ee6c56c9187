/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scope.h - what a token allows */

/*
 * action[:type[:id]], split at the first two colons only, so ids may contain
 * colons (session-protocol 3.6).
 */

#ifndef WIRE_SCOPE_H
#define WIRE_SCOPE_H

#include <stdbool.h>

/* One thing a route is about; id NULL: all of the type. */
struct scope_resource {
	const char *type;	/* "sessions", "tasks", "runs" */
	const char *id;
};

/* Does one scope allow this action on this resource? */
bool	scope_allows(const char *scope, const char *action,
	    const struct scope_resource *res);
/* Does any of the scopes (NULL-terminated), on any of the n resources? */
bool	scope_allows_any(const char *const *scopes, const char *action,
	    const struct scope_resource *res, int n);

#endif
