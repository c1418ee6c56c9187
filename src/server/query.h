/* SPDX-License-Identifier: GPL-3.0-or-later */
/* query.h - percent-decoding, and what stands behind the "?" */

#ifndef SERVER_QUERY_H
#define SERVER_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

enum { QUERY_PAIRS_MAX = 64 };

struct query {
	size_t count;
	struct { char *name, *value; } pair[QUERY_PAIRS_MAX];
};

/* Decode once. NULL: a bad escape, or a NUL byte in it. Caller frees. */
char	*query_decode(const char *s, size_t len, bool plus_is_space);
/* What cannot be decoded, and what is past the ceiling, is left out. NULL:
 * there is none, which the others take too. */
struct query *query_new(const char *text);
void	 query_free(struct query *q);
/* The first value of that name, or NULL. */
const char *query_get(const struct query *q, const char *name);
/* Absent: otherwise. -1: not a whole number in min..max. */
int	 query_int(const struct query *q, const char *name, int64_t min,
	    int64_t max, int64_t otherwise, int64_t *out) ATTR_MUST_USE;
bool	 query_flag(const struct query *q, const char *name);

#endif
