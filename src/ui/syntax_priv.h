/* SPDX-License-Identifier: GPL-3.0-or-later */
/* syntax_priv.h - how a language is told of */

#ifndef UI_SYNTAX_PRIV_H
#define UI_SYNTAX_PRIV_H

#include <stddef.h>

#include "ui/syntax.h"

enum syntax_what {
	WHAT_COMMENT,
	WHAT_STRING,
	WHAT_TYPE,
};

enum syntax_how {
	SPAN_LINES = 1,		/* goes on over the end of a line */
	SPAN_BLANK = 2,		/* only at the start or behind a blank */
	SPAN_CHAR = 4,		/* one character, or an escape, between */
	SPAN_TAG = 8,		/* only inside a tag */
	SPAN_FIRST = 16,	/* only at the start of a line */
};

struct syntax_span {
	const char *open;
	const char *close;	/* NULL: the end of the line */
	char escape;		/* in front of what does not close; 0: none */
	enum syntax_what what;
	unsigned how;
};

enum syntax_flags {
	LANG_NOCASE = 1,	/* words, in capitals in the table */
	LANG_DASH = 2,		/* words have - in them */
	LANG_COLON = 4,		/* word: and "word": are keys */
	LANG_EQUALS = 8,	/* word = is one */
	LANG_DOLLAR = 16,	/* $name ${name} $(name) */
	LANG_AT = 32,		/* @name */
	LANG_HASH = 64,		/* #word at the start of a line */
	LANG_SECTION = 128,	/* [section] */
	LANG_TAGS = 256,
	LANG_FIRST = 512,	/* keywords are the first of a line */
};

typedef void syntax_line_fn(const char *line, size_t len, struct runs *out);

enum { SYNTAX_SPANS = 7 };

struct syntax_lang {
	const char *names;	/* " c h " */
	unsigned flags;
	const char *keywords;	/* " if else " */
	const char *types;	/* and constants */
	struct syntax_span spans[SYNTAX_SPANS];
	syntax_line_fn *line;	/* a line is all of one kind */
};

extern const struct syntax_lang syntax_langs[];
extern const size_t syntax_lang_count;

#endif
