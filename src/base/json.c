/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json.c - JSON values looked at */

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_priv.h"
#include "base/mem.h"

enum json_type
json_type(const struct json *v)
{
	return v == NULL ? JSON_NULL : (enum json_type)v->type;
}

bool
json_is(const struct json *v, enum json_type type)
{
	return v != NULL && v->type == type;
}

bool
json_is_set(const struct json *v)
{
	return v != NULL && v->type != JSON_NULL;
}

bool
json_is_bool(const struct json *v)
{
	return json_is(v, JSON_TRUE) || json_is(v, JSON_FALSE);
}

static bool
is_text(const struct json *v)
{
	return json_is(v, JSON_STRING) || json_is(v, JSON_NUMBER);
}

static bool
is_container(const struct json *v)
{
	return json_is(v, JSON_ARRAY) || json_is(v, JSON_OBJECT);
}

const char *
json_str(const struct json *v)
{
	return is_text(v) ? v->u.str : NULL;
}

size_t
json_len(const struct json *v)
{
	return v == NULL ? 0 : v->len;
}

bool
json_streq(const struct json *v, const char *s)
{
	size_t len = strlen(s);

	return json_is(v, JSON_STRING) && v->len == len &&
	    memcmp(v->u.str, s, len) == 0;
}

bool
json_lists(const struct json *list, const char *s)
{
	const struct json *v;

	JSON_EACH(v, list)
		if (json_streq(v, s))
			return true;
	return false;
}

bool
json_bool(const struct json *v, bool otherwise)
{
	return json_is_bool(v) ? v->type == JSON_TRUE : otherwise;
}

/*
 * A program that has called setlocale() may have another decimal point, at
 * which strtod() then stops.
 */
double
json_strtod(const char *text)
{
	struct buf b = BUF_INIT;
	char *end;
	double d = strtod(text, &end);

	if (*end == '\0')
		return d;
	buf_add(&b, text, (size_t)(end - text));
	buf_adds(&b, localeconv()->decimal_point);
	buf_adds(&b, end + 1);
	d = strtod(b.data, NULL);
	buf_clear(&b);
	return d;
}

int
json_double(const struct json *v, double *out)
{
	double d;

	if (!json_is(v, JSON_NUMBER))
		return -1;
	d = json_strtod(v->u.str);
	if (!isfinite(d))
		return -1;
	*out = d;
	return 0;
}

int
json_int64(const struct json *v, int64_t *out)
{
	long long n;
	char *end;
	double d;

	if (!json_is(v, JSON_NUMBER))
		return -1;
	errno = 0;
	n = strtoll(v->u.str, &end, 10);
	if (*end == '\0') {
		if (errno == ERANGE)
			return -1;
		*out = n;
		return 0;
	}
	/* 2^63 is a double, INT64_MAX is none */
	if (json_double(v, &d) == -1 || d != floor(d) ||
	    d < -0x1p63 || d >= 0x1p63)
		return -1;
	*out = (int64_t)d;
	return 0;
}

const struct json *
json_first(const struct json *v)
{
	return is_container(v) ? v->u.first : NULL;
}

const struct json *
json_next(const struct json *v)
{
	return v == NULL ? NULL : v->next;
}

const char *
json_name(const struct json *v)
{
	return v == NULL ? NULL : v->name;
}

size_t
json_name_len(const struct json *v)
{
	return v == NULL || v->name == NULL ? 0 : v->name_len;
}

const struct json *
json_getn(const struct json *obj, const char *name, size_t len)
{
	const struct json *v;

	if (!json_is(obj, JSON_OBJECT))
		return NULL;
	for (v = obj->u.first; v != NULL; v = v->next)
		if (v->name_len == len && v->name[0] == name[0] &&
		    memcmp(v->name, name, len) == 0)
			return v;
	return NULL;
}

const struct json *
json_path(const struct json *obj, ...)
{
	const char *name;
	va_list ap;

	va_start(ap, obj);
	while (obj != NULL && (name = va_arg(ap, const char *)) != NULL)
		obj = json_get(obj, name);
	va_end(ap);
	return obj;
}

const char *
json_get_str(const struct json *obj, const char *name)
{
	const struct json *v = json_get(obj, name);

	return json_is(v, JSON_STRING) ? v->u.str : NULL;
}

const struct json *
json_at(const struct json *array, size_t i)
{
	const struct json *v;

	if (!json_is(array, JSON_ARRAY) || i >= array->len)
		return NULL;
	for (v = array->u.first; i > 0; i--)
		v = v->next;
	return v;
}

bool
json_same_name(const struct json *a, const struct json *b)
{
	return a->name_len == b->name_len &&
	    memcmp(a->name, b->name, a->name_len) == 0;
}

static int
slot_cmp(const void *va, const void *vb)
{
	const struct json_slot *a = va, *b = vb;
	int r;

	if (a->node->name_len != b->node->name_len)
		return a->node->name_len < b->node->name_len ? -1 : 1;
	r = memcmp(a->node->name, b->node->name, a->node->name_len);
	if (r != 0)
		return r;
	return a->order < b->order ? -1 : a->order > b->order;
}

struct json_slot *
json_sorted(const struct json *obj)
{
	struct json_slot *slots = xreallocarray(NULL, obj->len, sizeof *slots);
	struct json *v;
	size_t n = 0;

	for (v = obj->u.first; v != NULL; v = v->next, n++)
		slots[n] = (struct json_slot){ v, n };
	qsort(slots, n, sizeof *slots, slot_cmp);
	return slots;
}

static bool
large_equal(const struct json *a, const struct json *b)
{
	struct json_slot *as = json_sorted(a), *bs = json_sorted(b);
	bool same = true;
	size_t i;

	for (i = 0; same && i < a->len; i++)
		same = json_same_name(as[i].node, bs[i].node) &&
		    json_equal(as[i].node, bs[i].node);
	free(as);
	free(bs);
	return same;
}

static bool
object_equal(const struct json *a, const struct json *b)
{
	const struct json *v, *w;

	if (a->len > JSON_SMALL)
		return large_equal(a, b);
	for (v = a->u.first; v != NULL; v = v->next) {
		w = json_getn(b, v->name, v->name_len);
		if (w == NULL || !json_equal(v, w))
			return false;
	}
	return true;
}

static bool
array_equal(const struct json *a, const struct json *b)
{
	const struct json *v, *w = b->u.first;

	for (v = a->u.first; v != NULL; v = v->next, w = w->next)
		if (!json_equal(v, w))
			return false;
	return true;
}

bool
json_equal(const struct json *a, const struct json *b)
{
	if (a == b)
		return true;
	if (a == NULL || b == NULL || a->type != b->type)
		return false;
	if (a->type == JSON_NUMBER)
		return json_strtod(a->u.str) == json_strtod(b->u.str);
	if (a->len != b->len)
		return false;
	switch ((enum json_type)a->type) {
	case JSON_STRING:
		return memcmp(a->u.str, b->u.str, a->len) == 0;
	case JSON_ARRAY:
		return array_equal(a, b);
	case JSON_OBJECT:
		return object_equal(a, b);
	default:
		return true;
	}
}
