/* SPDX-License-Identifier: GPL-3.0-or-later */
/* syntax.c - reads a line of code from left to right */

#include <ctype.h>
#include <string.h>

#include "base/attr.h"
#include "ui/runs.h"
#include "ui/style.h"
#include "ui/syntax_priv.h"

enum { WORD_MAX = 32 };		/* bytes of a word that is looked up */

struct scan {
	struct syntax *sx;
	const char *s;
	size_t len, at;
	bool begun;		/* something but blanks came */
	struct runs *out;
};

static const unsigned looks[] = {
	[WHAT_COMMENT] = STYLE_BIT(COMMENT),
	[WHAT_STRING] = STYLE_BIT(STRING),
	[WHAT_TYPE] = STYLE_BIT(TYPE),
};

/* Is the word in " one two three "? */
static bool
has_word(const char *list, const char *word, size_t len, bool nocase)
{
	char key[WORD_MAX + 3];

	if (list == NULL || len == 0 || len > WORD_MAX)
		return false;
	key[0] = ' ';
	for (size_t i = 0; i < len; i++)
		key[i + 1] = nocase ? (char)toupper((unsigned char)word[i]) :
		    word[i];
	key[len + 1] = ' ';
	key[len + 2] = '\0';
	return memchr(word, ' ', len) == NULL && strstr(list, key) != NULL;
}

void
syntax_begin(struct syntax *sx, const char *info, size_t len)
{
	char name[WORD_MAX];
	size_t n = 0;

	*sx = (struct syntax){ .lang = NULL };
	while (n < len && n < sizeof(name) &&
	    strchr(" \t{,:=", info[n]) == NULL) {
		name[n] = (char)tolower((unsigned char)info[n]);
		n++;
	}
	for (size_t i = 0; i < syntax_lang_count; i++)
		if (has_word(syntax_langs[i].names, name, n, false)) {
			sx->lang = &syntax_langs[i];
			return;
		}
}

/* ------------------------------------------------------------- one piece */

static void
put(struct scan *sc, size_t n, unsigned bits)
{
	if (n > sc->len - sc->at)
		n = sc->len - sc->at;
	runs_add(sc->out, sc->s + sc->at, n, bits, 0);
	sc->at += n;
}

static bool
starts(const struct scan *sc, size_t at, const char *with)
{
	size_t n = strlen(with);

	return sc->len - at >= n && memcmp(sc->s + at, with, n) == 0;
}

static bool
is_word(const struct scan *sc, size_t at)
{
	unsigned char c;

	if (at >= sc->len)
		return false;
	c = (unsigned char)sc->s[at];
	return isalnum(c) || c == '_' || c >= 0x80 || (c == '-' &&
	    (sc->sx->tag || (sc->sx->lang->flags & LANG_DASH) != 0));
}

