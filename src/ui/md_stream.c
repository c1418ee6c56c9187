/* SPDX-License-Identifier: GPL-3.0-or-later */
/* md_stream.c - markdown that is still arriving */

/*
 * Lines are looked at once, when their newline arrives, to find where a top-
 * level block surely ends. Not to cut is always right, only dearer; so what
 * is unclear stays together, and md4c sees it whole.
 *
 *	PARA	anything that a blank line ends: paragraphs, quotes, tables
 *	NESTED	a list or indented code: after a blank line it goes on with a
 *		line that is indented by `inner`, or with another item
 *	FENCE	code between fences: each line is final
 */

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "ui/markdown.h"
#include "ui/md_stream.h"
#include "ui/safe.h"
#include "ui/syntax.h"

enum kind {
	NONE,
	PARA,
	NESTED,
	FENCE,
};

enum { CODE_INDENT = 4, TAB = 4 };

struct fence {
	char mark;		/* '`' or '~', 0: none is open */
	size_t len, indent;
};

struct item {
	char mark;		/* '-', '+', '*', '.' or ')' */
	size_t inner;		/* the indent of what belongs to it */
	bool interrupts;	/* it can follow a paragraph's line */
};

struct md_stream {
	struct md_opts opts;
	struct safe safe;
	struct buf open;	/* the open block; in a FENCE the open line */
	size_t line;		/* where its last line begins */
	struct buf done;	/* rendered for good, not taken yet */
	enum kind kind;
	size_t inner;		/* NESTED */
	char mark;		/* of a list; 0: indented code */
	bool blank;		/* NESTED: the line before was blank */
	bool loose;		/* NESTED: there was a blank line */
	size_t last_item;	/* NESTED: where the last item begins */
	size_t head;		/* PARA: bytes of a table's first two lines */
	size_t lines;		/* of the open block */
	struct fence fence;	/* of FENCE, or one in a list item */
	struct syntax syntax;	/* FENCE: how its next line begins */
	unsigned number;	/* of the next item, after a cut; else 0 */
	bool written;		/* something came before */
	bool joined;		/* no blank line before the next output */
};

/* -------------------------------------------------------- kinds of lines */

static size_t
indent_of(const char *s, size_t len, size_t *bytes)
{
	size_t i, col = 0;

	for (i = 0; i < len && (s[i] == ' ' || s[i] == '\t'); i++)
		col += s[i] == '\t' ? TAB - col % TAB : 1;
	*bytes = i;
	return col;
}

static bool
is_blank(const char *s, size_t len)
{
	size_t bytes;

	(void)indent_of(s, len, &bytes);
	return bytes == len;
}

static size_t
run_of(const char *s, size_t len, char c)
{
	size_t n = 0;

	while (n < len && s[n] == c)
		n++;
	return n;
}

static bool
opens_fence(const char *s, size_t len, struct fence *fence)
{
	size_t at, n;

	fence->indent = indent_of(s, len, &at);
	if (at == len || (s[at] != '`' && s[at] != '~'))
		return false;
	n = run_of(s + at, len - at, s[at]);
	fence->mark = s[at];
	fence->len = n;
	return n >= 3 && (s[at] == '~' ||
	    memchr(s + at + n, '`', len - at - n) == NULL);
}

static bool
closes_fence(const struct fence *fence, const char *s, size_t len)
{
	size_t at, n;

	(void)indent_of(s, len, &at);
	n = run_of(s + at, len - at, fence->mark);
	return n >= fence->len && is_blank(s + at + n, len - at - n);
}

static bool
is_heading(const char *s, size_t len)
{
	size_t at, n;

	(void)indent_of(s, len, &at);
	n = run_of(s + at, len - at, '#');
	return n >= 1 && n <= 6 && (at + n == len || s[at + n] == ' ' ||
	    s[at + n] == '\t');
}

/* "***", "- - -" */
static bool
is_rule(const char *s, size_t len)
{
	size_t i, at, n = 0;
	char c;

	(void)indent_of(s, len, &at);
	c = at < len ? s[at] : '\0';
	if (c != '-' && c != '*' && c != '_')
		return false;
	for (i = at; i < len; i++) {
		if (s[i] == c)
			n++;
		else if (s[i] != ' ' && s[i] != '\t')
			return false;
	}
	return n >= 3;
}

/* Bytes of a marker: "-", "12." */
static size_t
marker_of(const char *s, size_t len)
{
	size_t n = 0;

	if (len > 0 && strchr("-+*", s[0]) != NULL)
		return 1;
	while (n < len && n < 9 && isdigit((unsigned char)s[n]))
		n++;
	if (n == 0 || n == len || (s[n] != '.' && s[n] != ')'))
		return 0;
	return n + 1;
}

