/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html.c - the text of a page */

#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "tool/html.h"

enum effect {
	SKIP = 1,	/* its content does not show */
	RAW = 2,	/* its content has no tags */
	BLOCK = 4,	/* begins a line */
	PARA = 8,	/* with an empty line before */
	PRE = 16,
};

static const struct tag {
	const char *name;
	unsigned effect;
	const char *before;
} tags[] = {
	{ "script", SKIP | RAW, NULL }, { "style", SKIP | RAW, NULL },
	{ "noscript", SKIP, NULL }, { "template", SKIP, NULL },
	{ "svg", SKIP, NULL }, { "textarea", RAW, NULL },
	{ "title", RAW | SKIP, NULL }, { "iframe", SKIP | RAW, NULL },
	{ "h1", PARA, "# " }, { "h2", PARA, "## " }, { "h3", PARA, "### " },
	{ "h4", PARA, "#### " }, { "h5", PARA, "##### " },
	{ "h6", PARA, "###### " }, { "p", PARA, NULL }, { "pre", PARA | PRE,
	NULL }, { "ul", BLOCK, NULL }, { "ol", BLOCK, NULL }, { "li", BLOCK,
	"- " }, { "tr", BLOCK, NULL }, { "td", 0, " | " }, { "th", 0, " | " },
	{ "table", PARA, NULL }, { "div", BLOCK, NULL }, { "section", PARA,
	NULL }, { "article", PARA, NULL }, { "header", BLOCK, NULL },
	{ "footer", BLOCK, NULL }, { "main", BLOCK, NULL }, { "nav", BLOCK,
	NULL }, { "blockquote", PARA, "> " }, { "br", BLOCK, NULL }, { "hr",
	BLOCK, "---" }, { "dt", BLOCK, NULL }, { "dd", BLOCK, "  " },
	{ "form", BLOCK, NULL }, { "option", BLOCK, NULL },
};

static const struct {
	const char *name;
	uint32_t cp;
} entities[] = {
	{ "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' },
	{ "apos", '\'' }, { "nbsp", ' ' }, { "mdash", 0x2014 },
	{ "ndash", 0x2013 }, { "hellip", 0x2026 }, { "copy", 0xa9 },
	{ "reg", 0xae }, { "trade", 0x2122 }, { "laquo", 0xab },
	{ "raquo", 0xbb }, { "ldquo", 0x201c }, { "rdquo", 0x201d },
	{ "lsquo", 0x2018 }, { "rsquo", 0x2019 }, { "bull", 0x2022 },
	{ "middot", 0xb7 }, { "times", 0xd7 }, { "deg", 0xb0 },
	{ "euro", 0x20ac }, { "pound", 0xa3 }, { "sect", 0xa7 },
	{ "para", 0xb6 }, { "larr", 0x2190 }, { "rarr", 0x2192 },
	{ "auml", 0xe4 }, { "ouml", 0xf6 }, { "uuml", 0xfc },
	{ "Auml", 0xc4 }, { "Ouml", 0xd6 }, { "Uuml", 0xdc },
	{ "szlig", 0xdf }, { "eacute", 0xe9 }, { "egrave", 0xe8 },
	{ "agrave", 0xe0 }, { "ccedil", 0xe7 }, { "ntilde", 0xf1 },
};

struct page {
	const char *p, *end;
	struct buf *out, *title;
	const struct tag *skip;	/* until its end tag */
	unsigned pre;
	unsigned newlines;	/* at the end of out */
	bool blank;		/* one is due */
	struct buf href;
	size_t link_at;		/* where the words of the link begin */
	bool in_link;
};

static const struct tag *
tag_named(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < NELEM(tags); i++) {
		if (strlen(tags[i].name) == len &&
		    strncasecmp(tags[i].name, name, len) == 0)
			return &tags[i];
	}
	return NULL;
}

static void
line_break(struct page *g, unsigned lines)
{
	g->blank = false;
	if (g->out->len == 0)
		return;
	for (; g->newlines < lines; g->newlines++)
		buf_addc(g->out, '\n');
}

static void
put(struct page *g, const char *s, size_t len)
{
	if (g->blank && g->newlines == 0 && g->out->len > 0)
		buf_addc(g->out, ' ');
	g->blank = false;
	g->newlines = 0;
	buf_add(g->out, s, len);
}

static void
put_char(struct page *g, const char *s, size_t len)
{
	if (g->pre > 0 && *s == '\n') {
		buf_addc(g->out, '\n');
		g->newlines++;
	} else if (g->pre == 0 && isspace((unsigned char)*s)) {
		g->blank = true;
	} else {
		put(g, s, len);
	}
}

