/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_partial.c - JSON that stops anywhere, repaired (ui-message-stream 6) */

/*
 * The rules are given in UTF-16 units. A unit that is not ASCII is never
 * looked into, so a character counts as one step, or as two where UTF-16
 * needs two: a number is ended by the first half, and the second half is what
 * then stands in the array.
 */

#include <string.h>

#include "base/buf.h"
#include "base/json_priv.h"
#include "base/utf8.h"

enum context {
	CTX_ROOT,
	CTX_FINISH,
	CTX_OBJECT_START,
	CTX_OBJECT_COMMA,
	CTX_OBJECT_KEY,
	CTX_OBJECT_AFTER_KEY,
	CTX_OBJECT_BEFORE_VALUE,
	CTX_OBJECT_AFTER_VALUE,
	CTX_ARRAY_START,
	CTX_ARRAY_COMMA,
	CTX_ARRAY_AFTER_VALUE,
	CTX_STRING,
	CTX_ESCAPE,
	CTX_UNICODE,
	CTX_NUMBER,
	CTX_LITERAL,
};

enum { NOT_ASCII = 0x80 };

struct fix {
	const char *text;
	size_t len;
	size_t at;		/* end of the unit that is looked at */
	size_t good;		/* length of what is kept */
	size_t literal;		/* where the literal began */
	int hex;		/* digits of a \u escape so far */
	struct buf stack;	/* contexts, one byte each */
};

static enum context
top(const struct fix *f)
{
	return (enum context)f->stack.data[f->stack.len - 1];
}

static void
replace(struct fix *f, enum context c)
{
	f->stack.data[f->stack.len - 1] = (char)c;
}

static void
push(struct fix *f, enum context c)
{
	buf_addc(&f->stack, (char)c);
}

static void
pop(struct fix *f)
{
	buf_cut(&f->stack, f->stack.len - 1);
}

static void
good(struct fix *f)
{
	f->good = f->at;
}

static void
good_pop(struct fix *f)
{
	good(f);
	pop(f);
}

static void
enter(struct fix *f, enum context follows, enum context value)
{
	replace(f, follows);
	push(f, value);
}

static bool
is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* A value may start here. */
static void
value_start(struct fix *f, unsigned char c, enum context follows)
{
	enum context value;

	if (c == '"')
		value = CTX_STRING;
	else if (c == '{')
		value = CTX_OBJECT_START;
	else if (c == '[')
		value = CTX_ARRAY_START;
	else if (c == 't' || c == 'f' || c == 'n')
		value = CTX_LITERAL;
	else if (is_digit(c) || c == '-')
		value = CTX_NUMBER;
	else
		return;
	if (value == CTX_LITERAL)
		f->literal = f->at - 1;
	if (c != '-')
		good(f);
	enter(f, follows, value);
}

static void
after_value(struct fix *f, unsigned char c)
{
	if (top(f) == CTX_OBJECT_AFTER_VALUE) {
		if (c == ',')
			replace(f, CTX_OBJECT_COMMA);
		else if (c == '}')
			good_pop(f);
	} else if (top(f) == CTX_ARRAY_AFTER_VALUE) {
		if (c == ',')
			replace(f, CTX_ARRAY_COMMA);
		else if (c == ']')
			good_pop(f);
	}
}

static void
in_number(struct fix *f, unsigned char c)
{
	if (is_digit(c)) {
		good(f);
		return;
	}
	if (c == 'e' || c == 'E' || c == '-' || c == '.')
		return;
	pop(f);
	if (c == ',' || (c == '}' && top(f) == CTX_OBJECT_AFTER_VALUE) ||
	    (c == ']' && top(f) == CTX_ARRAY_AFTER_VALUE))
		after_value(f, c);
}

/* The word that the literal is, or NULL if it has become none. */
static const char *
literal_word(const struct fix *f)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t i, n = f->at - f->literal;

	for (i = 0; i < NELEM(words); i++)
		if (n <= strlen(words[i]) &&
		    memcmp(f->text + f->literal, words[i], n) == 0)
			return words[i];
	return NULL;
}

static void
in_literal(struct fix *f, unsigned char c)
{
	if (literal_word(f) != NULL) {
		good(f);
		return;
	}
	pop(f);
	after_value(f, c);
}

static void
in_string(struct fix *f, unsigned char c)
{
	if (c == '"')
		good_pop(f);
	else if (c == '\\')
		push(f, CTX_ESCAPE);
	else
		good(f);
}

static void
in_escape(struct fix *f, unsigned char c)
{
	pop(f);
	if (c == 'u') {
		f->hex = 0;
		push(f, CTX_UNICODE);
	} else {
		good(f);
	}
}