static bool
is_item(const char *s, size_t len, struct item *item)
{
	size_t indent, at, n, gap, bytes;

	indent = indent_of(s, len, &at);
	n = marker_of(s + at, len - at);
	if (n == 0 || is_rule(s, len))
		return false;
	gap = indent_of(s + at + n, len - at - n, &bytes);
	item->interrupts = at + n + bytes < len && (n == 1 ||
	    (n == 2 && s[at] == '1'));
	if (at + n + bytes == len || gap > CODE_INDENT)
		gap = 1;
	else if (gap == 0)
		return false;
	item->mark = s[at + n - 1];
	item->inner = indent + n + gap;
	return true;
}

static bool
is_table_rule(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (strchr("-:| \t", s[i]) == NULL)
			return false;
	return memchr(s, '-', len) != NULL && memchr(s, '|', len) != NULL;
}

/* ------------------------------------------------------- finished blocks */

static void
put_gap(const struct md_stream *ms, struct buf *out)
{
	if (ms->written && !ms->joined)
		buf_addc(out, '\n');
}

static void
put_done(struct md_stream *ms, const struct buf *lines)
{
	if (lines->len == 0)
		return;
	put_gap(ms, &ms->done);
	buf_add(&ms->done, lines->data, lines->len);
	ms->written = true;
	ms->joined = false;
}

static void
no_block(struct md_stream *ms)
{
	ms->kind = NONE;
	ms->blank = ms->loose = false;
	ms->last_item = ms->head = ms->lines = 0;
	ms->fence.mark = 0;
	ms->mark = 0;
}

/* Render the first len bytes of the open block for good. */
static void
settle(struct md_stream *ms, size_t len)
{
	struct buf lines = BUF_INIT;

	md_render_safe(&lines, ms->open.data, len, &ms->opts, &ms->number);
	put_done(ms, &lines);
	buf_clear(&lines);
	buf_drop(&ms->open, len);
	ms->line = ms->line > len ? ms->line - len : 0;
}

static void
end_block(struct md_stream *ms, size_t len)
{
	settle(ms, len);
	ms->number = 0;
	no_block(ms);
}

/* s is the opening line. */
static void
begin_fence(struct md_stream *ms, const struct fence *fence, const char *s,
    size_t len)
{
	/* The opening line alone is an empty block: its label. */
	size_t before = ms->done.len, at;

	(void)indent_of(s, len, &at);
	for (at += fence->len; at < len && s[at] == ' '; at++)
		;
	syntax_begin(&ms->syntax, s + at, len - at);
	settle(ms, ms->open.len);
	ms->kind = FENCE;
	ms->fence = *fence;
	ms->line = 0;
	if (ms->done.len > before)
		ms->joined = true;
}

/* Tabs at the start count as md4c counts them, less the fence's indent. */
static void
code_line(const struct md_stream *ms, struct buf *out, const char *s,
    size_t len, struct syntax *sx)
{
	struct buf line = BUF_INIT;
	size_t bytes, indent = indent_of(s, len, &bytes);

	for (; indent > ms->fence.indent; indent--)
		buf_addc(&line, ' ');
	buf_add(&line, s + bytes, len - bytes);
	md_render_code(out, line.data, line.len, &ms->opts, sx);
	buf_clear(&line);
}

static void
fence_line(struct md_stream *ms, const char *s, size_t len)
{
	struct buf lines = BUF_INIT;
	size_t bytes, indent = indent_of(s, len, &bytes);

	if (indent < CODE_INDENT && closes_fence(&ms->fence, s, len)) {
		ms->joined = false;
		no_block(ms);
	} else {
		code_line(ms, &lines, s, len, &ms->syntax);
		put_done(ms, &lines);
		ms->joined = true;
		buf_clear(&lines);
	}
	buf_reset(&ms->open);
	ms->line = 0;
}

/* ------------------------------------------------------------ line by line */

static void
begin_block(struct md_stream *ms, const char *s, size_t len)
{
	struct fence fence;
	struct item item;
	size_t bytes;

	ms->lines = 1;
	ms->kind = PARA;
	if (is_item(s, len, &item)) {
		ms->kind = NESTED;
		ms->mark = item.mark;
		ms->inner = item.inner;
	} else if (indent_of(s, len, &bytes) >= CODE_INDENT) {
		ms->kind = NESTED;
		ms->inner = CODE_INDENT;
	} else if (opens_fence(s, len, &fence)) {
		begin_fence(ms, &fence, s, len);
	} else if (is_heading(s, len) || is_rule(s, len)) {
		end_block(ms, ms->open.len);
	}
}