/* "&amp;" at p: its text to out; the bytes taken, 0 if it is no entity. */
static size_t
entity(const char *p, const char *end, char out[4], size_t *len)
{
	const char *semi = memchr(p, ';', (size_t)(end - p) < 12 ?
	    (size_t)(end - p) : 12);
	char name[12];
	unsigned long cp = 0;
	size_t i, n;

	if (semi == NULL || semi == p + 1)
		return 0;
	n = (size_t)(semi - p - 1);
	memcpy(name, p + 1, n);
	name[n] = '\0';
	if (name[0] == '#')
		cp = strtoul(name + 1 + (tolower((unsigned char)name[1]) ==
		    'x'), NULL, tolower((unsigned char)name[1]) == 'x' ? 16 :
		    10);
	for (i = 0; cp == 0 && i < NELEM(entities); i++) {
		if (strcmp(entities[i].name, name) == 0)
			cp = entities[i].cp;
	}
	if (cp == 0 || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		return 0;
	*len = utf8_encode((uint32_t)cp, out);
	return n + 2;
}

static void
add_decoded(struct buf *b, const char *s, size_t len)
{
	const char *end = s + len;
	char ch[4];
	size_t n, took;

	while (s < end) {
		took = *s == '&' ? entity(s, end, ch, &n) : 0;
		if (took > 0)
			buf_add(b, ch, n);
		else
			buf_addc(b, *s);
		s += took > 0 ? took : 1;
	}
}

/* The value of href in the tag between s and end. */
static void
take_href(struct page *g, const char *s, const char *end)
{
	const char *p, *stop;
	char quote;

	buf_reset(&g->href);
	for (p = s; p + 5 < end; p++) {
		if (strncasecmp(p, "href=", 5) != 0 ||
		    !isspace((unsigned char)p[-1]))
			continue;
		p += 5;
		quote = *p == '"' || *p == '\'' ? *p++ : '\0';
		for (stop = p; stop < end && (quote != '\0' ? *stop != quote :
		    !isspace((unsigned char)*stop)); stop++)
			;
		add_decoded(&g->href, p, (size_t)(stop - p));
		return;
	}
}

static void
begin_link(struct page *g, const char *s, const char *end)
{
	take_href(g, s, end);
	g->in_link = g->href.len > 0 && g->href.data[0] != '#' &&
	    strncasecmp(g->href.data, "javascript:", 11) != 0;
	if (!g->in_link)
		return;
	put(g, "[", 1);
	g->link_at = g->out->len;
}

static void
end_link(struct page *g)
{
	if (!g->in_link)
		return;
	g->in_link = false;
	if (g->out->len == g->link_at) {
		buf_cut(g->out, g->link_at - 1);
		return;
	}
	g->blank = false;
	put(g, "](", 2);
	put(g, g->href.data, g->href.len);
	put(g, ")", 1);
}

/* The end of a tag: ">" outside of quotes. */
static const char *
tag_end(const char *p, const char *end)
{
	char quote = '\0';

	for (; p < end; p++) {
		if (quote != '\0')
			quote = *p == quote ? '\0' : quote;
		else if ((*p == '"' || *p == '\'') && p[-1] == '=')
			quote = *p;
		else if (*p == '>')
			return p;
	}
	return end;
}

/* Content without tags: up to "</name". */
static void
raw_content(struct page *g, const struct tag *t)
{
	size_t n = strlen(t->name);
	const char *p;

	for (p = g->p; p + n + 2 < g->end; p++) {
		if (p[0] == '<' && p[1] == '/' &&
		    strncasecmp(p + 2, t->name, n) == 0)
			break;
	}
	if (p + n + 2 >= g->end)
		p = g->end;
	if (strcmp(t->name, "title") == 0 && g->title != NULL &&
	    g->title->len == 0)
		add_decoded(g->title, g->p, (size_t)(p - g->p));
	else if (!(t->effect & SKIP))
		add_decoded(g->out, g->p, (size_t)(p - g->p));
	g->p = p;
}

static void
open_tag(struct page *g, const struct tag *t)
{
	if (t->effect & RAW) {
		raw_content(g, t);
		return;
	}
	if (t->effect & SKIP) {
		g->skip = t;
		return;
	}
	if (t->effect & (BLOCK | PARA))
		line_break(g, t->effect & PARA ? 2 : 1);
	g->pre += (t->effect & PRE) != 0;
	if (t->before != NULL) {
		put(g, t->before, strlen(t->before));
		g->blank = false;
	}
}

static void
close_tag(struct page *g, const struct tag *t)
{
	if (t->effect & PRE && g->pre > 0)
		g->pre--;
	if (t->effect & (BLOCK | PARA))
		line_break(g, t->effect & PARA ? 2 : 1);
}

static void
handle_tag(struct page *g)
{
	const char *s = g->p + 1, *end, *name;
	const struct tag *t;
	bool closes;
	size_t n = 0;

	if (strncmp(s, "!--", 3) == 0) {
		const char *stop = memmem(s, (size_t)(g->end - s), "-->", 3);

		g->p = stop == NULL ? g->end : stop + 3;
		return;
	}
	end = tag_end(s, g->end);
	closes = *s == '/';
	name = s + closes;
	while (name + n < end && isalnum((unsigned char)name[n]))
		n++;
	g->p = end < g->end ? end + 1 : g->end;
	t = tag_named(name, n);
	if (g->skip != NULL) {
		if (closes && t == g->skip)
			g->skip = NULL;
	} else if (n == 1 && tolower((unsigned char)*name) == 'a') {
		end_link(g);
		if (!closes)
			begin_link(g, name + n, end);
	} else if (t != NULL) {
		if (closes)
			close_tag(g, t);
		else
			open_tag(g, t);
	}
}

static bool
begins_tag(const struct page *g)
{
	return *g->p == '<' && g->p + 1 < g->end &&
	    (isalpha((unsigned char)g->p[1]) || strchr("/!?", g->p[1]));
}

void
html_text(struct buf *out, const char *html, size_t len, struct buf *title)
{
	char *copy = xstrndup(html, len);
	struct page g = { .p = copy, .end = copy + len, .out = out,
	    .title = title };
	size_t n, took, start = out->len;
	char ch[4];

	buf_init(&g.href);
	while (g.p < g.end) {
		if (begins_tag(&g)) {
			handle_tag(&g);
			continue;
		}
		took = *g.p == '&' ? entity(g.p, g.end, ch, &n) : 0;
		if (g.skip == NULL && took > 0)
			put_char(&g, ch, n);
		else if (g.skip == NULL)
			put_char(&g, g.p, 1);
		g.p += took > 0 ? took : 1;
	}
	end_link(&g);
	while (out->len > start && out->data[out->len - 1] == '\n')
		buf_cut(out, out->len - 1);
	if (out->len > start)
		buf_addc(out, '\n');
	buf_clear(&g.href);
	free(copy);
}
