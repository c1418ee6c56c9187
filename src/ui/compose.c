/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compose.c - readline fed by hand, its line drawn into cells */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "ui/compose.h"
#include "ui/files.h"
#include "ui/grid.h"
#include "ui/history.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "ui/width.h"

enum {
	MARGIN = 2,
	FOLD_LINES = 8,		/* pastes of more lines or bytes are folded */
	FOLD_BYTES = 1500,
};

struct pasted {
	char *label, *text;
};

struct compose {
	struct compose_opts opts;
	struct history history;
	int idle[2];		/* a pipe on which nothing ever comes */
	FILE *in, *out;
	struct buf queue;	/* bytes for readline */
	size_t taken;
	struct pasted *pasted;
	size_t pasted_count;
	struct files files;
	struct complete_list list;
	size_t chosen;		/* of list; list.count: none */
	size_t first;		/* row of the text that is drawn first */
};

/* readline's callbacks have no argument */
static struct compose *composing;

/* ------------------------------------------------------------- readline */

static int
take_byte(FILE *in)
{
	struct compose *c = composing;

	(void)in;
	if (c->taken < c->queue.len)
		return (unsigned char)c->queue.data[c->taken++];
	return EOF;
}

static int
has_byte(void)
{
	return composing->taken < composing->queue.len;
}

static void
no_redisplay(void)
{
}

static void
no_term(int meta)
{
	(void)meta;
}

static void
no_deprep(void)
{
}

static void
replace_all(struct buf *text, const char *label, const char *by)
{
	struct buf out = BUF_INIT;
	const char *s = text->data, *hit;

	while ((hit = strstr(s, label)) != NULL) {
		buf_add(&out, s, (size_t)(hit - s));
		buf_adds(&out, by);
		s = hit + strlen(label);
	}
	buf_adds(&out, s);
	buf_reset(text);
	buf_add(text, out.data, out.len);
	buf_clear(&out);
}

static char *
unfolded(const struct compose *c, const char *line)
{
	struct buf text = BUF_INIT;

	buf_adds(&text, line);
	for (size_t i = 0; i < c->pasted_count; i++)
		replace_all(&text, c->pasted[i].label, c->pasted[i].text);
	return buf_take(&text);
}

static void
forget_pasted(struct compose *c)
{
	for (size_t i = 0; i < c->pasted_count; i++) {
		free(c->pasted[i].label);
		free(c->pasted[i].text);
	}
	free(c->pasted);
	c->pasted = NULL;
	c->pasted_count = 0;
}

/* readline hands over a whole line, which is ours to free. */
static void
accepted(char *line)
{
	struct compose *c = composing;
	struct err e = ERR_INIT;

	if (line == NULL)
		return;
	char *text = unfolded(c, line);
	if (text[strspn(text, " \t\n")] != '\0') {
		forget_pasted(c);
		if (c->opts.submit(c->opts.arg, text)) {
			add_history(text);
			if (c->opts.history != NULL)
				(void)history_add(&c->history, text, &e);
		}
	}
	free(text);
	free(line);
}

static int
key_newline(int count, int key)
{
	(void)count;
	(void)key;
	return rl_insert_text("\n");
}

static void
bind_keys(void)
{
	Keymap maps[] = { emacs_standard_keymap, vi_insertion_keymap };

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		rl_bind_key_in_map('\n', key_newline, maps[i]);
	/* nothing of readline's may write or wait */
	rl_variable_bind("bell-style", "none");
	rl_variable_bind("keyseq-timeout", "0");
	rl_variable_bind("enable-bracketed-paste", "off");
}

static int
start_readline(struct compose *c, struct err *e)
{
	if (pipe(c->idle) != 0)
		return err_set(e, ERR_FAILED, "cannot make a pipe");
	c->in = fdopen(c->idle[0], "r");
	c->out = fopen("/dev/null", "w");
	if (c->in == NULL || c->out == NULL)
		return err_set(e, ERR_FAILED, "cannot open a stream");
	rl_readline_name = "chatd";
	rl_instream = c->in;
	rl_outstream = c->out;
	rl_change_environment = 0;
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_prep_term_function = no_term;
	rl_deprep_term_function = no_deprep;
	rl_initialize();
	rl_redisplay_function = no_redisplay;
	rl_getc_function = take_byte;
	rl_input_available_hook = has_byte;
	bind_keys();
	rl_callback_handler_install("", accepted);
	return 0;
}

