/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grep_own.c - searching files where there is no ripgrep */

#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/pattern.h"
#include "tool/grep_own.h"
#include "tool/match.h"
#include "tool/walk.h"

enum {
	SLICE = 50,		/* entries in one turn of the loop */
	FILE_MAX = 8 * 1024 * 1024,
	SNIFF = 8192,
};

struct grep_own {
	const struct grep_opts *opts;
	grep_line_fn fn;
	void (*done)(void *arg);
	void *arg;
	struct pattern *pattern;
	struct match_list globs;
	struct walk *walk;	/* NULL: one file */
	struct event *more;
};

struct row {
	const char *s;
	size_t len;
	bool match;
};

/* base/pattern minds the case: what ignores it is searched in lower case. */
static char *
lower(const char *s, size_t len)
{
	char *out = xstrndup(s, len);
	size_t i;

	for (i = 0; i < len; i++)
		out[i] = (char)tolower((unsigned char)s[i]);
	return out;
}

/* "\S" must stay "\S". */
static char *
lower_pattern(const char *s)
{
	char *out = lower(s, strlen(s));
	size_t i;

	for (i = 0; s[i] != '\0'; i++) {
		if (s[i] == '\\' && s[i + 1] != '\0') {
			i++;
			out[i] = s[i];
		}
	}
	return out;
}

static bool
matches(const struct grep_own *g, const char *s, size_t len)
{
	char *low;
	bool yes;

	if (!g->opts->any_case)
		return pattern_match(g->pattern, s, len);
	low = lower(s, len);
	yes = pattern_match(g->pattern, low, len);
	free(low);
	return yes;
}

static void
report(const struct grep_own *g, const char *path, const struct row *rows,
    size_t count)
{
	size_t around = (size_t)g->opts->context, i, k, next = 0;
	char number[32];

	for (i = 0; i < count; i++) {
		if (!rows[i].match)
			continue;
		k = i > around ? i - around : 0;
		if (k < next)
			k = next;
		for (; k <= i + around && k < count; k++) {
			snprintf(number, sizeof number, "%zu", k + 1);
			g->fn(path, number, rows[k].match ? ':' : '-',
			    rows[k].s, rows[k].len, g->arg);
		}
		next = k;
	}
}

static void
search_file(const struct grep_own *g, const char *path)
{
	struct buf b = BUF_INIT;
	struct row *rows = NULL;
	size_t count = 0, hits = 0;
	const char *p, *nl, *end;
	struct stat st;

	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode) ||
	    buf_read_file(&b, path, FILE_MAX, NULL) == -1)
		goto done;
	if (memchr(b.data, '\0', b.len < SNIFF ? b.len : SNIFF) != NULL)
		goto done;
	end = b.data + b.len;
	for (p = b.data; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end;
		if ((count & (count + 1)) == 0)
			rows = xreallocarray(rows, 2 * (count + 1),
			    sizeof *rows);
		rows[count] = (struct row){ p, (size_t)(nl - p),
		    matches(g, p, (size_t)(nl - p)) };
		hits += rows[count++].match;
	}
	if (hits > 0)
		report(g, path, rows, count);
done:
	free(rows);
	buf_clear(&b);
}

static bool
is_wanted(const struct grep_own *g, const char *name)
{
	unsigned i;

	for (i = 0; i < g->globs.count; i++) {
		if (match_path(g->globs.v[i], name))
			return true;
	}
	return g->globs.count == 0;
}

static void
search_on(evutil_socket_t fd, short what, void *arg)
{
	struct grep_own *g = arg;
	struct timeval now = { 0 };
	unsigned budget = SLICE;
	const char *name;

	(void)fd;
	(void)what;
	if (g->walk == NULL)
		search_file(g, g->opts->path);
	while (g->walk != NULL && (name = walk_next(g->walk, &budget))) {
		char *path;

		if (*name == '\0') {
			event_add(g->more, &now);
			return;
		}
		if (!is_wanted(g, name))
			continue;
		path = path_join(g->opts->path, name);
		search_file(g, path);
		free(path);
	}
	g->done(g->arg);
}

static int
compile(struct grep_own *g, struct err *e)
{
	char *low = g->opts->any_case ? lower_pattern(g->opts->pattern) : NULL;
	struct err why = ERR_INIT;

	g->pattern = pattern_new(low != NULL ? low : g->opts->pattern, &why);
	free(low);
	if (g->pattern == NULL)
		return err_set(e, ERR_INPUT, "The pattern cannot be used: %s. "
		    "There is no looking around and no back reference.",
		    why.text);
	return 0;
}

struct grep_own *
grep_own_start(struct event_base *base, const struct grep_opts *opts,
    grep_line_fn fn, void (*done)(void *arg), void *arg, struct err *e)
{
	struct grep_own *g = xcalloc(1, sizeof *g);
	struct timeval now = { 0 };
	struct stat st;

	g->opts = opts;
	g->fn = fn;
	g->done = done;
	g->arg = arg;
	g->more = event_new(base, -1, 0, search_on, g);
	if (compile(g, e) == -1) {
		grep_own_free(g);
		return NULL;
	}
	if (opts->glob != NULL) {
		char *whole = xasprintf("%s%s", strchr(opts->glob, '/') ==
		    NULL ? "**/" : "", opts->glob);

		match_expand(&g->globs, whole);
		free(whole);
	}
	if (stat(opts->path, &st) == 0 && S_ISDIR(st.st_mode))
		g->walk = walk_new(opts->path, false);
	event_add(g->more, &now);
	return g;
}

void
grep_own_free(struct grep_own *g)
{
	if (g == NULL)
		return;
	pattern_free(g->pattern);
	match_list_clear(&g->globs);
	walk_free(g->walk);
	event_free(g->more);
	free(g);
}
