/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_write.c - JSON into a buf, as JSON.stringify gives it */

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_priv.h"
#include "base/utf8.h"

void
json_w_init(struct json_w *w, struct buf *b)
{
	*w = (struct json_w){ .buf = b };
}

/* Before a key or a value; behind it something stands before the next. */
static void
separate(struct json_w *w)
{
	if (w->comma)
		buf_addc(w->buf, ',');
	w->comma = true;
}

static void
open_with(struct json_w *w, char c)
{
	separate(w);
	buf_addc(w->buf, c);
	w->comma = false;
}

static void
close_with(struct json_w *w, char c)
{
	buf_addc(w->buf, c);
	w->comma = true;
}

void
json_w_obj(struct json_w *w)
{
	open_with(w, '{');
}

void
json_w_obj_end(struct json_w *w)
{
	close_with(w, '}');
}

void
json_w_arr(struct json_w *w)
{
	open_with(w, '[');
}

void
json_w_arr_end(struct json_w *w)
{
	close_with(w, ']');
}

void
json_w_keyn(struct json_w *w, const char *name, size_t len)
{
	separate(w);
	json_add_quoted(w->buf, name, len);
	buf_addc(w->buf, ':');
	w->comma = false;
}

void
json_w_key(struct json_w *w, const char *name)
{
	json_w_keyn(w, name, strlen(name));
}

void
json_w_raw(struct json_w *w, const char *text, size_t len)
{
	separate(w);
	buf_add(w->buf, text, len);
}

void
json_w_null(struct json_w *w)
{
	json_w_raw(w, "null", 4);
}

void
json_w_bool(struct json_w *w, bool b)
{
	json_w_raw(w, b ? "true" : "false", b ? 4 : 5);
}

void
json_w_int(struct json_w *w, int64_t n)
{
	separate(w);
	buf_add_int(w->buf, n);
}

void
json_w_strn(struct json_w *w, const char *s, size_t len)
{
	separate(w);
	json_add_quoted(w->buf, s, len);
}

void
json_w_str(struct json_w *w, const char *s)
{
	if (s == NULL)
		json_w_null(w);
	else
		json_w_strn(w, s, strlen(s));
}

/* ---------------------------------------------------------------- strings */

static void
add_control(struct buf *b, unsigned char c)
{
	static const char letter[0x20] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
		['\r'] = 'r',
	};
	char two[2] = { '\\', c >= 0x20 ? (char)c : letter[c] };

	if (two[1] != 0)
		buf_add(b, two, 2);
	else
		buf_addf(b, "\\u%04x", c);
}

/*
 * The character at s that is not plain UTF-8 text: a surrogate, joined with
 * its other half where that follows, or bytes that are no character.
 */
static size_t
add_odd(struct buf *b, const char *s, size_t len)
{
	uint32_t cp, low;
	char out[4];
	size_t n = utf8_decode_wtf(s, len, &cp), m;

	if (cp == UTF8_REPLACEMENT) {
		buf_adds(b, "\xef\xbf\xbd");
		return n;
	}
	if (cp <= 0xdbff && n < len) {
		m = utf8_decode_wtf(s + n, len - n, &low);
		if (low >= 0xdc00 && low <= 0xdfff) {
			cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
			buf_add(b, out, utf8_encode(cp, out));
			return n + m;
		}
	}
	buf_addf(b, "\\u%04x", (unsigned)cp);
	return n;
}

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\' && c < 0x80;
}

enum { SHORT_MAX = 4096 };

/*
 * Most text is short and ASCII, and full of quotes where it is a body of
 * JSON: written in one go. false: it is not such, and nothing was added.
 */
static bool
add_ascii(struct buf *b, const char *s, size_t len)
{
	char *p = len > SHORT_MAX || b->max > 0 ? NULL :
	    buf_reserve(b, 2 * len + 2);
	size_t i;

	if (p == NULL)
		return false;
	*p++ = '"';
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < 0x20 || c >= 0x80) {
			b->data[b->len] = '\0';
			return false;
		}
		if (c == '"' || c == '\\')
			*p++ = '\\';
		*p++ = s[i];
	}
	*p++ = '"';
	*p = '\0';
	b->len = (size_t)(p - b->data);
	return true;
}

