/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vector.h - what the files of run-vectors share */

#ifndef TESTS_VECTOR_H
#define TESTS_VECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf;
struct json;
struct json_w;

/* One vector being run; diag collects "# ..." lines, empty: it passes. */
struct vector {
	const struct json *root;
	const struct json *expect;
	struct buf *diag;
};

typedef void (*vector_fn)(struct vector *v);
/* NULL for a kind that nobody knows. */
vector_fn	 vector_kind(const char *kind);

void	vector_reduce(struct vector *v);

void	vector_fail(struct vector *v, const char *fmt, ...)
	    ATTR_PRINTF(2, 3);
/* Say where got is not want, as JSON values. path names the root. */
void	vector_compare(struct vector *v, const char *path,
	    const struct json *want, const struct json *got);
/* The same, with got as JSON text. */
void	vector_compare_text(struct vector *v, const char *path,
	    const struct json *want, const struct buf *got);

#endif
