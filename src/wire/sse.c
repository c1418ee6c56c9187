/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sse.c - server-sent events, read and written */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "wire/sse.h"

/*
 * Bytes go through three stages:
 *
 *	BOM, line ends		one line		the event so far
 *	sse_feed()	->	line (if cut)	->	type, id, data
 *
 * A line that lies whole in the caller's bytes is never copied.
 */
struct sse_parser {
	sse_event_fn fn;
	void *arg;
	size_t max;
	struct buf line;	/* the beginning of a line cut by a read */
	struct buf data;
	struct buf type;
	struct buf id;
	bool has_data;		/* a data line came, though perhaps empty */
	bool skip_lf;		/* the last byte was a CR */
	unsigned bom;		/* bytes of it seen; BOM_DONE: look no more */
	bool stopped;
};

enum { BOM_DONE = 3 };
static const char bom_bytes[] = "\xef\xbb\xbf";

struct sse_parser *
sse_new(size_t max, sse_event_fn fn, void *arg)
{
	struct sse_parser *p = xcalloc(1, sizeof *p);

	p->fn = fn;
	p->arg = arg;
	p->max = max == 0 ? SSE_EVENT_MAX : max;
	buf_init(&p->line);
	buf_init(&p->data);
	buf_init(&p->type);
	buf_init(&p->id);
	return p;
}

void
sse_free(struct sse_parser *p)
{
	if (p == NULL)
		return;
	buf_clear(&p->line);
	buf_clear(&p->data);
	buf_clear(&p->type);
	buf_clear(&p->id);
	free(p);
}

size_t
sse_pending(const struct sse_parser *p)
{
	return p->line.len + p->data.len + p->has_data;
}

static int
dispatch(struct sse_parser *p)
{
	struct sse_event ev = {
		.type = p->type.len > 0 ? p->type.data : "message",
		.id = p->id.data,
		.data = p->data.data,
		.len = p->data.len,
	};
	int stop = 0;

	if (p->has_data)
		stop = p->fn(&ev, p->arg);
	p->has_data = false;
	/* an event of megabytes should not keep them for the next of bytes */
	if (p->data.cap > 64 * 1024)
		buf_clear(&p->data);
	buf_reset(&p->data);
	buf_reset(&p->type);
	buf_reset(&p->id);
	return stop ? -1 : 0;
}

static void
set_field(struct buf *field, const char *value, size_t len)
{
	buf_reset(field);
	buf_add(field, value, len);
}

static bool
name_is(const char *name, size_t len, const char *wanted)
{
	return len == strlen(wanted) && memcmp(name, wanted, len) == 0;
}

static int
take_line(struct sse_parser *p, const char *line, size_t len)
{
	const char *colon, *value;
	size_t name_len;

	if (len == 0)
		return dispatch(p);
	colon = memchr(line, ':', len);
	name_len = colon == NULL ? len : (size_t)(colon - line);
	value = colon == NULL ? line + len : colon + 1;
	if (value < line + len && *value == ' ')
		value++;
	len -= (size_t)(value - line);
	if (name_is(line, name_len, "data")) {
		if (p->has_data)
			buf_addc(&p->data, '\n');
		buf_add(&p->data, value, len);
		p->has_data = true;
	} else if (name_is(line, name_len, "event")) {
		set_field(&p->type, value, len);
	} else if (name_is(line, name_len, "id")) {
		set_field(&p->id, value, len);
	}
	return 0;
}

/* The rest of a line of which p->line may hold the beginning. */
static int
end_line(struct sse_parser *p, const char *bytes, size_t len)
{
	int status;

	if (p->line.len == 0)
		return take_line(p, bytes, len);
	buf_add(&p->line, bytes, len);
	status = take_line(p, p->line.data, p->line.len);
	if (p->line.cap > 64 * 1024)
		buf_clear(&p->line);
	buf_reset(&p->line);
	return status;
}

/* How many bytes at the start belong to the mark or were held back for it. */
static size_t
skip_bom(struct sse_parser *p, const char *bytes, size_t len)
{
	size_t n = 0;

	while (p->bom < BOM_DONE && n < len) {
		if (bytes[n] != bom_bytes[p->bom]) {
			/* it was none: what was held back is text */
			buf_add(&p->line, bom_bytes, p->bom);
			p->bom = BOM_DONE;
			return n;
		}
		p->bom++;
		n++;
	}
	return n;
}

static int
check_size(struct sse_parser *p, size_t more, struct err *e)
{
	if (p->line.len + p->data.len + more <= p->max)
		return 0;
	return err_set(e, ERR_TOO_BIG,
	    "event stream: an event is larger than %zu bytes", p->max);
}

/*
 * Where the next LF and the next CR stand, each looked for once: searching
 * anew for each line would make a stream of the other kind quadratic.
 */
struct line_ends {
	const char *lf, *cr;	/* end of the bytes when there is none */
};

static const char *
find(const char *from, const char *end, char c)
{
	const char *p = memchr(from, c, (size_t)(end - from));

	return p == NULL ? end : p;
}

static size_t
line_length(struct line_ends *at, const char *from, const char *end)
{
	if (at->lf < from)
		at->lf = find(from, end, '\n');
	if (at->cr < from)
		at->cr = find(from, end, '\r');
	return (size_t)((at->lf < at->cr ? at->lf : at->cr) - from);
}

static int
feed(struct sse_parser *p, const char *bytes, size_t len, struct err *e)
{
	size_t i = skip_bom(p, bytes, len), n;
	struct line_ends at = { find(bytes, bytes + len, '\n'),
	    find(bytes, bytes + len, '\r') };

	while (i < len) {
		if (p->skip_lf) {
			p->skip_lf = false;
			if (bytes[i] == '\n') {
				i++;
				continue;
			}
		}
		n = line_length(&at, bytes + i, bytes + len);
		if (check_size(p, n, e) == -1)
			return -1;
		if (i + n == len) {
			buf_add(&p->line, bytes + i, n);
			return 0;
		}
		p->skip_lf = bytes[i + n] == '\r';
		if (end_line(p, bytes + i, n) == -1)
			return -1;
		i += n + 1;
	}
	return 0;
}

int
sse_feed(struct sse_parser *p, const char *bytes, size_t len, struct err *e)
{
	if (p->stopped)
		return -1;
	if (feed(p, bytes, len, e) == -1)
		p->stopped = true;
	return p->stopped ? -1 : 0;
}

int
sse_finish(struct sse_parser *p, struct err *e)
{
	if (p->stopped)
		return -1;
	(void)e;	/* for callers' symmetry; only the callback can fail */
	if ((p->line.len > 0 && end_line(p, "", 0) == -1) ||
	    dispatch(p) == -1) {
		p->stopped = true;
		return -1;
	}
	return 0;
}

void
sse_write(struct buf *b, const char *type, const char *id, const char *data,
    size_t len)
{
	if (type != NULL)
		buf_addf(b, "event: %s\n", type);
	if (id != NULL)
		buf_addf(b, "id: %s\n", id);
	buf_adds(b, "data: ");
	buf_add(b, data, len);
	buf_adds(b, "\n\n");
}
