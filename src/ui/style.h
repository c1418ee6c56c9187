/* SPDX-License-Identifier: GPL-3.0-or-later */
/* style.h - what a terminal can, and named styles as its bytes */

/*
 * A struct style is a terminal's abilities, found once from a descriptor and
 * the environment (NO_COLOR, CLICOLOR_FORCE, TERM, COLORTERM, COLUMNS).
 * With sgr off every function below writes nothing, so that callers need no
 * second way for plain output.
 *
 * With marks on, styles and links are written for ui/grid and not for a
 * terminal: STYLE_MARK and four bytes with 6 bits each (| 0x40), or
 * STYLE_MARK_LINK, URL (none: the end), STYLE_MARK_LINK. Safe text has
 * neither byte, so nobody can forge one.
 *
 * Styles are bits and combine: STYLE_BIT(BOLD) | STYLE_BIT(CODE).
 */

#ifndef UI_STYLE_H
#define UI_STYLE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum {
	STYLE_MARK = 0x0e,
	STYLE_MARK_LEN = 5,
	STYLE_MARK_LINK = 0x0f,
};

enum style_depth {
	STYLE_MONO,	/* bold, underline and such, but no colour */
	STYLE_16,
	STYLE_256,
	STYLE_TRUE,
};

struct style {
	bool tty;	/* the descriptor is a terminal */
	bool dumb;	/* it cannot move its cursor (or is none) */
	bool sgr;	/* it takes styles */
	bool links;	/* it takes OSC 8 */
	bool light;	/* its background is light */
	bool marks;	/* write marks, not sequences: see below */
	enum style_depth depth;
	enum style_depth best;	/* what it can, if depth was made less */
	size_t columns;	/* never 0 */
	size_t rows;
};

/*
 * name, attributes, colour: of 16, of 256, true (-1 = none); of 256 and true
 * on a light background
 */
#define STYLES(X)							\
	X(BOLD,		"1",	-1,	-1,	-1,		-1,	-1)	\
	X(DIM,		"2",	-1,	-1,	-1,		-1,	-1)	\
	X(ITALIC,	"3",	-1,	-1,	-1,		-1,	-1)	\
	X(UNDERLINE,	"4",	-1,	-1,	-1,		-1,	-1)	\
	X(REVERSE,	"7",	-1,	-1,	-1,		-1,	-1)	\
	X(STRIKE,	"9",	-1,	-1,	-1,		-1,	-1)	\
	X(CODE,		"",	36,	80,	0x56b6c2,	30,	0x0b7285) \
	X(HEADING,	"1",	35,	176,	0xc678dd,	90,	0x862e9c) \
	X(LINK,		"4",	34,	75,	0x61afef,	25,	0x1864ab) \
	X(QUOTE,	"",	32,	108,	0x8fb573,	64,	0x4b6b2f) \
	X(MARKER,	"",	33,	179,	0xd19a66,	130,	0x9c5a1a) \
	X(PROMPT,	"1",	32,	114,	0x98c379,	28,	0x2b8a3e) \
	X(TOOL,		"",	35,	140,	0xa38cd6,	97,	0x6741d9) \
	X(OK,		"",	32,	114,	0x98c379,	28,	0x2b8a3e) \
	X(WARN,		"",	33,	179,	0xe5c07b,	130,	0x9c5a1a) \
	X(ERROR,	"1",	31,	203,	0xe06c75,	160,	0xc92a2a) \
	X(ADD,		"",	32,	114,	0x98c379,	28,	0x2b8a3e) \
	X(DEL,		"",	31,	203,	0xe06c75,	160,	0xc92a2a) \
	X(KEYWORD,	"",	35,	176,	0xc678dd,	90,	0x862e9c) \
	X(STRING,	"",	32,	114,	0x98c379,	28,	0x2b8a3e) \
	X(NUMBER,	"",	33,	173,	0xd19a66,	130,	0x9c5a1a) \
	X(TYPE,		"",	36,	80,	0x56b6c2,	30,	0x0b7285) \
	X(COMMENT,	"2",	-1,	-1,	-1,		-1,	-1)

enum style_name {
#define X(name, attr, c16, c256, rgb, l256, lrgb) STYLE_##name,
	STYLES(X)
#undef X
	STYLE_COUNT
};
#define STYLE_BIT(name)	(1u << STYLE_##name)

enum style_theme {
	STYLE_DARK,
	STYLE_LIGHT,
	STYLE_NONE,	/* no colour */
	STYLE_THEMES
};
extern const char *const style_theme_names[STYLE_THEMES];

typedef const char *style_env_fn(const char *name);

/* What the terminal behind fd can; env is getenv but in tests. */
void	style_init(struct style *s, int fd);
void	style_init_env(struct style *s, bool tty, style_env_fn *env);
/* The size has changed (SIGWINCH): ask again. */
void	style_resize(struct style *s, int fd);

/*
 * Is a terminal's answer about its background ("\033]11;rgb:ffff/ffff/ffff",
 * 1 to 4 digits each) that of a light one? -1: it is none.
 */
int	style_answer_light(const char *s, size_t len);
void	style_set_theme(struct style *s, enum style_theme theme);

/* The bits that a mark at p (STYLE_MARK_LEN bytes) says. */
unsigned style_mark_bits(const char *p);

/* From any style to exactly these bits; 0 goes back to plain. */
void	style_add(struct buf *out, const struct style *s, unsigned bits);
/* The same, where it is plain now: two bytes less. */
void	style_add_plain(struct buf *out, const struct style *s,
	    unsigned bits);
/* text in a style and back to plain; text must be safe already. */
void	style_adds(struct buf *out, const struct style *s, unsigned bits,
	    const char *text);
/*
 * Begin a hyperlink (OSC 8). False, and nothing written, if the terminal has
 * none or the URL is not http, https or mailto in plain printable ASCII.
 */
bool	style_link(struct buf *out, const struct style *s, const char *url,
	    size_t len);
void	style_link_end(struct buf *out, const struct style *s);
bool	style_url_ok(const char *url, size_t len);

#endif
