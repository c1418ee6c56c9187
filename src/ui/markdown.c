/* SPDX-License-Identifier: GPL-3.0-or-later */
/* markdown.c - markdown as lines of a terminal */

#include <md4c.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "ui/entity.h"
#include "ui/markdown.h"
#include "ui/runs.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "ui/syntax.h"
#include "ui/table.h"
#include "ui/width.h"

#define BAR "\u2502 "
#define DASH "\u2500"

enum {
	MD_DEPTH = 32,		/* quotes and items drawn inside each other */
	MD_SPANS = 32,
	MD_MIN_WIDTH = 4,
	MD_CODE_INDENT = 2,
	MD_FLAGS = MD_DIALECT_GITHUB | MD_FLAG_NOHTML,
};

/* A quote or a list item around what is being drawn. */
struct level {
	char first[24];		/* in front of its first line, "10. " */
	bool quote;		/* BAR in front of all lines, else spaces */
	bool fresh;		/* its first line is still to come */
	size_t cells;
};

struct list {
	bool ordered;
	bool tight;
	unsigned next;
	char delimiter;
};

struct md {
	const struct style *style;
	struct buf *out;
	size_t width;
	unsigned number;	/* see md_render_safe() */
	bool numbered;		/* number has been used */
	struct level levels[MD_DEPTH];
	size_t depth;		/* may be more than MD_DEPTH */
	struct list lists[MD_DEPTH];
	size_t list_depth;
	bool written;		/* a line has been written */
	bool gap;		/* a blank line before the next */
	struct runs text;	/* of the block at hand */
	unsigned bits;		/* of the spans and the block */
	unsigned before[MD_SPANS];
	size_t spans;
	size_t link;
	struct buf url;		/* of the link at hand */
	size_t link_start;	/* where its text begins */
	size_t link_span;	/* which of the spans it is, from 1 */
	struct table table;
	bool in_table;
	bool in_code;
	struct syntax syntax;	/* of the block of code at hand */
};

/* ------------------------------------------------------------ lines out */

static size_t
indent_cells(const struct md *md)
{
	size_t i, n = 0;

	for (i = 0; i < md->depth && i < MD_DEPTH; i++)
		n += md->levels[i].cells;
	return n;
}

static size_t
room(const struct md *md)
{
	size_t indent = indent_cells(md);

	return md->width > indent + MD_MIN_WIDTH ? md->width - indent :
	    MD_MIN_WIDTH;
}

static void
spaces(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_addc(out, ' ');
}

static void
write_level(struct md *md, struct level *level)
{
	if (level->cells == 0) {
		level->fresh = false;
	} else if (level->quote) {
		style_adds(md->out, md->style, STYLE_BIT(QUOTE), BAR);
	} else if (level->fresh) {
		style_adds(md->out, md->style, STYLE_BIT(MARKER),
		    level->first);
	} else {
		spaces(md->out, level->cells);
	}
	level->fresh = false;
}

/* A blank line has the bars of the quotes that go on over it. */
static void
write_gap(struct md *md)
{
	struct buf line = BUF_INIT;
	size_t i, last = 0;

	for (i = 0; i < md->depth && i < MD_DEPTH; i++)
		if (md->levels[i].quote && !md->levels[i].fresh &&
		    md->levels[i].cells > 0)
			last = i + 1;
	for (i = 0; i < last; i++) {
		if (md->levels[i].quote && md->levels[i].cells > 0)
			style_adds(&line, md->style, STYLE_BIT(QUOTE),
			    i + 1 == last ? "\u2502" : BAR);
		else
			spaces(&line, md->levels[i].cells);
	}
	buf_add(md->out, line.data, line.len);
	buf_addc(md->out, '\n');
	buf_clear(&line);
}

static void
begin_line(struct md *md)
{
	size_t i;

	if (md->gap && md->written)
		write_gap(md);
	md->gap = false;
	md->written = true;
	for (i = 0; i < md->depth && i < MD_DEPTH; i++)
		write_level(md, &md->levels[i]);
}

/* An empty line of a block, which may be the first of an item. */
static void
empty_line(struct md *md)
{
	bool fresh = false;
	size_t i;

	for (i = 0; i < md->depth && i < MD_DEPTH; i++)
		fresh = fresh || md->levels[i].fresh;
	if (fresh || md->gap) {
		begin_line(md);
		buf_addc(md->out, '\n');
	} else {
		write_gap(md);
		md->written = true;
	}
}

