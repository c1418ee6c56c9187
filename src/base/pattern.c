/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pattern.c - regular expressions from strangers */

#include <regex.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/pattern.h"
#include "base/utf8.h"

enum {
	GROUPS_MAX = 32,	/* nested */
	SIZE_LIMIT = 10000,	/* atoms after repetitions are written out */
};

struct pattern {
	regex_t re;
};

/*
 * regcomp() writes x{3} out as xxx, so that ((x{99}){99}){99} would take all
 * memory: sizes[] counts the atoms of each open group.
 */
struct translation {
	const char *p;
	struct buf out;
	size_t sizes[GROUPS_MAX + 1];
	size_t depth;
	size_t last;		/* atoms of what a quantifier would repeat */
};

static const struct {
	char letter;
	const char *inside;	/* brackets; NULL: not possible there */
	const char *outside;
} classes[] = {
	{ 'd', "0-9", "[0-9]" },
	{ 'D', NULL, "[^0-9]" },
	{ 'w', "A-Za-z0-9_", "[A-Za-z0-9_]" },
	{ 'W', NULL, "[^A-Za-z0-9_]" },
	{ 's', "[:space:]", "[[:space:]]" },
	{ 'S', NULL, "[^[:space:]]" },
	{ 'b', NULL, "\\b" },
	{ 'B', NULL, "\\B" },
};

static int
add_atoms(struct translation *t, size_t n)
{
	t->last = n;
	t->sizes[t->depth] += n;
	return t->sizes[t->depth] > SIZE_LIMIT ? -1 : 0;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character that an escape stands for; t->p is behind the backslash. */
static int
escaped_char(struct translation *t, uint32_t *cp)
{
	static const char from[] = "ntrfv", to[] = "\n\t\r\f\v";
	char c = *t->p;
	const char *at = c == '\0' ? NULL : strchr(from, c);
	int digits = c == 'x' ? 2 : c == 'u' ? 4 : 0;

	if (c == '\0')
		return -1;
	t->p++;
	*cp = at == NULL ? (unsigned char)c : (unsigned char)to[at - from];
	if (digits > 0)
		*cp = 0;
	while (digits-- > 0) {
		int v = hex_value(*t->p);

		if (v == -1)
			return -1;
		*cp = *cp << 4 | (uint32_t)v;
		t->p++;
	}
	/* no other letter or digit is an escape, or it is a back reference */
	if (at == NULL && c != 'x' && c != 'u' && ((c >= '0' && c <= '9') ||
	    ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c & 0x80)))
		return -1;
	return *cp == 0 || (*cp >= 0xd800 && *cp <= 0xdfff) ? -1 : 0;
}

static const char *
class_text(char letter, bool inside)
{
	size_t i;

	for (i = 0; i < NELEM(classes); i++)
		if (classes[i].letter == letter)
			return inside ? classes[i].inside : classes[i].outside;
	return NULL;
}

static void
add_cp(struct buf *b, uint32_t cp)
{
	char out[4];

	buf_add(b, out, utf8_encode(cp, out));
}

static bool
is_one_of(uint32_t cp, const char *set)
{
	return cp > 0 && cp < 0x80 && strchr(set, (int)cp) != NULL;
}

static void
add_literal(struct buf *b, uint32_t cp)
{
	if (is_one_of(cp, ".[]{}()\\*+?^$|"))
		buf_addc(b, '\\');
	add_cp(b, cp);
}

static int
translate_escape(struct translation *t)
{
	const char *text = class_text(*t->p, false);
	uint32_t cp;

	if (text != NULL) {
		t->p++;
		buf_adds(&t->out, text);
		return add_atoms(t, 1);
	}
	if (escaped_char(t, &cp) == -1)
		return -1;
	add_literal(&t->out, cp);
	return add_atoms(t, 1);
}

/* --------------------------------------------------------------- brackets */

/*
 * POSIX has no escapes in brackets; "]" must stand first, "-" last, "^" not
 * first and "[" where no ":", "." or "=" follows.
 */
struct bracket {
	struct buf body;
	bool negated, close, open, caret, dash;
};

/* One character of a bracket; 1 if it was a class and is written already. */
static int
bracket_item(struct translation *t, struct bracket *b, uint32_t *cp)
{
	const char *text;

	if (*t->p == '\0')
		return -1;
	if (*t->p != '\\') {
		t->p += utf8_decode(t->p, strlen(t->p), cp);
		return 0;
	}
	t->p++;
	if (*t->p == 'b') {
		t->p++;
		*cp = '\b';
		return 0;
	}
	text = class_text(*t->p, true);
	if (text == NULL)
		return strchr("DWSB", *t->p) != NULL ? -1 :
		    escaped_char(t, cp);
	t->p++;
	buf_adds(&b->body, text);
	return 1;
}

static void
bracket_single(struct bracket *b, uint32_t cp)
{
	bool *const odd = cp == ']' ? &b->close : cp == '[' ? &b->open :
	    cp == '^' ? &b->caret : cp == '-' ? &b->dash : NULL;

	if (odd != NULL)
		*odd = true;
	else
		add_cp(&b->body, cp);
}

