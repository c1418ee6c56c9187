/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reads.c - which files the model has seen, and as they were then */

#include "config.h"

#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tool/reads.h"
#include "tool/realname.h"

struct seen {
	char *path;		/* resolved */
	uint64_t hash;
	size_t len;
};

struct reads {
	void *root;		/* of tsearch(3), by path */
};

struct reads *
reads_new(void)
{
	return xcalloc(1, sizeof(struct reads));
}

static int
by_path(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void
seen_free(void *arg)
{
	struct seen *s = arg;

	free(s->path);
	free(s);
}

void
reads_forget(struct reads *r)
{
	tdestroy(r->root, seen_free);
	r->root = NULL;
}

void
reads_free(struct reads *r)
{
	if (r == NULL)
		return;
	reads_forget(r);
	free(r);
}

/* FNV-1a: tells a changed file from an unchanged one, not from a forged. */
static uint64_t
hash_of(const char *s, size_t len)
{
	uint64_t h = 0xcbf29ce484222325u;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
	return h;
}

void
reads_note(struct reads *r, const char *path, const char *content, size_t len)
{
	struct seen *s = xcalloc(1, sizeof *s), **at;

	s->path = realname(path);
	at = tsearch(s, &r->root, by_path);
	if (at == NULL)
		fatal(__func__, "no memory");
	if (*at != s)
		seen_free(s);
	(*at)->hash = hash_of(content, len);
	(*at)->len = len;
}

enum reads_state
reads_look(const struct reads *r, const char *path, const char *content,
    size_t len)
{
	struct seen key = { .path = realname(path) };
	struct seen **at = tfind(&key, &r->root, by_path);

	free(key.path);
	if (at == NULL)
		return READS_NEVER;
	return (*at)->len == len && (*at)->hash == hash_of(content, len) ?
	    READS_CURRENT : READS_CHANGED;
}
