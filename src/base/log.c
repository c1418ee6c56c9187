/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log.c - what happened, for whoever looks for a fault */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

enum { LINE_USUAL = 256 };

static const char *const area_names[] = {
#define X(id, name) name,
	LOG_AREAS(X)
#undef X
};
static const char *const level_names[] = { "error", "warn", "info", "debug" };

/* One of the few things that belong to the process (style.md 3). */
static FILE *log_file;
static enum log_level log_level = LOG_WARN;
static unsigned log_debugged;	/* bit per area */

int
log_open(const char *path, struct err *e)
{
	FILE *f;

	f = strcmp(path, "-") == 0 ? stderr : fopen(path, "ae");
	if (f == NULL)
		return err_errno(e, ERR_IO, errno, "cannot open %s", path);
	log_close();
	log_file = f;
	setvbuf(f, NULL, _IOLBF, 0);
	return 0;
}

void
log_close(void)
{
	if (log_file != NULL && log_file != stderr)
		fclose(log_file);
	log_file = NULL;
}

void
log_set_level(enum log_level level)
{
	log_level = level;
}

static int
debug_one(const char *name, size_t len)
{
	size_t i;

	if (len == 3 && memcmp(name, "all", 3) == 0) {
		log_debugged = ~0u;
		return 0;
	}
	for (i = 0; i < NELEM(area_names); i++)
		if (strlen(area_names[i]) == len &&
		    memcmp(area_names[i], name, len) == 0) {
			log_debugged |= 1u << i;
			return 0;
		}
	return -1;
}

int
log_set_debug(const char *areas, struct err *e)
{
	const char *p = areas;

	for (;;) {
		size_t len = strcspn(p, ",");

		if (debug_one(p, len) == -1) {
			err_set(e, ERR_USAGE, "--debug: no area '%.*s'",
			    (int)len, p);
			return err_hint(e, "areas are all, store, model, "
			    "agent, server, client, ui, tool, fetch, cli");
		}
		if (p[len] == '\0')
			return 0;
		p += len + 1;
	}
}

bool
log_wants(enum log_area area, enum log_level level)
{
	if (log_file == NULL)
		return false;
	return level <= log_level || (log_debugged & 1u << area) != 0;
}

/* Without printf and in one piece: the server has a line for each answer. */
static void
begin_line(struct buf *b, enum log_area area, enum log_level level)
{
	char when[CLOCK_ISO_MAX];

	(void)buf_reserve(b, LINE_USUAL);
	buf_adds(b, clock_iso(clock_ms(), when));
	buf_addc(b, ' ');
	buf_add_int(b, getpid());
	buf_addc(b, ' ');
	buf_adds(b, area_names[area]);
	buf_addc(b, ' ');
	buf_adds(b, level_names[level]);
	buf_addl(b, ": ");
}

static void
end_line(struct buf *b)
{
	buf_addc(b, '\n');
	fwrite(b->data, 1, b->len, log_file);
	buf_clear(b);
}

void
log_msg(enum log_area area, enum log_level level, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	if (!log_wants(area, level))
		return;
	begin_line(&b, area, level);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	end_line(&b);
}

void
log_text(enum log_area area, enum log_level level, const struct buf *text)
{
	struct buf b = BUF_INIT;

	if (!log_wants(area, level))
		return;
	begin_line(&b, area, level);
	buf_add(&b, text->data, text->len);
	end_line(&b);
}