static void
para_line(struct md_stream *ms, const char *s, size_t len)
{
	struct item item;

	if (is_item(s, len, &item) && item.interrupts) {
		ms->kind = NESTED;
		ms->mark = item.mark;
		ms->inner = item.inner;
		ms->last_item = ms->line;
	} else if (ms->lines == 2 && is_table_rule(s, len)) {
		ms->head = ms->open.len;
	}
}

/* Follow a fence inside an item, for it makes lazy lines impossible. */
static void
inner_line(struct md_stream *ms, const char *s, size_t len)
{
	struct fence fence;

	if (ms->fence.mark != 0) {
		if (closes_fence(&ms->fence, s, len))
			ms->fence.mark = 0;
	} else if (opens_fence(s, len, &fence)) {
		ms->fence = fence;
	}
}

/* Does this line end the nested block before it? */
static bool
ends_nested(struct md_stream *ms, const char *s, size_t len)
{
	size_t bytes, indent = indent_of(s, len, &bytes);
	struct item item;
	bool again;

	if (indent >= ms->inner)
		return false;
	again = ms->mark != 0 && is_item(s, len, &item) &&
	    item.mark == ms->mark;
	return !again && (ms->blank || ms->fence.mark != 0);
}

static void
nested_line(struct md_stream *ms, const char *s, size_t len)
{
	size_t bytes, indent = indent_of(s, len, &bytes);
	struct fence fence;
	struct item item;

	if (indent >= ms->inner) {
		inner_line(ms, s, len);
	} else if (is_item(s, len, &item)) {
		ms->fence.mark = 0;
		ms->mark = item.mark;
		ms->inner = item.inner;
		ms->last_item = ms->line;
		if (opens_fence(s + item.inner, item.inner < len ?
		    len - item.inner : 0, &fence))
			ms->fence = fence;
	}
	ms->blank = false;
}

/* Can the line stand in the middle of a block, or must it begin one? */
static bool
begins_block(const struct md_stream *ms, const char *s, size_t len)
{
	size_t bytes, indent = indent_of(s, len, &bytes);
	size_t limit = ms->kind == NESTED ? ms->inner : CODE_INDENT;
	struct fence fence;

	if (indent >= limit || indent >= CODE_INDENT)
		return false;
	return opens_fence(s, len, &fence) || is_heading(s, len);
}

static void
blank_line(struct md_stream *ms)
{
	if (ms->kind == PARA || ms->kind == NONE) {
		end_block(ms, ms->open.len);
		ms->joined = false;
		return;
	}
	ms->blank = true;
	ms->loose = true;
}

/* A line is complete: open[line..end), and perhaps a newline behind it. */
static void
line_done(struct md_stream *ms, size_t end)
{
	const char *s = ms->open.data + ms->line;
	size_t len = end - ms->line;

	if (ms->kind == FENCE) {
		fence_line(ms, s, len);
		return;
	}
	if (is_blank(s, len)) {
		blank_line(ms);
		ms->line = ms->open.len;
		return;
	}
	if (ms->kind != NONE && (begins_block(ms, s, len) ||
	    (ms->kind == NESTED && ends_nested(ms, s, len)))) {
		end_block(ms, ms->line);
		s = ms->open.data;
	}
	ms->lines++;
	if (ms->kind == NONE)
		begin_block(ms, s, len);
	else if (ms->kind == PARA)
		para_line(ms, s, len);
	else
		nested_line(ms, s, len);
	ms->line = ms->open.len;
}

/* ------------------------------------------------------- too large blocks */

/* Where one line of too many bytes is cut: behind a blank if it has one. */
static size_t
cut_of_line(const char *s, size_t len)
{
	size_t n = len;

	while (n > len / 2 && s[n - 1] != ' ')
		n--;
	return n > len / 2 ? n : utf8_prefix(s, len, len - 4);
}

static void
cut_table(struct md_stream *ms)
{
	char *head = xmemdup(ms->open.data, ms->head);
	struct buf rest = BUF_INIT;
	size_t n = ms->head;

	buf_add(&rest, ms->open.data + ms->line, ms->open.len - ms->line);
	settle(ms, ms->line);
	buf_reset(&ms->open);
	buf_add(&ms->open, head, n);
	buf_add(&ms->open, rest.data, rest.len);
	ms->line = n;
	buf_clear(&rest);
	free(head);
}

