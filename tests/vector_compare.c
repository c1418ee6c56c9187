/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vector_compare.c - where two JSON values differ */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "vector.h"

enum {
	DIAG_MAX = 4000,	/* bytes of diagnostics for one vector */
	VALUE_MAX = 300,
};

void
vector_fail(struct vector *v, const char *fmt, ...)
{
	va_list ap;

	if (v->diag->len > DIAG_MAX)
		return;
	buf_adds(v->diag, "# ");
	va_start(ap, fmt);
	buf_vaddf(v->diag, fmt, ap);
	va_end(ap);
	buf_addc(v->diag, '\n');
}

static void
differ(struct vector *v, const struct buf *path, const struct json *want,
    const struct json *got)
{
	char *w = json_text(want), *g = json_text(got);

	vector_fail(v, "%s: expected %.*s, got %.*s", path->data,
	    VALUE_MAX, want == NULL ? "nothing" : w,
	    VALUE_MAX, got == NULL ? "nothing" : g);
	free(w);
	free(g);
}

static void	compare(struct vector *, struct buf *, const struct json *,
		    const struct json *);

static void
compare_objects(struct vector *v, struct buf *path, const struct json *want,
    const struct json *got)
{
	size_t len = path->len;
	const struct json *m;

	JSON_EACH(m, want) {
		buf_addf(path, ".%s", json_name(m));
		compare(v, path, m,
		    json_getn(got, json_name(m), json_name_len(m)));
		buf_cut(path, len);
	}
	JSON_EACH(m, got) {
		if (json_getn(want, json_name(m), json_name_len(m)) != NULL)
			continue;
		buf_addf(path, ".%s", json_name(m));
		differ(v, path, NULL, m);
		buf_cut(path, len);
	}
}

static void
compare_arrays(struct vector *v, struct buf *path, const struct json *want,
    const struct json *got)
{
	const struct json *w = json_first(want), *g = json_first(got);
	size_t len = path->len, i;

	for (i = 0; w != NULL || g != NULL; i++) {
		buf_addf(path, "[%zu]", i);
		compare(v, path, w, g);
		buf_cut(path, len);
		w = json_next(w);
		g = json_next(g);
	}
}

static void
compare(struct vector *v, struct buf *path, const struct json *want,
    const struct json *got)
{
	if ((want == NULL) == (got == NULL) && json_equal(want, got))
		return;
	if (json_is(want, JSON_OBJECT) && json_is(got, JSON_OBJECT))
		compare_objects(v, path, want, got);
	else if (json_is(want, JSON_ARRAY) && json_is(got, JSON_ARRAY))
		compare_arrays(v, path, want, got);
	else
		differ(v, path, want, got);
}

void
vector_compare(struct vector *v, const char *name, const struct json *want,
    const struct json *got)
{
	struct buf path = BUF_INIT;

	buf_adds(&path, name);
	compare(v, &path, want, got);
	buf_clear(&path);
}

void
vector_compare_text(struct vector *v, const char *name,
    const struct json *want, const struct buf *got)
{
	struct err e = ERR_INIT;
	struct json_doc *doc = json_parse(got->data, got->len, 0, &e);

	if (doc == NULL)
		vector_fail(v, "%s: what we wrote is no JSON: %s", name,
		    e.text);
	else
		vector_compare(v, name, want, json_root(doc));
	json_doc_free(doc);
}
