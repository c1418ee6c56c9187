/* SPDX-License-Identifier: GPL-3.0-or-later */
/* program.c - the program that is an agent: started, told, heard, ended */

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <event2/event.h>

#include "agent/program.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "tool/child.h"

enum {
	WORDS_MAX = 2048,	/* last words kept */
	WORDS_TOLD = 300,	/* of them, in an error */
	SAID_MAX = 1000,	/* of a line of stderr, in the log */
};

struct program {
	struct program_opts opts;	/* without argv and dir */
	char *name, *dir;
	char *command;			/* argv, each with a NUL behind it */
	size_t command_len;
	struct child *child;		/* NULL: it has ended */
	struct program_hearer hearer;	/* line NULL: nobody hears */
	struct event *warm;
	struct event *mute;		/* it has closed its stdout */
	struct buf out;			/* of stdout: a line not whole yet */
	struct buf said;		/* the same of stderr */
	struct buf words;		/* its last lines on stderr */
	int turns;
	int depth;			/* callbacks of ours that run */
	bool exact;
	bool gone;			/* to be freed when depth is 0 */
};

static char *
command_of(char *const *argv, size_t *len)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; argv[i] != NULL; i++)
		buf_add(&b, argv[i], strlen(argv[i]) + 1);
	*len = b.len;
	return buf_take(&b);
}

static void
program_free(struct program *p)
{
	if (p->warm != NULL)
		event_free(p->warm);
	if (p->mute != NULL)
		event_free(p->mute);
	buf_clear(&p->out);
	buf_clear(&p->said);
	buf_clear(&p->words);
	free(p->name);
	free(p->dir);
	free(p->command);
	free(p);
}

/* Nobody knows it any more. */
static void
program_forget(struct program *p)
{
	p->hearer.line = NULL;
	p->gone = true;
	if (*p->opts.slot == p)
		*p->opts.slot = NULL;
	if (p->depth == 0)
		program_free(p);
}

/* The hearer is told once, and may have forgotten it by then. */
static void
program_lost(struct program *p, const struct err *why)
{
	struct program_hearer h = p->hearer;

	p->hearer.line = NULL;
	if (h.line != NULL)
		h.ended(why, h.arg);
}

static void
program_over_line(struct program *p)
{
	struct err e = ERR_INIT;

	err_set(&e, ERR_TOO_BIG, "agent %s: a line of more than %d bytes",
	    p->name, (int)PROGRAM_LINE_MAX);
	program_lost(p, &e);
}

static void
program_heard(struct program *p, const char *line, size_t len)
{
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len > PROGRAM_LINE_MAX)
		program_over_line(p);
	else if (p->hearer.line != NULL)
		p->hearer.line(line, len, p->hearer.arg);
	else if (len > 0)
		log_debug(LOG_AGENT, "agent %s: said outside a turn: %.*s",
		    p->name, (int)(len < SAID_MAX ? len : SAID_MAX), line);
}

static void
program_said(struct program *p, const char *line, size_t len)
{
	if (len == 0)
		return;
	log_msg(LOG_AGENT, LOG_INFO, "agent %s: %.*s", p->name,
	    (int)(len < SAID_MAX ? len : SAID_MAX), line);
	if (p->words.len + len >= WORDS_MAX)
		buf_reset(&p->words);
	if (p->words.len > 0)
		buf_addc(&p->words, '\n');
	buf_add(&p->words, line, len < WORDS_MAX / 2 ? len : WORDS_MAX / 2);
}

/* Whole lines of what has come; the rest stays in b. */
static void
program_lines(struct program *p, struct buf *b, const char *bytes, size_t len,
    void (*fn)(struct program *, const char *, size_t))
{
	const char *end;

	while (!p->gone && (end = memchr(bytes, '\n', len)) != NULL) {
		size_t n = (size_t)(end - bytes);

		if (b->len > 0) {
			buf_add(b, bytes, n);
			fn(p, b->data, b->len);
			buf_reset(b);
		} else {
			fn(p, bytes, n);
		}
		bytes += n + 1;
		len -= n + 1;
	}
	if (!p->gone)
		buf_add(b, bytes, len);
}

static void
program_bytes(int fd, const char *bytes, size_t len, void *arg)
{
	struct program *p = arg;

	p->depth++;
	if (fd == 1)
		program_lines(p, &p->out, bytes, len, program_heard);
	else
		program_lines(p, &p->said, bytes, len, program_said);
	if (!p->gone && p->out.len > PROGRAM_LINE_MAX) {
		buf_clear(&p->out);
		program_over_line(p);
	}
	if (p->said.len > SAID_MAX) {
		program_said(p, p->said.data, p->said.len);
		buf_reset(&p->said);
	}
	if (--p->depth == 0 && p->gone)
		program_free(p);
}