static void
cut_block(struct md_stream *ms)
{
	if (ms->kind == FENCE) {
		size_t n = cut_of_line(ms->open.data, ms->open.len);
		char *piece = xstrndup(ms->open.data, n);
		struct buf rest = BUF_INIT;

		buf_add(&rest, ms->open.data + n, ms->open.len - n);
		fence_line(ms, piece, n);
		buf_add(&ms->open, rest.data, rest.len);
		buf_clear(&rest);
		free(piece);
	} else if (ms->head > 0 && ms->line > ms->head) {
		cut_table(ms);
	} else if (ms->kind == NESTED && ms->last_item > 0) {
		settle(ms, ms->last_item);
		ms->last_item = 0;
		ms->joined = !ms->loose;
	} else {
		settle(ms, ms->line > 0 ? ms->line :
		    cut_of_line(ms->open.data, ms->open.len));
		ms->joined = true;
		if (ms->line == 0)
			no_block(ms);
	}
}

/* ------------------------------------------------------------------ all */

static void
add_safe(struct md_stream *ms, const char *s, size_t len)
{
	while (len > 0) {
		const char *end = memchr(s, '\n', len);
		size_t n = end == NULL ? len : (size_t)(end - s) + 1;

		if (n > MD_OPEN_MAX / 4) {
			n = utf8_prefix(s, n, MD_OPEN_MAX / 4);
			end = NULL;
		}
		buf_add(&ms->open, s, n);
		if (end != NULL)
			line_done(ms, ms->open.len - 1);
		if (ms->open.len > MD_OPEN_MAX)
			cut_block(ms);
		s += n;
		len -= n;
	}
}

struct md_stream *
md_stream_new(const struct md_opts *opts)
{
	struct md_stream *ms = xcalloc(1, sizeof(*ms));

	ms->opts = *opts;
	safe_init(&ms->safe, SAFE_TEXT);
	buf_init(&ms->open);
	buf_init(&ms->done);
	return ms;
}

void
md_stream_free(struct md_stream *ms)
{
	if (ms == NULL)
		return;
	buf_clear(&ms->open);
	buf_clear(&ms->done);
	free(ms);
}

void
md_stream_add(struct md_stream *ms, const char *text, size_t len)
{
	struct buf clean = BUF_INIT;

	safe_add(&ms->safe, &clean, text, len);
	add_safe(ms, clean.data, clean.len);
	buf_clear(&clean);
}

void
md_stream_finish(struct md_stream *ms)
{
	struct buf clean = BUF_INIT;

	safe_finish(&ms->safe, &clean);
	add_safe(ms, clean.data, clean.len);
	buf_clear(&clean);
	if (ms->line < ms->open.len)
		line_done(ms, ms->open.len);
	if (ms->kind != FENCE)
		end_block(ms, ms->open.len);
	buf_reset(&ms->open);
	ms->line = 0;
	no_block(ms);
	ms->written = ms->joined = false;
}

void
md_stream_resize(struct md_stream *ms, size_t width)
{
	ms->opts.width = width;
}

void
md_stream_take(struct md_stream *ms, struct buf *out)
{
	buf_add(out, ms->done.data, ms->done.len);
	buf_reset(&ms->done);
}

/*
 * How much of the open block is fit to be seen: a last line of nothing but
 * marks may yet become a rule, a fence or the line below a heading, and a
 * table's header is not one before its second line.
 */
static size_t
visible(const struct md_stream *ms)
{
	const char *s = ms->open.data + ms->line;
	size_t len = ms->open.len - ms->line;

	if (ms->open.len > 0 && ms->open.data[0] == '|' && ms->head == 0 &&
	    ms->lines < 2)
		return 0;
	while (len > 0 && strchr("-=*_`~#>+|: ", s[len - 1]) != NULL)
		len--;
	return len == 0 ? ms->line : ms->open.len;
}

void
md_render(struct buf *out, const char *text, size_t len,
    const struct md_opts *opts)
{
	struct md_stream *ms = md_stream_new(opts);

	md_stream_add(ms, text, len);
	md_stream_finish(ms);
	md_stream_take(ms, out);
	md_stream_free(ms);
}

void
md_stream_open(struct md_stream *ms, struct buf *out)
{
	struct buf lines = BUF_INIT;
	struct syntax sx = ms->syntax;
	unsigned number = ms->number;
	size_t len = visible(ms);

	if (len > 0 && ms->kind == FENCE)
		code_line(ms, &lines, ms->open.data, len, &sx);
	else if (len > 0)
		md_render_safe(&lines, ms->open.data, len, &ms->opts,
		    &number);
	if (lines.len > 0)
		put_gap(ms, out);
	buf_add(out, lines.data, lines.len);
	buf_clear(&lines);
}