struct compose *
compose_new(const struct compose_opts *opts, struct err *e)
{
	struct compose *c = xcalloc(1, sizeof(*c));
	struct err why = ERR_INIT;

	if (composing != NULL)
		fatal(__func__, "a second composer");
	composing = c;
	c->opts = *opts;
	c->opts.table.files = &c->files;
	buf_init(&c->queue);
	if (opts->history != NULL && history_open(&c->history, opts->history,
	    &why) != 0)
		c->opts.history = NULL;	/* without one, then */
	using_history();
	clear_history();
	stifle_history(HISTORY_MAX);
	for (size_t i = 0; i < c->history.count; i++)
		add_history(c->history.entries[i]);
	if (start_readline(c, e) != 0) {
		compose_free(c);
		return NULL;
	}
	return c;
}

void
compose_free(struct compose *c)
{
	if (c == NULL)
		return;
	rl_callback_handler_remove();
	rl_instream = stdin;
	rl_outstream = stdout;
	rl_getc_function = rl_getc;
	rl_input_available_hook = NULL;
	if (c->in != NULL) {
		fclose(c->in);
		close(c->idle[1]);
	}
	if (c->out != NULL)
		fclose(c->out);
	if (c->opts.history != NULL)
		history_close(&c->history);
	forget_pasted(c);
	complete_clear(&c->list);
	files_clear(&c->files);
	buf_clear(&c->queue);
	free(c);
	composing = NULL;
}

/* ----------------------------------------------------------------- keys */

static void
forget_candidates(struct compose *c)
{
	complete_clear(&c->list);
	c->chosen = 0;
}

bool
compose_dismiss(struct compose *c)
{
	bool some = c->list.count > 0;

	forget_candidates(c);
	return some;
}

static void
feed(struct compose *c, const char *s, size_t len)
{
	buf_add(&c->queue, s, len);
	while (c->taken < c->queue.len)
		rl_callback_read_char();
	buf_reset(&c->queue);
	c->taken = 0;
}

/* What can be completed is shown while a command or file is typed. */
static void
offer(struct compose *c)
{
	size_t at;

	forget_candidates(c);
	if (rl_point == 0 || compose_is_busy(c))
		return;
	for (at = (size_t)rl_point; at > 0 &&
	    strchr(" \t\n", rl_line_buffer[at - 1]) == NULL; at--)
		;
	if (!(rl_line_buffer[at] == '@' ||
	    (rl_line_buffer[at] == '/' && at == 0)))
		return;
	complete_text(&c->list, &c->opts.table, rl_line_buffer,
	    (size_t)rl_point);
	c->chosen = c->list.count;
}

void
compose_bytes(struct compose *c, const char *s, size_t len)
{
	feed(c, s, len);
	offer(c);
}

void
compose_newline(struct compose *c)
{
	forget_candidates(c);
	rl_insert_text("\n");
}

void
compose_enter(struct compose *c)
{
	forget_candidates(c);
	if (!compose_is_busy(c) && rl_end > 0 && rl_point == rl_end &&
	    rl_line_buffer[rl_end - 1] == '\\') {
		rl_delete_text(rl_end - 1, rl_end);
		rl_point = rl_end;
		rl_insert_text("\n");
		return;
	}
	if (!compose_is_busy(c) && rl_line_buffer[strspn(rl_line_buffer,
	    " \t\n")] == '\0')
		return;
	feed(c, "\r", 1);
}

void
compose_paste(struct compose *c, const char *s, size_t len)
{
	struct buf clean = BUF_INIT;
	struct pasted *p;
	size_t lines = 1;

	/* a NUL would end readline's line */
	safe_text(&clean, s, len);
	for (size_t i = 0; i + 1 < clean.len; i++)
		lines += clean.data[i] == '\n';
	if (lines <= FOLD_LINES && clean.len <= FOLD_BYTES) {
		rl_insert_text(clean.data);
		buf_clear(&clean);
		offer(c);
		return;
	}
	c->pasted = xreallocarray(c->pasted, c->pasted_count + 1,
	    sizeof(*c->pasted));
	p = &c->pasted[c->pasted_count++];
	p->label = c->pasted_count == 1 ?
	    xasprintf("[pasted %zu lines]", lines) :
	    xasprintf("[pasted %zu lines, %zu]", lines, c->pasted_count);
	p->text = buf_take(&clean);
	rl_insert_text(p->label);
}