static int
bracket_body(struct translation *t, struct bracket *b)
{
	uint32_t from, to;

	while (*t->p != ']') {
		int r = bracket_item(t, b, &from);

		if (r == -1)
			return -1;
		if (r == 1)
			continue;
		if (t->p[0] != '-' || t->p[1] == ']' || t->p[1] == '\0') {
			bracket_single(b, from);
			continue;
		}
		t->p++;
		if (bracket_item(t, b, &to) != 0 || to < from ||
		    is_one_of(from, "[]^-") || is_one_of(to, "[]^-"))
			return -1;
		add_cp(&b->body, from);
		buf_addc(&b->body, '-');
		add_cp(&b->body, to);
	}
	t->p++;
	return 0;
}

static void
bracket_write(struct buf *out, const struct bracket *b)
{
	if (b->caret && !b->negated && !b->close && !b->open &&
	    b->body.len == 0) {
		buf_adds(out, b->dash ? "[-^]" : "\\^");
		return;
	}
	buf_adds(out, b->negated ? "[^" : "[");
	if (b->close)
		buf_addc(out, ']');
	buf_add(out, b->body.data, b->body.len);
	if (b->open)
		buf_addc(out, '[');
	if (b->caret)
		buf_addc(out, '^');
	if (b->dash)
		buf_addc(out, '-');
	buf_addc(out, ']');
}

static int
translate_bracket(struct translation *t)
{
	struct bracket b = { .body = BUF_INIT };
	int r = -1;

	if (*t->p == '^') {
		b.negated = true;
		t->p++;
	}
	/* [] and [^] mean nothing and everything, and nobody writes them */
	if (*t->p != ']')
		r = bracket_body(t, &b);
	if (r == 0)
		bracket_write(&t->out, &b);
	buf_clear(&b.body);
	return r == -1 ? -1 : add_atoms(t, 1);
}

/* ------------------------------------------------- groups and quantifiers */

static int
translate_open(struct translation *t)
{
	if (t->p[0] == '?') {
		if (t->p[1] != ':')
			return -1;
		t->p += 2;
	}
	if (t->depth == GROUPS_MAX)
		return -1;
	t->sizes[++t->depth] = 0;
	t->last = 0;
	buf_addc(&t->out, '(');
	return 0;
}

static int
translate_close(struct translation *t)
{
	if (t->depth == 0)
		return -1;
	buf_addc(&t->out, ')');
	t->depth--;
	return add_atoms(t, t->sizes[t->depth + 1] + 1);
}

/* Repeat the last atom n times in all; a "?" behind says "lazy". */
static int
repeat(struct translation *t, size_t n)
{
	if (t->last == 0 || n > SIZE_LIMIT)
		return -1;
	if (*t->p == '?')
		t->p++;
	if (n > 1 && add_atoms(t, t->last * (n - 1)) == -1)
		return -1;
	t->last = 0;
	return 0;
}

static int
translate_braces(struct translation *t)
{
	const char *start = t->p - 1;
	char *end;
	unsigned long lo, hi;

	if (*t->p < '0' || *t->p > '9')
		return -1;
	lo = hi = strtoul(t->p, &end, 10);
	if (*end == ',') {
		t->p = end + 1;
		if (*t->p >= '0' && *t->p <= '9')
			hi = strtoul(t->p, &end, 10);
		else
			end++;
	}
	if (*end != '}' || hi < lo)
		return -1;
	t->p = end + 1;
	buf_add(&t->out, start, (size_t)(t->p - start));
	return repeat(t, hi + 1);
}

static int
translate_next(struct translation *t)
{
	char c = *t->p++;

	switch (c) {
	case '\\':
		return translate_escape(t);
	case '[':
		return translate_bracket(t);
	case '(':
		return translate_open(t);
	case ')':
		return translate_close(t);
	case '{':
		return translate_braces(t);
	case '*':
	case '+':
	case '?':
		buf_addc(&t->out, c);
		return repeat(t, c == '+' ? 2 : 1);
	case ']':
	case '}':
		add_literal(&t->out, (unsigned char)c);
		return add_atoms(t, 1);
	case '^':
	case '$':
	case '|':
		buf_addc(&t->out, c);
		t->last = 0;
		return 0;
	}
	buf_addc(&t->out, c);
	return add_atoms(t, 1);
}

struct pattern *
pattern_new(const char *text, struct err *e)
{
	struct translation t = { .p = text, .out = BUF_INIT };
	struct pattern *p = xmalloc(sizeof *p);
	int r = strlen(text) > PATTERN_MAX ? -1 : 0;

	while (r == 0 && *t.p != '\0')
		r = translate_next(&t);
	if (r == 0 && t.depth == 0)
		r = regcomp(&p->re, t.out.data, REG_EXTENDED | REG_NOSUB);
	else
		r = -1;
	buf_clear(&t.out);
	if (r == 0)
		return p;
	free(p);
	err_set(e, ERR_CONFIG, "the pattern \"%.200s\" cannot be used", text);
	return NULL;
}

void
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	regfree(&p->re);
	free(p);
}

bool
pattern_match(const struct pattern *p, const char *s, size_t len)
{
	char *copy;
	bool match;

	if (len > PATTERN_SUBJECT_MAX || memchr(s, '\0', len) != NULL)
		return false;
	copy = xstrndup(s, len);
	match = regexec(&p->re, copy, 0, NULL, 0) == 0;
	free(copy);
	return match;
}
