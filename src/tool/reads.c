/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reads.c - which files the model has seen, and as they were then */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/tree.h"
#include "tool/reads.h"
#include "tool/realname.h"

struct seen {
	char *path;		/* resolved */
	uint64_t hash;
	size_t len;
};

struct reads {
	void *tree;		/* of struct seen, by path */
};

struct reads *
reads_new(void)
{
	return xcalloc(1, sizeof(struct reads));
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
	tree_clear(&r->tree, seen_free);
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
	struct seen *s = xcalloc(1, sizeof *s), *before;

	s->path = realname(path);
	s->hash = hash_of(content, len);
	s->len = len;
	before = tree_put(&r->tree, s);
	if (before != NULL)
		seen_free(before);
}

enum reads_state
reads_look(const struct reads *r, const char *path, const char *content,
    size_t len)
{
	char *name = realname(path);
	const struct seen *s = tree_find(&r->tree, name);

	free(name);
	if (s == NULL)
		return READS_NEVER;
	return s->len == len && s->hash == hash_of(content, len) ?
	    READS_CURRENT : READS_CHANGED;
}