static bool
in_tight_list(const struct md *md)
{
	return md->list_depth > 0 && md->list_depth <= MD_DEPTH &&
	    md->lists[md->list_depth - 1].tight;
}

static void
end_block(struct md *md)
{
	md->gap = !in_tight_list(md);
}

/* The text collected so far as wrapped lines. */
static void
flush_text(struct md *md)
{
	const struct buf *text = &md->text.text;
	size_t pos, n, next;

	if (text->len == 0 || md->in_table)
		return;
	for (pos = 0; pos < text->len; pos += next) {
		n = width_break(text->data + pos, text->len - pos, room(md),
		    &next);
		begin_line(md);
		runs_write(md->out, md->style, &md->text, pos, pos + n);
		buf_addc(md->out, '\n');
	}
	runs_reset(&md->text);
	end_block(md);
}

static void
write_rule(struct md *md)
{
	size_t i;

	begin_line(md);
	style_add(md->out, md->style, STYLE_BIT(DIM));
	for (i = 0; i < room(md); i++)
		buf_adds(md->out, DASH);
	style_add(md->out, md->style, 0);
	buf_addc(md->out, '\n');
	end_block(md);
}

/* Tabs become spaces, since the indent has moved their stops. */
static void
expand_tabs(struct buf *out, const char *s, size_t len)
{
	size_t col = 0, pos, n, cells;

	for (pos = 0; pos < len; pos += n) {
		n = width_cluster(s + pos, len - pos, col, &cells);
		if (s[pos] == '\t')
			spaces(out, cells);
		else
			buf_add(out, s + pos, n);
		col += cells;
	}
}

static void
write_code_line(struct md *md, const char *s, size_t len)
{
	struct buf line = BUF_INIT;
	struct runs code;
	size_t pos = 0, n, max = room(md) - MD_CODE_INDENT;

	expand_tabs(&line, s, len);
	if (line.len == 0)
		empty_line(md);
	runs_init(&code);
	syntax_line(&md->syntax, line.data, line.len, &code);
	for (; pos < line.len; pos += n) {
		n = width_prefix(line.data + pos, line.len - pos, max);
		if (n == 0)
			n = line.len - pos;
		begin_line(md);
		spaces(md->out, MD_CODE_INDENT);
		runs_write(md->out, md->style, &code, pos, pos + n);
		buf_addc(md->out, '\n');
	}
	runs_clear(&code);
	buf_clear(&line);
}

static void
write_code(struct md *md)
{
	const struct buf *text = &md->text.text;
	size_t pos = 0;

	while (pos < text->len) {
		const char *end = memchr(text->data + pos, '\n',
		    text->len - pos);
		size_t n = end == NULL ? text->len - pos :
		    (size_t)(end - text->data) - pos;

		write_code_line(md, text->data + pos, n);
		pos += n + 1;
	}
	runs_reset(&md->text);
	if (md->written)
		end_block(md);
}

static void
enter_code(struct md *md, const MD_ATTRIBUTE *lang)
{
	struct buf label = BUF_INIT;

	syntax_begin(&md->syntax, lang->text, lang->size);
	if (lang->size == 0)
		return;
	width_fit(&label, lang->text, lang->size, room(md) - MD_CODE_INDENT);
	begin_line(md);
	spaces(md->out, MD_CODE_INDENT);
	style_adds(md->out, md->style, STYLE_BIT(DIM) | STYLE_BIT(ITALIC),
	    label.data);
	buf_addc(md->out, '\n');
	buf_clear(&label);
}

static void
write_table(struct md *md)
{
	struct buf lines = BUF_INIT;
	const char *p, *end;

	table_write(&lines, &md->table, md->style, room(md));
	for (p = lines.data; *p != '\0'; p = end + 1) {
		end = strchr(p, '\n');
		begin_line(md);
		buf_add(md->out, p, (size_t)(end - p) + 1);
	}
	buf_clear(&lines);
	table_clear(&md->table);
	end_block(md);
}

/* --------------------------------------------------------------- levels */