void
json_add_quoted(struct buf *b, const char *s, size_t len)
{
	size_t i = 0, run = 0, n;
	uint32_t cp;

	if (add_ascii(b, s, len))
		return;
	buf_addc(b, '"');
	while (i < len) {
		unsigned char c = (unsigned char)s[i];

		if (is_plain(c)) {
			i++;
			continue;
		}
		if (c >= 0x80) {
			n = utf8_decode(s + i, len - i, &cp);
			if (cp != UTF8_REPLACEMENT) {
				i += n;
				continue;
			}
		}
		buf_add(b, s + run, i - run);
		if (c >= 0x80)
			i += add_odd(b, s + i, len - i);
		else
			add_control(b, (unsigned char)s[i++]);
		run = i;
	}
	buf_add(b, s + run, len - run);
	buf_addc(b, '"');
}

/* ---------------------------------------------------------------- numbers */

enum { DIGITS_MAX = 17 };

/* The fewest digits that read back as d (> 0), as 0.DIGITS * 10^n. */
static int
shortest(double d, char digits[DIGITS_MAX + 1], int *n)
{
	char text[40];
	const char *p;
	int k, precision;

	for (precision = 0; precision < DIGITS_MAX; precision++) {
		snprintf(text, sizeof text, "%.*e", precision, d);
		if (strtod(text, NULL) == d)
			break;
	}
	/* whatever stands for the point in this locale is passed over */
	for (k = 0, p = text; *p != 'e'; p++)
		if (*p >= '0' && *p <= '9' && k < DIGITS_MAX)
			digits[k++] = *p;
	digits[k] = '\0';
	*n = (int)strtol(p + 1, NULL, 10) + 1;
	return k;
}

/* ECMA-262, Number::toString */
static void
add_double(struct buf *b, double d)
{
	char digits[DIGITS_MAX + 1];
	int k, n;

	if (d < 0) {
		buf_addc(b, '-');
		d = -d;
	}
	k = shortest(d, digits, &n);
	if (n > 21 || n < -5) {
		buf_addf(b, "%c%s%se%+d", digits[0], k > 1 ? "." : "",
		    digits + 1, n - 1);
	} else if (n <= 0) {
		buf_addf(b, "0.%.*s%s", -n, "00000", digits);
	} else if (n < k) {
		buf_addf(b, "%.*s.%s", n, digits, digits + n);
	} else {
		buf_addf(b, "%s%.*s", digits, n - k, "00000000000000000000");
	}
}

void
json_w_double(struct json_w *w, double d)
{
	if (!isfinite(d)) {
		json_w_null(w);
		return;
	}
	separate(w);
	if (d == 0)
		buf_addc(w->buf, '0');
	else
		add_double(w->buf, d);
}

/* ----------------------------------------------------------------- values */

static void
write_container(struct json_w *w, const struct json *v)
{
	const struct json *child;
	bool object = v->type == JSON_OBJECT;

	open_with(w, object ? '{' : '[');
	JSON_EACH(child, v) {
		if (object)
			json_w_keyn(w, child->name, child->name_len);
		json_w_value(w, child);
	}
	close_with(w, object ? '}' : ']');
}

void
json_w_value(struct json_w *w, const struct json *v)
{
	switch (json_type(v)) {
	case JSON_NULL:
		json_w_null(w);
		break;
	case JSON_FALSE:
	case JSON_TRUE:
		json_w_bool(w, v->type == JSON_TRUE);
		break;
	case JSON_NUMBER:
		json_w_raw(w, v->u.str, v->len);
		break;
	case JSON_STRING:
		json_w_strn(w, v->u.str, v->len);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		write_container(w, v);
		break;
	}
}

void
json_w_kstr(struct json_w *w, const char *name, const char *s)
{
	json_w_key(w, name);
	json_w_str(w, s);
}

void
json_w_kstrn(struct json_w *w, const char *name, const char *s, size_t len)
{
	json_w_key(w, name);
	json_w_strn(w, s, len);
}

void
json_w_kint(struct json_w *w, const char *name, int64_t n)
{
	json_w_key(w, name);
	json_w_int(w, n);
}

void
json_w_kbool(struct json_w *w, const char *name, bool b)
{
	json_w_key(w, name);
	json_w_bool(w, b);
}

void
json_w_knull(struct json_w *w, const char *name)
{
	json_w_key(w, name);
	json_w_null(w);
}

void
json_w_kvalue(struct json_w *w, const char *name, const struct json *v)
{
	json_w_key(w, name);
	json_w_value(w, v);
}

void
json_w_kraw(struct json_w *w, const char *name, const char *text)
{
	json_w_key(w, name);
	if (text == NULL)
		json_w_null(w);
	else
		json_w_raw(w, text, strlen(text));
}

char *
json_text(const struct json *v)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_value(&w, v);
	return buf_take(&b);
}
