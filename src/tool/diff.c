/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diff.c - what changed between two texts, line by line */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "tool/diff.h"

enum {
	AROUND = 3,
	CELLS_MAX = 4 * 1024 * 1024,
};

struct line {
	const char *s;
	size_t len;		/* with its line end */
};

struct text {
	struct line *v;
	size_t n;
};

/* A run: keep lines that stand in both, or take out and put in. */
struct op {
	char kind;		/* ' ', '-', '+' */
	struct line line;
};

struct ops {
	struct op *v;
	size_t n;
};

static void
split(struct text *t, const char *s, size_t len)
{
	size_t count = 0, i;
	const char *end = s + len, *nl;

	for (i = 0; i < len; i++)
		count += s[i] == '\n';
	t->v = xcalloc(count + 2, sizeof *t->v);
	for (t->n = 0; s < end; s = nl) {
		nl = memchr(s, '\n', (size_t)(end - s));
		nl = nl == NULL ? end : nl + 1;
		t->v[t->n++] = (struct line){ s, (size_t)(nl - s) };
	}
}

static bool
same(struct line a, struct line b)
{
	return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

static void
put(struct ops *ops, char kind, struct line line)
{
	ops->v[ops->n++] = (struct op){ kind, line };
}

/* The longest common subsequence of a[0..n) and b[0..m). */
static void
middle(struct ops *ops, const struct line *a, size_t n, const struct line *b,
    size_t m)
{
	size_t i = 0, j = 0, w = m + 1;
	uint32_t *len = NULL;

	if (n > 0 && m > 0 && (n + 1) <= CELLS_MAX / w) {
		len = xcalloc((n + 1) * w, sizeof *len);
		for (i = n; i-- > 0;) {
			for (j = m; j-- > 0;) {
				uint32_t down = len[(i + 1) * w + j];
				uint32_t right = len[i * w + j + 1];

				len[i * w + j] = same(a[i], b[j]) ?
				    len[(i + 1) * w + j + 1] + 1 :
				    down > right ? down : right;
			}
		}
		for (i = j = 0; i < n && j < m;) {
			if (same(a[i], b[j])) {
				put(ops, ' ', a[i++]);
				j++;
			} else if (len[(i + 1) * w + j] >=
			    len[i * w + j + 1]) {
				put(ops, '-', a[i++]);
			} else {
				put(ops, '+', b[j++]);
			}
		}
	}
	while (i < n)
		put(ops, '-', a[i++]);
	while (j < m)
		put(ops, '+', b[j++]);
	free(len);
}

static void
compare(struct ops *ops, const struct text *a, const struct text *b)
{
	size_t head = 0, tail = 0, i;

	while (head < a->n && head < b->n && same(a->v[head], b->v[head]))
		put(ops, ' ', a->v[head++]);
	while (tail < a->n - head && tail < b->n - head &&
	    same(a->v[a->n - 1 - tail], b->v[b->n - 1 - tail]))
		tail++;
	middle(ops, a->v + head, a->n - head - tail, b->v + head,
	    b->n - head - tail);
	for (i = a->n - tail; i < a->n; i++)
		put(ops, ' ', a->v[i]);
}

static void
write_line(struct buf *out, const struct op *op)
{
	buf_addc(out, op->kind);
	buf_add(out, op->line.s, op->line.len);
	if (op->line.len == 0 || op->line.s[op->line.len - 1] != '\n')
		buf_adds(out, "\n\\ No newline at end of file\n");
}

/* Where the hunk that begins at or after `from` ends. */
static size_t
hunk_end(const struct ops *ops, size_t from)
{
	size_t last = from, i;

	for (i = from; i < ops->n && i - last <= 2 * AROUND; i++) {
		if (ops->v[i].kind != ' ')
			last = i;
	}
	return last + 1 + AROUND < ops->n ? last + 1 + AROUND : ops->n;
}

static void
write_hunk(struct buf *out, const struct ops *ops, size_t from, size_t to,
    const size_t start[2])
{
	size_t count[2] = { 0, 0 }, i;

	for (i = from; i < to; i++) {
		count[0] += ops->v[i].kind != '+';
		count[1] += ops->v[i].kind != '-';
	}
	buf_addf(out, "@@ -%zu,%zu +%zu,%zu @@\n",
	    start[0] + (count[0] > 0), count[0],
	    start[1] + (count[1] > 0), count[1]);
	for (i = from; i < to; i++)
		write_line(out, &ops->v[i]);
}

static void
write_hunks(struct buf *out, const struct ops *ops)
{
	size_t i = 0, first, from, to, k, start[2], seen[2] = { 0, 0 };

	while (i < ops->n) {
		for (first = i; first < ops->n && ops->v[first].kind == ' ';
		    first++)
			;
		if (first == ops->n)
			return;
		from = first - i > AROUND ? first - AROUND : i;
		to = hunk_end(ops, first);
		seen[0] += from - i;
		seen[1] += from - i;
		memcpy(start, seen, sizeof start);
		write_hunk(out, ops, from, to, start);
		for (k = from; k < to; k++) {
			seen[0] += ops->v[k].kind != '+';
			seen[1] += ops->v[k].kind != '-';
		}
		i = to;
	}
}

void
diff_unified(struct buf *out, const char *a, size_t a_len, const char *b,
    size_t b_len, struct diff_stat *stat)
{
	struct text ta, tb;
	struct ops ops = { 0 };
	size_t i;

	split(&ta, a, a_len);
	split(&tb, b, b_len);
	ops.v = xcalloc(ta.n + tb.n + 1, sizeof *ops.v);
	compare(&ops, &ta, &tb);
	memset(stat, 0, sizeof *stat);
	for (i = 0; i < ops.n; i++) {
		stat->added += ops.v[i].kind == '+';
		stat->removed += ops.v[i].kind == '-';
	}
	write_hunks(out, &ops);
	free(ops.v);
	free(ta.v);
	free(tb.v);
}