/* What is deeper than half the width, or than MD_DEPTH, is not indented. */
static struct level *
push_level(struct md *md, size_t cells)
{
	struct level *level;

	if (md->depth++ >= MD_DEPTH)
		return NULL;
	level = &md->levels[md->depth - 1];
	*level = (struct level){ .fresh = true };
	if (indent_cells(md) + cells <= md->width / 2)
		level->cells = cells;
	return level;
}

static void
enter_quote(struct md *md)
{
	struct level *level = push_level(md, 2);

	if (level != NULL)
		level->quote = true;
}

static void
enter_list(struct md *md, struct list list)
{
	if (list.ordered && md->list_depth == 0 && md->depth == 0 &&
	    !md->numbered && md->number != 0)
		list.next = md->number;
	md->numbered = true;
	if (md->list_depth < MD_DEPTH)
		md->lists[md->list_depth] = list;
	md->list_depth++;
}

static void
leave_list(struct md *md)
{
	md->list_depth--;
	if (md->list_depth == 0 && md->depth == 0)
		md->number = md->lists[0].ordered ? md->lists[0].next : 0;
	end_block(md);
}

static void
enter_item(struct md *md, const MD_BLOCK_LI_DETAIL *item)
{
	static const char *const bullets[] = { "\u2022 ", "\u25e6 ",
	    "\u25aa " };
	char marker[sizeof(md->levels[0].first)];
	struct list *list;
	struct level *level;

	list = &md->lists[md->list_depth <= MD_DEPTH ? md->list_depth - 1 :
	    MD_DEPTH - 1];
	if (item->is_task)
		snprintf(marker, sizeof(marker), "%s ",
		    item->task_mark == ' ' ? "\u2610" : "\u2611");
	else if (list->ordered)
		snprintf(marker, sizeof(marker), "%u%c ", list->next,
		    list->delimiter);
	else
		snprintf(marker, sizeof(marker), "%s",
		    bullets[(md->list_depth - 1) % NELEM(bullets)]);
	list->next++;
	level = push_level(md, width_cells(marker, strlen(marker)));
	if (level != NULL)
		memcpy(level->first, marker, sizeof(marker));
}

static void
leave_item(struct md *md)
{
	/* An empty item still has its marker. */
	if (md->depth <= MD_DEPTH && md->levels[md->depth - 1].fresh &&
	    md->levels[md->depth - 1].cells > 0) {
		begin_line(md);
		buf_addc(md->out, '\n');
		end_block(md);
	}
	md->depth--;
}

/* --------------------------------------------------------------- blocks */

static void
enter_heading(struct md *md, unsigned depth)
{
	md->bits = depth == 1 ? STYLE_BIT(HEADING) | STYLE_BIT(UNDERLINE) :
	    depth == 2 ? STYLE_BIT(HEADING) : STYLE_BIT(BOLD);
	if (!md->style->sgr)
		runs_add(&md->text, &"###### "[6 - depth], depth + 1, 0, 0);
}

static void
enter_cell(struct md *md, const MD_BLOCK_TD_DETAIL *cell, bool head)
{
	static const enum table_align aligns[] = {
		[MD_ALIGN_DEFAULT] = TABLE_LEFT,
		[MD_ALIGN_LEFT] = TABLE_LEFT,
		[MD_ALIGN_CENTER] = TABLE_CENTER,
		[MD_ALIGN_RIGHT] = TABLE_RIGHT,
	};

	(void)table_add(&md->table, aligns[cell->align]);
	md->bits = head ? STYLE_BIT(BOLD) : 0;
}

static void
leave_cell(struct md *md)
{
	struct table_cell *cell = &md->table.cells[md->table.count - 1];
	struct runs empty = cell->runs;

	cell->runs = md->text;
	md->text = empty;
}

/*
 * No span goes on over the end of a block. md4c 0.4.8 sometimes leaves more
 * of them than it entered, and sometimes fewer.
 */
static void
end_spans(struct md *md)
{
	md->spans = 0;
	md->bits = 0;
	md->link = 0;
	md->link_span = 0;
	buf_reset(&md->url);
}