static void
in_unicode(struct fix *f, unsigned char c)
{
	if (!is_digit(c) && !((c | 0x20) >= 'a' && (c | 0x20) <= 'f'))
		return;
	if (++f->hex == 4)
		good_pop(f);
}

static void
in_object(struct fix *f, unsigned char c)
{
	enum context now = top(f);

	if (now == CTX_OBJECT_KEY) {
		/* a backslash is not special here */
		if (c == '"')
			replace(f, CTX_OBJECT_AFTER_KEY);
	} else if (now == CTX_OBJECT_AFTER_KEY) {
		if (c == ':')
			replace(f, CTX_OBJECT_BEFORE_VALUE);
	} else if (c == '"') {
		replace(f, CTX_OBJECT_KEY);
	} else if (c == '}' && now == CTX_OBJECT_START) {
		good_pop(f);
	}
}

static void
step(struct fix *f, unsigned char c)
{
	switch (top(f)) {
	case CTX_ROOT:
		value_start(f, c, CTX_FINISH);
		break;
	case CTX_FINISH:
		break;
	case CTX_OBJECT_START:
	case CTX_OBJECT_COMMA:
	case CTX_OBJECT_KEY:
	case CTX_OBJECT_AFTER_KEY:
		in_object(f, c);
		break;
	case CTX_OBJECT_BEFORE_VALUE:
		value_start(f, c, CTX_OBJECT_AFTER_VALUE);
		break;
	case CTX_ARRAY_START:
		if (c == ']') {
			good_pop(f);
			break;
		}
		value_start(f, c, CTX_ARRAY_AFTER_VALUE);
		break;
	case CTX_ARRAY_COMMA:
		value_start(f, c, CTX_ARRAY_AFTER_VALUE);
		break;
	case CTX_OBJECT_AFTER_VALUE:
	case CTX_ARRAY_AFTER_VALUE:
		/* anything else is kept, and makes the parse fail */
		if (top(f) == CTX_ARRAY_AFTER_VALUE && c != ',' && c != ']')
			good(f);
		after_value(f, c);
		break;
	case CTX_STRING:
		in_string(f, c);
		break;
	case CTX_ESCAPE:
		in_escape(f, c);
		break;
	case CTX_UNICODE:
		in_unicode(f, c);
		break;
	case CTX_NUMBER:
		in_number(f, c);
		break;
	case CTX_LITERAL:
		in_literal(f, c);
		break;
	}
}

/* The rest of a string is most of what comes: pass over it in one go. */
static bool
skip_string(struct fix *f)
{
	size_t n;

	if (top(f) != CTX_STRING)
		return false;
	for (n = f->at; n < f->len; n++)
		if (f->text[n] == '"' || f->text[n] == '\\')
			break;
	if (n == f->at)
		return false;
	f->at = n;
	good(f);
	return true;
}

static void
scan(struct fix *f)
{
	uint32_t cp;

	while (f->at < f->len) {
		unsigned char c = (unsigned char)f->text[f->at];

		if (skip_string(f))
			continue;
		if (c < NOT_ASCII) {
			f->at++;
			step(f, c);
			continue;
		}
		f->at += utf8_decode_wtf(f->text + f->at, f->len - f->at, &cp);
		step(f, NOT_ASCII);
		if (cp >= 0x10000)
			step(f, NOT_ASCII);
	}
}

/* What is kept, and what closes it. */
static void
finish(struct fix *f, struct buf *out)
{
	buf_add(out, f->text, f->good);
	for (; f->stack.len > 0; pop(f)) {
		enum context c = top(f);

		if (c == CTX_STRING)
			buf_addc(out, '"');
		else if (c >= CTX_OBJECT_START && c <= CTX_OBJECT_AFTER_VALUE)
			buf_addc(out, '}');
		else if (c >= CTX_ARRAY_START && c <= CTX_ARRAY_AFTER_VALUE)
			buf_addc(out, ']');
		else if (c == CTX_LITERAL)
			buf_adds(out, literal_word(f) + f->at - f->literal);
	}
}

enum json_partial
json_parse_partial(const char *text, size_t len, struct json_doc **out)
{
	const unsigned flags = JSON_REFUSE_PROTO | JSON_TAKE_WTF8;
	struct fix f = { .text = text, .len = len, .stack = BUF_INIT };
	struct buf fixed = BUF_INIT;

	*out = json_parse(text, len, flags, NULL);
	if (*out != NULL)
		return JSON_PARTIAL_WHOLE;
	push(&f, CTX_ROOT);
	scan(&f);
	finish(&f, &fixed);
	buf_clear(&f.stack);
	*out = json_parse(fixed.data, fixed.len, flags, NULL);
	buf_clear(&fixed);
	return *out == NULL ? JSON_PARTIAL_FAILED : JSON_PARTIAL_REPAIRED;
}
