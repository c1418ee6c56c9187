/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usage.c - sums of token counts */

#include "base/buf.h"
#include "base/json.h"
#include "store/usage.h"

static void
add_numbers(struct json_w *w, const struct json *a, const struct json *b)
{
	int64_t m, n;
	double c, d;

	if (json_int64(a, &m) == 0 && json_int64(b, &n) == 0 &&
	    !__builtin_add_overflow(m, n, &m))
		json_w_int(w, m);
	else if (json_double(a, &c) == 0 && json_double(b, &d) == 0)
		json_w_double(w, c + d);
	else
		json_w_value(w, b);
}

static void
add_values(struct json_w *w, const struct json *a, const struct json *b)
{
	const struct json *v;

	if (json_is(a, JSON_NUMBER) && json_is(b, JSON_NUMBER)) {
		add_numbers(w, a, b);
		return;
	}
	if (!json_is(a, JSON_OBJECT) || !json_is(b, JSON_OBJECT)) {
		json_w_value(w, json_is_set(b) ? b : a);
		return;
	}
	json_w_obj(w);
	JSON_EACH(v, a) {
		json_w_keyn(w, json_name(v), json_name_len(v));
		add_values(w, v, json_getn(b, json_name(v),
		    json_name_len(v)));
	}
	JSON_EACH(v, b) {
		if (json_getn(a, json_name(v), json_name_len(v)) != NULL)
			continue;
		json_w_keyn(w, json_name(v), json_name_len(v));
		json_w_value(w, v);
	}
	json_w_obj_end(w);
}

void
usage_add(struct buf *out, const struct json *a, const struct json *b)
{
	struct json_w w;

	json_w_init(&w, out);
	add_values(&w, a, b);
}