static int
enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	const MD_BLOCK_OL_DETAIL *ol = detail;
	const MD_BLOCK_UL_DETAIL *ul = detail;
	struct md *md = arg;

	flush_text(md);
	end_spans(md);
	if (type == MD_BLOCK_QUOTE)
		enter_quote(md);
	else if (type == MD_BLOCK_UL)
		enter_list(md, (struct list){ .tight = ul->is_tight });
	else if (type == MD_BLOCK_OL)
		enter_list(md, (struct list){ .ordered = true,
		    .tight = ol->is_tight, .next = ol->start,
		    .delimiter = ol->mark_delimiter });
	else if (type == MD_BLOCK_LI)
		enter_item(md, detail);
	else if (type == MD_BLOCK_HR)
		write_rule(md);
	else if (type == MD_BLOCK_H)
		enter_heading(md, ((MD_BLOCK_H_DETAIL *)detail)->level);
	else if (type == MD_BLOCK_CODE) {
		enter_code(md, &((MD_BLOCK_CODE_DETAIL *)detail)->lang);
		md->in_code = true;
	} else if (type == MD_BLOCK_TABLE) {
		table_init(&md->table,
		    ((MD_BLOCK_TABLE_DETAIL *)detail)->col_count);
		md->in_table = true;
	} else if (type == MD_BLOCK_TH || type == MD_BLOCK_TD)
		enter_cell(md, detail, type == MD_BLOCK_TH);
	if (type != MD_BLOCK_DOC && type != MD_BLOCK_UL &&
	    type != MD_BLOCK_OL)
		md->numbered = true;
	return 0;
}

static int
leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct md *md = arg;

	(void)detail;
	if (type == MD_BLOCK_CODE) {
		md->in_code = false;
		write_code(md);
	} else if (type == MD_BLOCK_TD || type == MD_BLOCK_TH) {
		leave_cell(md);
	} else if (type == MD_BLOCK_TABLE) {
		md->in_table = false;
		write_table(md);
	}
	flush_text(md);
	if (type == MD_BLOCK_QUOTE) {
		md->depth--;
		end_block(md);
	} else if (type == MD_BLOCK_LI) {
		leave_item(md);
	} else if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) {
		leave_list(md);
	}
	end_spans(md);
	return 0;
}

/* ---------------------------------------------------------------- spans */

/* Spans whose style a terminal may not have keep their marks then. */
static const struct {
	MD_SPANTYPE type;
	unsigned bits;
	const char *mark;
	bool colour_only;
} span_looks[] = {
	{ MD_SPAN_EM, STYLE_BIT(ITALIC), "*", false },
	{ MD_SPAN_STRONG, STYLE_BIT(BOLD), "**", false },
	{ MD_SPAN_DEL, STYLE_BIT(STRIKE), "~~", false },
	{ MD_SPAN_CODE, STYLE_BIT(CODE), "`", true },
};

static void
add_text(struct md *md, const char *s, size_t len)
{
	runs_add(&md->text, s, len, md->bits, md->link);
}

static void
add_mark(struct md *md, MD_SPANTYPE type)
{
	size_t i;

	for (i = 0; i < NELEM(span_looks); i++)
		if (span_looks[i].type == type && (!md->style->sgr ||
		    (span_looks[i].colour_only &&
		    md->style->depth == STYLE_MONO)))
			add_text(md, span_looks[i].mark,
			    strlen(span_looks[i].mark));
}

static void
read_url(struct buf *url, const MD_ATTRIBUTE *attr)
{
	unsigned i, from;

	buf_reset(url);
	for (i = 0, from = 0; from < attr->size; i++) {
		unsigned to = attr->substr_offsets[i + 1];

		if (attr->substr_types[i] == MD_TEXT_ENTITY)
			entity_add(url, attr->text + from, to - from);
		else
			buf_add(url, attr->text + from, to - from);
		from = to;
	}
}

static void
enter_link(struct md *md, const MD_ATTRIBUTE *url)
{
	if (md->link_span != 0)
		return;		/* an image in a link */
	md->link_span = md->spans;
	read_url(&md->url, url);
	md->link_start = md->text.text.len;
	if (md->style->links && style_url_ok(md->url.data, md->url.len))
		md->link = runs_link(&md->text, md->url.data, md->url.len);
}

/* Does the link's text say where it leads, or lie about it? */
static bool
must_show_url(const struct md *md, bool linked)
{
	const char *text = md->text.text.data + md->link_start;
	size_t len = md->text.text.len - md->link_start;

	if (md->url.len == 0)
		return false;
	if (len > 0 && len <= md->url.len && memcmp(text, md->url.data +
	    md->url.len - len, len) == 0 && md->url.len - len <= 7)
		return false;
	return !linked || strstr(text, "://") != NULL ||
	    strncmp(text, "www.", 4) == 0;
}