/* "exit status 1: its last words" */
static void
program_exited(int wait_status, void *arg)
{
	struct program *p = arg;
	struct err e = ERR_INIT;
	struct buf how = BUF_INIT;

	p->child = NULL;
	p->depth++;
	if (p->out.len > 0)	/* a last line without its newline */
		program_heard(p, p->out.data, p->out.len);
	program_said(p, p->said.data, p->said.len);
	child_status_text(&how, wait_status);
	if (p->words.len > WORDS_TOLD)
		buf_drop(&p->words, p->words.len - WORDS_TOLD);
	err_set(&e, ERR_FAILED, "agent %s ended in the middle of its turn: "
	    "%s%s%s", p->name, how.data, p->words.len > 0 ? ": " : "",
	    p->words.data);
	buf_clear(&how);
	if (!p->gone)
		program_lost(p, &e);
	p->depth--;
	program_forget(p);
}

/* Most that close it are about to end, and then tell more by how they do. */
static void
program_eof(int fd, void *arg)
{
	struct program *p = arg;
	struct timeval tv = { PROGRAM_MUTE_MS / 1000,
	    PROGRAM_MUTE_MS % 1000 * 1000 };

	if (fd == 1)
		evtimer_add(p->mute, &tv);
}

static void
program_is_mute(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED,
    void *arg)
{
	struct program *p = arg;
	struct err e = ERR_INIT;

	p->depth++;
	if (p->out.len > 0)
		program_heard(p, p->out.data, p->out.len);
	err_set(&e, ERR_FAILED, "agent %s has closed its standard output in "
	    "the middle of its turn, and runs on", p->name);
	if (!p->gone)
		program_lost(p, &e);
	p->depth--;
	if (!p->gone)
		program_kill(p);
	else if (p->depth == 0)
		program_free(p);
}

static void
program_cold(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED,
    void *arg)
{
	program_end(arg);
}

int
program_start(const struct program_opts *opts, struct err *e)
{
	struct program *p = xcalloc(1, sizeof(*p));
	const char *const *argv = (const char *const *)opts->argv;
	char **env = opts->keys ? child_env_whole() : child_env(NULL, NULL);
	struct child_opts child = {
		.argv = argv, .dir = opts->dir, .env = env, .input = true,
		.on_bytes = program_bytes, .on_eof = program_eof,
		.on_exit = program_exited, .arg = p,
	};

	p->opts = *opts;
	p->name = xstrdup(opts->name);
	p->dir = opts->dir != NULL ? xstrdup(opts->dir) : NULL;
	p->command = command_of(opts->argv, &p->command_len);
	buf_init(&p->out);
	buf_init(&p->said);
	buf_init(&p->words);
	p->child = child_start(opts->base, &child, e);
	child_env_free(env);
	if (p->child == NULL) {
		program_free(p);
		return -1;
	}
	p->warm = evtimer_new(opts->base, program_cold, p);
	p->mute = evtimer_new(opts->base, program_is_mute, p);
	*opts->slot = p;
	return 0;
}

bool
program_fits(const struct program *p, const struct program_opts *opts)
{
	size_t len;
	char *command = command_of(opts->argv, &len);
	bool same = len == p->command_len &&
	    memcmp(command, p->command, len) == 0 &&
	    strcmp(opts->name, p->name) == 0 &&
	    strcmp(opts->dir != NULL ? opts->dir : "",
	    p->dir != NULL ? p->dir : "") == 0;

	free(command);
	return same;
}

int
program_hear(struct program *p, const struct program_hearer *h)
{
	evtimer_del(p->warm);
	p->hearer = *h;
	buf_reset(&p->words);
	return ++p->turns;
}

int
program_say(struct program *p, const char *line, size_t len, struct err *e)
{
	if (p->child == NULL || child_write(p->child, line, len) == -1)
		return err_set(e, ERR_FAILED, "agent %s does not read what it "
		    "is told", p->name);
	return 0;
}

void
program_rest(struct program *p)
{
	struct timeval tv = {
		p->opts.warm_ms / 1000, p->opts.warm_ms % 1000 * 1000,
	};

	p->hearer.line = NULL;
	evtimer_add(p->warm, &tv);
}

bool
program_is_exact(const struct program *p)
{
	return p->exact;
}

void
program_set_exact(struct program *p)
{
	p->exact = true;
}

void
program_end(struct program *p)
{
	if (p != NULL && p->child != NULL)
		child_end_input(p->child);
	program_kill(p);
}

void
program_kill(struct program *p)
{
	if (p == NULL || p->gone)
		return;
	child_drop(p->child);
	p->child = NULL;
	program_forget(p);
}

void
program_finish(struct program *p, int ms)
{
	if (p == NULL || p->gone)
		return;
	if (p->child != NULL)
		child_finish(p->child, ms);
	p->child = NULL;
	program_forget(p);
}