static size_t
word_end(const struct scan *sc, size_t at)
{
	while (is_word(sc, at))
		at++;
	return at;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What stands behind, blanks apart; NUL at the end. */
static char
next_of(const struct scan *sc, size_t at)
{
	while (at < sc->len && is_blank(sc->s[at]))
		at++;
	return at < sc->len ? sc->s[at] : '\0';
}

/* ----------------------------------------------------------------- spans */

/* From sc->at to behind the close of the span, or the end of the line. */
static void
put_span(struct scan *sc, const struct syntax_span *span, size_t skip,
    unsigned bits)
{
	size_t at = sc->at + skip;

	sc->sx->open = (span->how & SPAN_LINES) != 0 ? span : NULL;
	while (at < sc->len && span->close != NULL) {
		if (span->escape != 0 && sc->s[at] == span->escape) {
			at += 2;
		} else if (starts(sc, at, span->close)) {
			at += strlen(span->close);
			sc->sx->open = NULL;
			put(sc, at - sc->at, bits);
			return;
		} else {
			at++;
		}
	}
	put(sc, sc->len - sc->at, bits);
}

/* 'x' or '\n', and not the ' of a lifetime or of a digit's group. */
static bool
is_char(const struct scan *sc)
{
	size_t at = sc->at + 1;

	if (at < sc->len && sc->s[at] == '\\')
		return true;
	while (++at < sc->len && ((unsigned char)sc->s[at] & 0xc0) == 0x80)
		;
	return at < sc->len && sc->s[at] == '\'' &&
	    !(sc->at > 0 && isalnum((unsigned char)sc->s[sc->at - 1]));
}

static bool
span_begins(const struct scan *sc, const struct syntax_span *span)
{
	unsigned how = span->how;

	if (!starts(sc, sc->at, span->open))
		return false;
	if ((how & SPAN_BLANK) != 0 && sc->at > 0 &&
	    !is_blank(sc->s[sc->at - 1]))
		return false;
	if ((how & SPAN_FIRST) != 0 && sc->begun)
		return false;
	if ((how & SPAN_CHAR) != 0 && !is_char(sc))
		return false;
	return (sc->sx->lang->flags & LANG_TAGS) == 0 ||
	    ((how & SPAN_TAG) != 0) == sc->sx->tag;
}

/* Is what was put last from `from` on a key: "name": or name = ? */
static bool
is_key(const struct scan *sc, size_t end)
{
	unsigned flags = sc->sx->lang->flags;
	char next = next_of(sc, end);

	return ((flags & LANG_COLON) != 0 && next == ':') ||
	    ((flags & LANG_EQUALS) != 0 && next == '=' && !sc->begun);
}

/* Where a string that begins at sc->at ends, if it ends in this line. */
static size_t
string_end(const struct scan *sc, const struct syntax_span *span)
{
	size_t at = sc->at + strlen(span->open);

	for (; at < sc->len; at++) {
		if (span->escape != 0 && sc->s[at] == span->escape)
			at++;
		else if (starts(sc, at, span->close))
			return at + strlen(span->close);
	}
	return sc->len;
}

static bool
take_span(struct scan *sc)
{
	const struct syntax_span *span = sc->sx->lang->spans;

	for (size_t i = 0; i < SYNTAX_SPANS && span[i].open != NULL; i++) {
		unsigned bits = looks[span[i].what];

		if (!span_begins(sc, &span[i]))
			continue;
		if (span[i].what == WHAT_STRING && span[i].close != NULL &&
		    is_key(sc, string_end(sc, &span[i])))
			bits = STYLE_BIT(KEYWORD);
		put_span(sc, &span[i], strlen(span[i].open), bits);
		return true;
	}
	return false;
}

/* ----------------------------------------------------------------- words */

static bool
take_word(struct scan *sc)
{
	const struct syntax_lang *lang = sc->sx->lang;
	size_t end = word_end(sc, sc->at), n = end - sc->at;
	const char *word = sc->s + sc->at;
	bool nocase = (lang->flags & LANG_NOCASE) != 0;
	bool first = (lang->flags & LANG_FIRST) == 0 || !sc->begun;
	unsigned bits = 0;

	if (n == 0)
		return false;
	if (isdigit((unsigned char)word[0])) {
		while (end + 1 < sc->len && sc->s[end] == '.' &&
		    is_word(sc, end + 1))
			end = word_end(sc, end + 1);
		bits = STYLE_BIT(NUMBER);
		n = end - sc->at;
	} else if (first && has_word(lang->keywords, word, n, nocase)) {
		bits = STYLE_BIT(KEYWORD);
	} else if (sc->sx->tag || has_word(lang->types, word, n, nocase)) {
		bits = STYLE_BIT(TYPE);
	} else if (is_key(sc, end)) {
		bits = STYLE_BIT(KEYWORD);
	}
	put(sc, n, bits);
	return true;
}

/* $name ${name} $(name), @name, #include, [section] */
static bool
take_sign(struct scan *sc)
{
	unsigned flags = sc->sx->lang->flags;
	char c = sc->s[sc->at], next = sc->at + 1 < sc->len ?
	    sc->s[sc->at + 1] : '\0';
	size_t end = word_end(sc, sc->at + 1);

	if (c == '$' && (flags & LANG_DOLLAR) != 0) {
		const char *close = next == '{' ? "}" : next == '(' ? ")" :
		    NULL;
		if (close != NULL && next == '{') {
			while (end < sc->len && sc->s[end] != '}')
				end++;
			end += end < sc->len;
		} else if (close != NULL) {
			end = sc->at + 2;
		} else if (end == sc->at + 1 && next != '\0') {
			end++;		/* $@ $1 $? */
		}
		put(sc, end - sc->at, STYLE_BIT(TYPE));
		return true;
	}
	if (end > sc->at + 1 && ((c == '@' && (flags & LANG_AT) != 0) ||
	    (c == '#' && (flags & LANG_HASH) != 0 && !sc->begun))) {
		put(sc, end - sc->at, STYLE_BIT(KEYWORD));
		return true;
	}
	if (c == '[' && (flags & LANG_SECTION) != 0 && !sc->begun) {
		const char *close = memchr(sc->s + sc->at, ']',
		    sc->len - sc->at);
		put(sc, close == NULL ? sc->len - sc->at :
		    (size_t)(close - sc->s) + 1 - sc->at, STYLE_BIT(TYPE));
		return true;
	}
	return false;
}

/* <name, </name and > */
static bool
take_tag(struct scan *sc)
{
	size_t at = sc->at + 1;

	if ((sc->sx->lang->flags & LANG_TAGS) == 0)
		return false;
	if (sc->sx->tag && sc->s[sc->at] == '>') {
		sc->sx->tag = false;
		put(sc, 1, STYLE_BIT(KEYWORD));
		return true;
	}
	if (sc->s[sc->at] != '<' || at >= sc->len ||
	    (strchr("/!?", sc->s[at]) == NULL &&
	    !isalpha((unsigned char)sc->s[at])))
		return false;
	sc->sx->tag = true;
	at += strchr("/!?", sc->s[at]) != NULL;
	while (is_word(sc, at) || (at < sc->len && sc->s[at] == ':'))
		at++;
	put(sc, at - sc->at, STYLE_BIT(KEYWORD));
	return true;
}

/* ------------------------------------------------------------------ lines */

static void
step(struct scan *sc)
{
	bool text = (sc->sx->lang->flags & LANG_TAGS) != 0 && !sc->sx->tag;
	size_t from = sc->at;

	if (is_blank(sc->s[sc->at])) {
		put(sc, 1, 0);
		return;
	}
	if (!take_span(sc) && !take_tag(sc) && !take_sign(sc) &&
	    (text || !take_word(sc)))
		put(sc, 1, 0);
	/* the - of a list leaves the key behind it the first of its line */
	if (!(sc->at == from + 1 && sc->s[from] == '-'))
		sc->begun = true;
}

void
syntax_line(struct syntax *sx, const char *line, size_t len,
    struct runs *out)
{
	struct scan sc = { .sx = sx, .s = line, .len = len, .out = out };

	if (sx->lang == NULL) {
		runs_add(out, line, len, STYLE_BIT(CODE), 0);
		return;
	}
	if (sx->lang->line != NULL) {
		sx->lang->line(line, len, out);
		return;
	}
	if (sx->open != NULL)
		put_span(&sc, sx->open, 0, looks[sx->open->what]);
	while (sc.at < len)
		step(&sc);
}