static void
leave_link(struct md *md)
{
	bool linked = md->link != 0;

	if (md->link_span != md->spans + 1)
		return;
	md->link = 0;
	md->link_span = 0;
	if (must_show_url(md, linked)) {
		struct buf url = BUF_INIT;

		safe_show(&url, md->url.data, md->url.len);
		runs_add(&md->text, " (", 2, STYLE_BIT(DIM), 0);
		runs_add(&md->text, url.data, url.len, STYLE_BIT(DIM), 0);
		runs_add(&md->text, ")", 1, STYLE_BIT(DIM), 0);
		buf_clear(&url);
	}
	buf_reset(&md->url);
}

static int
enter_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct md *md = arg;
	size_t i;

	if (md->spans < MD_SPANS)
		md->before[md->spans] = md->bits;
	if (md->spans++ >= MD_SPANS)
		return 0;
	for (i = 0; i < NELEM(span_looks); i++)
		if (span_looks[i].type == type)
			md->bits |= span_looks[i].bits;
	if (type == MD_SPAN_A || type == MD_SPAN_IMG) {
		md->bits |= type == MD_SPAN_A ? STYLE_BIT(LINK) :
		    STYLE_BIT(ITALIC);
		enter_link(md, type == MD_SPAN_A ?
		    &((MD_SPAN_A_DETAIL *)detail)->href :
		    &((MD_SPAN_IMG_DETAIL *)detail)->src);
	}
	add_mark(md, type);
	return 0;
}

static int
leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct md *md = arg;

	(void)detail;
	if (md->spans == 0 || md->spans-- > MD_SPANS)
		return 0;
	add_mark(md, type);
	md->bits = md->before[md->spans];
	if (type == MD_SPAN_A || type == MD_SPAN_IMG)
		leave_link(md);
	return 0;
}

static void
add_inline(struct md *md, const char *s, size_t len)
{
	size_t i, from = 0;

	for (i = 0; i < len; i++)
		if (s[i] == '\t' || s[i] == '\n') {
			add_text(md, s + from, i - from);
			add_text(md, " ", 1);
			from = i + 1;
		}
	add_text(md, s + from, len - from);
}

static int
text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE len, void *arg)
{
	struct md *md = arg;
	struct buf entity = BUF_INIT;

	if (type == MD_TEXT_BR) {
		add_text(md, md->in_table ? " " : "\n", 1);
	} else if (type == MD_TEXT_SOFTBR) {
		add_text(md, " ", 1);
	} else if (type == MD_TEXT_ENTITY) {
		entity_add(&entity, s, len);
		add_inline(md, entity.data, entity.len);
		buf_clear(&entity);
	} else if (md->in_code) {
		runs_add(&md->text, s, len, 0, 0);
	} else {
		add_inline(md, s, len);
	}
	return 0;
}

/* ------------------------------------------------------------------ all */

static void
md_init(struct md *md, struct buf *out, const struct md_opts *opts)
{
	*md = (struct md){ .style = opts->style, .out = out };
	md->width = opts->width == 0 ? MD_WIDTH : opts->width;
	buf_init(&md->url);
	runs_init(&md->text);
	table_init(&md->table, 1);
}

static void
md_clear(struct md *md)
{
	buf_clear(&md->url);
	runs_clear(&md->text);
	table_clear(&md->table);
}

void
md_render_safe(struct buf *out, const char *s, size_t len,
    const struct md_opts *opts, unsigned *number)
{
	static const MD_PARSER parser = {
		.flags = MD_FLAGS,
		.enter_block = enter_block,
		.leave_block = leave_block,
		.enter_span = enter_span,
		.leave_span = leave_span,
		.text = text,
	};
	struct md md;

	if (len > UINT32_MAX / 2)
		len = UINT32_MAX / 2;
	md_init(&md, out, opts);
	md.number = *number;
	(void)md_parse(s, (MD_SIZE)len, &parser, &md);
	*number = md.number;
	md_clear(&md);
}

void
md_render_code(struct buf *out, const char *line, size_t len,
    const struct md_opts *opts, struct syntax *sx)
{
	struct md md;

	md_init(&md, out, opts);
	md.syntax = *sx;
	write_code_line(&md, line, len);
	*sx = md.syntax;
	md_clear(&md);
}