static int
line_start(int at)
{
	while (at > 0 && rl_line_buffer[at - 1] != '\n')
		at--;
	return at;
}

bool
compose_line(struct compose *c, bool up)
{
	int start = line_start(rl_point), to, end;

	forget_candidates(c);
	if (compose_is_busy(c))
		return false;
	if (up) {
		if (start == 0)
			return false;
		to = line_start(start - 1);
		end = start - 1;
	} else {
		char *next = strchr(rl_line_buffer + rl_point, '\n');
		if (next == NULL)
			return false;
		to = (int)(next - rl_line_buffer) + 1;
		next = strchr(rl_line_buffer + to, '\n');
		end = next != NULL ? (int)(next - rl_line_buffer) : rl_end;
	}
	size_t cells = width_cells(rl_line_buffer + start,
	    (size_t)(rl_point - start));
	rl_point = to + (int)width_prefix(rl_line_buffer + to,
	    (size_t)(end - to), cells);
	return true;
}

/* The bytes that all candidates have in common. */
static size_t
common(const struct complete_list *l)
{
	size_t n = strlen(l->words[0]);

	for (size_t i = 1; i < l->count; i++) {
		size_t same = 0;
		while (same < n && l->words[i][same] == l->words[0][same])
			same++;
		n = same;
	}
	return n;
}

static void
put_word(struct compose *c, const char *word, size_t len, bool whole)
{
	char *text = xasprintf("%.*s%s", (int)len, word,
	    whole && len > 0 && word[len - 1] != '/' ? " " : "");

	rl_begin_undo_group();
	rl_delete_text((int)c->list.start, rl_point);
	rl_point = (int)c->list.start;
	rl_insert_text(text);
	rl_end_undo_group();
	free(text);
}

void
compose_tab(struct compose *c)
{
	size_t n;

	if (compose_is_busy(c))
		return;
	if (c->list.count == 0) {
		complete_text(&c->list, &c->opts.table, rl_line_buffer,
		    (size_t)rl_point);
		c->chosen = c->list.count;
	}
	if (c->list.count == 0)
		return;
	n = common(&c->list);
	if (c->list.count == 1) {
		put_word(c, c->list.words[0], n, true);
		offer(c);
	} else if (c->chosen >= c->list.count &&
	    n > (size_t)rl_point - c->list.start) {
		put_word(c, c->list.words[0], n, false);
		offer(c);
	} else {
		c->chosen = c->chosen + 1 < c->list.count ? c->chosen + 1 : 0;
		put_word(c, c->list.words[c->chosen],
		    strlen(c->list.words[c->chosen]), false);
	}
}

/* ----------------------------------------------------------------- text */

bool
compose_is_empty(const struct compose *c)
{
	(void)c;
	return rl_end == 0 && !compose_is_busy(c);
}

bool
compose_is_vi(const struct compose *c)
{
	(void)c;
	return rl_editing_mode == 0;
}

bool
compose_is_command(const struct compose *c)
{
	return compose_is_vi(c) && rl_get_keymap() != vi_insertion_keymap;
}

bool
compose_is_busy(const struct compose *c)
{
	(void)c;
	return RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH |
	    RL_STATE_NUMERICARG | RL_STATE_MULTIKEY | RL_STATE_METANEXT |
	    RL_STATE_MOREINPUT);
}

bool
compose_discard(struct compose *c)
{
	bool some = rl_end > 0 || compose_is_busy(c);

	rl_callback_sigcleanup();
	rl_free_line_state();
	rl_replace_line("", 1);
	rl_point = rl_mark = 0;
	using_history();
	forget_pasted(c);
	forget_candidates(c);
	return some;
}

bool
compose_put_by(struct compose *c)
{
	char *text = compose_is_busy(c) ? NULL : compose_text(c);

	if (text != NULL && text[strspn(text, " \t\n")] != '\0')
		add_history(text);
	free(text);
	return compose_discard(c);
}

