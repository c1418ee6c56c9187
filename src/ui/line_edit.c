/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line_edit.c - lines edited with readline */

/*
 * readline has one state for the process and callbacks without an argument,
 * hence `editing`. Hidden, it goes on editing without a screen: our redisplay
 * does nothing and it is told that the terminal does not echo, so that not
 * even the newline of an accepted line is written.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/attr.h"
#include "base/mem.h"
#include "ui/line_priv.h"
#include "ui/width.h"
#include "ui/style.h"

static struct line *editing;

static void
redisplay(void)
{
	if (editing == NULL || !editing->shown)
		return;
	rl_redisplay();
	editing->drawn = true;
}

static char *
styled_prompt(const struct line *ln)
{
	struct buf b = BUF_INIT;

	/* What is between 1 and 2 has no width for readline. */
	buf_addc(&b, RL_PROMPT_START_IGNORE);
	style_add(&b, ln->opts.style, STYLE_BIT(PROMPT));
	buf_addc(&b, RL_PROMPT_END_IGNORE);
	buf_adds(&b, ln->prompt);
	buf_addc(&b, RL_PROMPT_START_IGNORE);
	style_add(&b, ln->opts.style, 0);
	buf_addc(&b, RL_PROMPT_END_IGNORE);
	return buf_take(&b);
}

/* readline calls this with a whole line, which is ours to free. */
static void
accepted(char *text)
{
	struct line *ln = editing;

	if (text == NULL) {
		line_leave(ln);
		return;
	}
	ln->drawn = false;
	ln->accepting = true;
	if (*text != '\0')
		add_history(text);
	line_entered(ln, text);
	ln->accepting = false;
	free(text);
}

/* ----------------------------------------------------------------- keys */

static int
key_newline(int count, int key)
{
	(void)count;
	(void)key;
	return rl_insert_text("\n");
}

static int
key_enter(int count, int key)
{
	if (rl_end > 0 && rl_point == rl_end &&
	    rl_line_buffer[rl_end - 1] == '\\') {
		rl_delete_text(rl_end - 1, rl_end);
		rl_point = rl_end;
		return rl_insert_text("\n");
	}
	return rl_newline(count, key);
}

static void
bind_keys(void)
{
	Keymap maps[] = { emacs_standard_keymap, vi_insertion_keymap };
	size_t i;

	for (i = 0; i < NELEM(maps); i++) {
		rl_bind_key_in_map('\r', key_enter, maps[i]);
		rl_bind_key_in_map('\n', key_newline, maps[i]);
	}
	rl_bind_keyseq_in_map("\\e\\C-m", key_newline, emacs_standard_keymap);
	rl_bind_keyseq_in_map("\\e\\C-j", key_newline, emacs_standard_keymap);
}

/* ----------------------------------------------------------- completion */

/* The bytes that all words have in common. */
static size_t
common_prefix(const struct complete_list *list)
{
	size_t i, n = strlen(list->words[0]);

	for (i = 1; i < list->count; i++) {
		size_t same = 0;

		while (same < n && list->words[i][same] ==
		    list->words[0][same])
			same++;
		n = same;
	}
	return n;
}

/* readline's form: what they have in common, the words, NULL. */
static char **
matches(const struct complete_list *list, const char *text, size_t kept)
{
	char **out = xcalloc(list->count + 2, sizeof(*out));
	size_t i;

	out[0] = xasprintf("%.*s%.*s", (int)kept, text,
	    (int)common_prefix(list), list->words[0]);
	for (i = 0; list->count > 1 && i < list->count; i++)
		out[i + 1] = xasprintf("%.*s%s", (int)kept, text,
		    list->words[i]);
	return out;
}

static char **
complete_word(const char *text, int start, int end)
{
	struct complete_list list = { .start = 0 };
	char **out = NULL;

	(void)end;
	rl_attempted_completion_over = 1;
	complete_text(&list, &editing->opts.table, rl_line_buffer,
	    (size_t)rl_point);
	if (list.count > 0) {
		const char *first = list.words[0];

		/* An @ in front stays where it is. */
		out = matches(&list, text, list.start - (size_t)start);
		rl_completion_append_character =
		    first[strlen(first) - 1] == '/' ? '\0' : ' ';
	}
	complete_clear(&list);
	return out;
}

/* ------------------------------------------------------------------ way */

static void
load_history(const struct line *ln)
{
	size_t i;

	using_history();
	clear_history();
	stifle_history(HISTORY_MAX);
	for (i = 0; i < ln->history.count; i++)
		add_history(ln->history.entries[i]);
}

