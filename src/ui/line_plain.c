/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line_plain.c - lines from a pipe, a file or a dumb terminal */

/*
 * Input is only read while the prompt is shown: the lines of a pipe are
 * handed over one by one as the caller is ready for them, and the end of the
 * input comes after the last of them.
 */

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ui/line_priv.h"
#include "ui/style.h"

enum {
	PLAIN_READ = 4096,
	PLAIN_MAX = 16 << 20,	/* bytes of one entry */
};

static void
plain_open(struct line *ln)
{
	buf_init_max(&ln->pending, PLAIN_MAX);
}

static void
plain_close(struct line *ln)
{
	event_del(ln->input);
}

/* Length of the first entry with its newline, 0 if it is not whole. */
static size_t
entry_len(const struct buf *b)
{
	size_t pos = 0;

	for (;;) {
		const char *end = memchr(b->data + pos, '\n', b->len - pos);

		if (end == NULL)
			return 0;
		pos = (size_t)(end - b->data) + 1;
		if (pos < 2 || b->data[pos - 2] != '\\')
			return pos;
	}
}

/* Backslashes at the ends of lines go, CR LF is a newline. */
static char *
entry_text(const char *s, size_t len)
{
	struct buf out = BUF_INIT;
	size_t i;

	for (i = 0; i < len; i++) {
		if (i + 1 < len && s[i + 1] == '\n' &&
		    (s[i] == '\\' || s[i] == '\r'))
			continue;
		if (s[i] != '\0')
			buf_addc(&out, s[i]);
	}
	if (out.len > 0 && out.data[out.len - 1] == '\n')
		buf_cut(&out, out.len - 1);
	return buf_take(&out);
}

static void
hand_over(struct line *ln)
{
	while (ln->shown && !ln->freed && !ln->left) {
		size_t n = entry_len(&ln->pending);
		char *text;

		if (n == 0 && ln->ended)
			n = ln->pending.len;
		if (n == 0)
			break;
		text = entry_text(ln->pending.data, n);
		buf_drop(&ln->pending, n);
		line_entered(ln, text);
		free(text);
	}
	if (ln->ended && ln->shown && ln->pending.len == 0)
		line_leave(ln);
}

static void
plain_readable(struct line *ln)
{
	char *room = buf_reserve(&ln->pending, PLAIN_READ);
	ssize_t n;

	if (!ln->ended && entry_len(&ln->pending) == 0) {
		n = room == NULL ? 0 : read(STDIN_FILENO, room, PLAIN_READ);
		if (n > 0)
			ln->pending.len += (size_t)n;
		else if (n == 0 || (errno != EINTR && errno != EAGAIN))
			ln->ended = true;
	}
	hand_over(ln);
	/* What is left needs no descriptor to become readable. */
	if (!ln->freed && !ln->left && ln->shown &&
	    !event_pending(ln->input, EV_READ, NULL))
		event_active(ln->input, EV_READ, 0);
}

/* epoll refuses files and /dev/null; they are always readable. */
static bool
never_waits(void)
{
	struct stat st;

	return fstat(STDIN_FILENO, &st) == 0 && (S_ISREG(st.st_mode) ||
	    (S_ISCHR(st.st_mode) && !isatty(STDIN_FILENO)));
}

static void
plain_show(struct line *ln)
{
	/* A dumb terminal gets the prompt, a pipe does not. */
	if (isatty(STDIN_FILENO) && ln->opts.style->tty &&
	    write(STDOUT_FILENO, ln->prompt, strlen(ln->prompt)) == -1)
		ln->ended = true;
	if (ln->ended || entry_len(&ln->pending) > 0 || never_waits() ||
	    event_add(ln->input, NULL) == -1)
		event_active(ln->input, EV_READ, 0);
}

static void
plain_hide(struct line *ln)
{
	event_del(ln->input);
}

static void
plain_nothing(struct line *ln)
{
	(void)ln;
}

static bool
plain_discard(struct line *ln)
{
	/* The terminal's own line is gone with the signal. */
	(void)ln;
	return false;
}

static void
plain_set_text(struct line *ln, const char *text)
{
	(void)ln;
	(void)text;
}

const struct line_way line_plain = {
	.open = plain_open,
	.close = plain_close,
	.readable = plain_readable,
	.show = plain_show,
	.hide = plain_hide,
	.prompt = plain_nothing,
	.resized = plain_nothing,
	.discard = plain_discard,
	.set_text = plain_set_text,
};