void
compose_set(struct compose *c, const char *text)
{
	rl_replace_line(text, 0);
	rl_point = rl_end;
	forget_candidates(c);
}

char *
compose_text(const struct compose *c)
{
	return unfolded(c, rl_line_buffer);
}

const char *const *
compose_candidates(const struct compose *c, size_t *count, size_t *chosen)
{
	*count = c->list.count;
	*chosen = c->chosen;
	return (const char *const *)c->list.words;
}

/* ----------------------------------------------------------------- draw */

struct layout {
	struct grid *g;		/* NULL: only measure */
	size_t top, rows, width;
	size_t first;		/* rows of text above the first drawn */
	size_t row, col;	/* where the next character goes */
	size_t cursor_row, cursor_col;
};

static void
new_row(struct layout *l)
{
	l->row++;
	l->col = 0;
}

static void
lay_cluster(struct layout *l, const char *s, size_t len, size_t cells)
{
	if (l->col + cells > l->width)
		new_row(l);
	if (l->g != NULL && l->row >= l->first &&
	    l->row - l->first < l->rows)
		grid_put(l->g, l->top + l->row - l->first, MARGIN + l->col,
		    cells, s, len, 0);
	l->col += cells;
}

/* What safe would take out (a pasted control character) is shown as ^X. */
static void
lay_control(struct layout *l, char ch)
{
	char shown[2] = { '^', (char)(ch ^ 0x40) };

	lay_cluster(l, shown, 1, 1);
	lay_cluster(l, shown + 1, 1, 1);
}

static void
lay_text(struct layout *l, const char *s, size_t len, size_t point)
{
	size_t pos = 0, cells;

	while (pos <= len) {
		if (pos == point) {
			if (l->col >= l->width)
				new_row(l);
			l->cursor_row = l->row;
			l->cursor_col = l->col;
		}
		if (pos == len)
			break;
		size_t n = width_cluster(s + pos, len - pos, l->col, &cells);
		if (s[pos] == '\n')
			new_row(l);
		else if (s[pos] == '\t')
			lay_cluster(l, "        ", cells, cells);
		else if ((unsigned char)s[pos] < 0x20 || s[pos] == 0x7f)
			lay_control(l, s[pos]);
		else
			lay_cluster(l, s + pos, n, cells);
		if (point > pos && point < pos + n)
			point = pos + n;	/* never inside a cluster */
		pos += n;
	}
}

static void
lay(struct compose *c, struct layout *l)
{
	struct buf line = BUF_INIT;
	size_t point;

	(void)c;
	/* a search has its own prompt */
	if (rl_display_prompt != NULL && RL_ISSTATE(RL_STATE_ISEARCH |
	    RL_STATE_NSEARCH | RL_STATE_NUMERICARG))
		buf_adds(&line, rl_display_prompt);
	point = line.len + (size_t)rl_point;
	buf_add(&line, rl_line_buffer, (size_t)rl_end);
	lay_text(l, line.data, line.len, point);
	buf_clear(&line);
}

size_t
compose_rows(struct compose *c, size_t cols, size_t max)
{
	struct layout l = { .width = cols > MARGIN + 2 ? cols - MARGIN : 2 };

	lay(c, &l);
	return l.row + 1 < max ? l.row + 1 : max > 0 ? max : 1;
}

void
compose_draw(struct compose *c, struct grid *g, size_t top, size_t rows)
{
	struct layout l = { .width = g->cols > MARGIN + 2 ?
	    g->cols - MARGIN : 2 };

	lay(c, &l);
	/* keep the cursor in what is seen */
	if (l.cursor_row < c->first)
		c->first = l.cursor_row;
	if (l.cursor_row >= c->first + rows)
		c->first = l.cursor_row + 1 - rows;
	if (l.row < rows)
		c->first = 0;
	l = (struct layout){ .g = g, .top = top, .rows = rows,
	    .width = l.width, .first = c->first };
	grid_puts(g, top, 0, "\u276f", STYLE_BIT(PROMPT));
	lay(c, &l);
	g->cursor = true;
	g->cursor_row = top + l.cursor_row - c->first;
	g->cursor_col = MARGIN + l.cursor_col;
	if (g->cursor_col >= g->cols)
		g->cursor_col = g->cols - 1;
}