static void
edit_open(struct line *ln)
{
	static const char breaks[] = " \t\n";
	char *prompt;

	if (editing != NULL)
		fatal(__func__, "a second line");
	editing = ln;
	rl_readline_name = "chatd";
	rl_change_environment = 0;
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_attempted_completion_function = complete_word;
	rl_completer_word_break_characters = breaks;
	rl_initialize();
	/* Set earlier, it would make readline take the terminal as dumb. */
	rl_redisplay_function = redisplay;
	bind_keys();
	load_history(ln);
	prompt = styled_prompt(ln);
	rl_callback_handler_install(prompt, accepted);
	rl_tty_set_echoing(0);
	free(prompt);
	event_add(ln->input, NULL);
}

static void
edit_close(struct line *ln)
{
	(void)ln;
	rl_callback_handler_remove();
	rl_redisplay_function = rl_redisplay;
	editing = NULL;
}

static void
edit_readable(struct line *ln)
{
	rl_callback_read_char();
	/* Each new line asks the terminal again whether it echoes. */
	rl_tty_set_echoing(ln->shown);
	fflush(rl_outstream);
}

static void
edit_show(struct line *ln)
{
	rl_tty_set_echoing(1);
	/* Within accepted() readline draws the next prompt by itself. */
	if (ln->drawn || ln->accepting)
		return;
	rl_on_new_line();
	redisplay();
	fflush(rl_outstream);
}

static void
edit_hide(struct line *ln)
{
	if (ln->drawn)
		rl_clear_visible_line();
	fflush(rl_outstream);
	ln->drawn = false;
	rl_tty_set_echoing(0);
}

static void
edit_prompt(struct line *ln)
{
	char *prompt = styled_prompt(ln);

	rl_set_prompt(prompt);
	free(prompt);
	if (ln->drawn)
		redisplay();
}

/* Rows between the beginning of the input and the cursor, at least. */
static int
rows_above(const struct line *ln, int cols)
{
	size_t cells = width_cells(ln->prompt, strlen(ln->prompt)) +
	    width_cells(rl_line_buffer, (size_t)rl_point);

	return cols > 0 && cells > 0 ? (int)((cells - 1) / (size_t)cols) : 0;
}

/* Does the terminal wrap anew what stands on it? xterm and the console do
 * not; to think so there would take away what was said before. */
static bool
rewraps(void)
{
	static const char *const signs[] = { "TMUX", "VTE_VERSION",
	    "KITTY_WINDOW_ID", "WEZTERM_PANE", "ITERM_SESSION_ID",
	    "ALACRITTY_WINDOW_ID", "GHOSTTY_RESOURCES_DIR", "KONSOLE_VERSION" };
	const char *term = getenv("TERM");

	for (size_t i = 0; i < NELEM(signs); i++)
		if (getenv(signs[i]) != NULL)
			return true;
	return term != NULL && strncmp(term, "foot", 4) == 0;
}

static void
edit_resized(struct line *ln)
{
	int rows, old, now;

	/* rl_resize_terminal() clears as many rows as the line had at the old
	 * width, and in a terminal that wraps anew those are not its own any
	 * more: what was said before would vanish. */
	rl_get_screen_size(&rows, &old);
	rl_reset_screen_size();
	rl_get_screen_size(&rows, &now);
	if (!ln->drawn)
		return;
	int up = rows_above(ln, rewraps() || now > old ? now : old);
	if (up > 0)
		fprintf(rl_outstream, "\033[%dA", up);
	fputs("\r\033[J", rl_outstream);
	rl_on_new_line();
	redisplay();
	fflush(rl_outstream);
}

static bool
edit_discard(struct line *ln)
{
	bool some = rl_end > 0;

	rl_callback_sigcleanup();
	if (!some)
		return false;
	if (ln->drawn) {
		rl_point = rl_end;
		redisplay();
		fputs("^C\n", rl_outstream);
	}
	rl_free_line_state();
	rl_replace_line("", 1);
	using_history();
	if (ln->drawn) {
		rl_on_new_line();
		redisplay();
		fflush(rl_outstream);
	}
	return true;
}

static void
edit_set_text(struct line *ln, const char *text)
{
	rl_replace_line(text, 1);
	rl_point = rl_end;
	if (ln->drawn) {
		redisplay();
		fflush(rl_outstream);
	}
}

const struct line_way line_edit = {
	.open = edit_open,
	.close = edit_close,
	.readable = edit_readable,
	.show = edit_show,
	.hide = edit_hide,
	.prompt = edit_prompt,
	.resized = edit_resized,
	.discard = edit_discard,
	.set_text = edit_set_text,
};
