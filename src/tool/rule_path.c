/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_path.c - path patterns, through symlinks */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "tool/match.h"
#include "tool/realname.h"
#include "tool/rule_priv.h"
#include "tool/walk.h"

enum {
	WALK_MAX = 200 * 1000,	/* entries looked at for a sandbox */
	PATHS_MAX = 256,
};

static char *
absolute(const char *path, const char *dir, const char *home)
{
	if (path[0] == '/')
		return xstrdup(path);
	if (path[0] == '~' && (path[1] == '/' || path[1] == '\0') &&
	    home != NULL)
		return xasprintf("%s%s", home, path + 1);
	return xasprintf("%s/%s", dir, path);
}

/* The length of the leading parts in which nothing is a pattern. */
static size_t
plain_len(const char *pattern)
{
	size_t n = strcspn(pattern, "*?[{\\");

	if (pattern[n] == '\0')
		return n;
	while (n > 0 && pattern[n - 1] != '/')
		n--;
	return n;
}

static void
add_literal(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (strchr("*?[{}\\,", *s) != NULL)
			buf_addc(out, '\\');
		buf_addc(out, *s);
	}
}

/* Put root, taken as it is, before the pattern; its plain parts resolved. */
static char *
rooted(const char *root, const char *pattern, bool resolve)
{
	struct buf out = BUF_INIT;
	size_t n = plain_len(pattern);
	char *plain = xasprintf("%s/%.*s", root, (int)n, pattern);
	char *name = resolve ? realname(plain) : realname_clean(plain);

	if (strcmp(name, "/") != 0)
		add_literal(&out, name);
	if (pattern[n] != '\0')
		buf_addf(&out, "/%s", pattern + n);
	if (out.len == 0)
		buf_addc(&out, '/');
	free(name);
	free(plain);
	return buf_take(&out);
}

/* The rule's pattern as one of absolute paths; NULL: none. */
static char *
whole_pattern(const struct rule *r, const char *dir, const char *home,
    bool resolve)
{
	const char *p = r->pattern;
	bool deny = r->effect != RULE_ALLOW;
	size_t n = strlen(p);
	char *copy, *out;

	while (n > 1 && p[n - 1] == '/')
		n--;
	copy = xstrndup(p, n);
	if (strncmp(copy, "~/", 2) == 0 || strcmp(copy, "~") == 0)
		out = home == NULL ? NULL : rooted(home, copy + 1, resolve);
	else if (copy[0] == '/')
		out = rooted("", copy, resolve);
	else if (strchr(copy, '/') != NULL)
		out = rooted(dir, strncmp(copy, "./", 2) == 0 ? copy + 2 :
		    copy, resolve);
	else if (deny)		/* a bare name: anywhere */
		out = xasprintf("/**/%s", copy);
	else {
		char *deep = xasprintf("**/%s", copy);

		out = rooted(dir, deep, resolve);
		free(deep);
	}
	free(copy);
	return out;
}

static bool
pattern_holds(const char *pattern, const char *path, bool below)
{
	struct match_list list = { 0 };
	bool yes = false;
	unsigned i;

	match_expand(&list, pattern);
	for (i = 0; i < list.count && !yes; i++) {
		size_t n = strlen(list.v[i]);
		char *deeper;

		yes = match_path(list.v[i], path);
		if (yes || !below)
			continue;
		deeper = xasprintf("%s/**", list.v[i]);
		yes = match_path(deeper, path);
		free(deeper);
		/* All below x also means x: copied, it is all of it. */
		if (!yes && n > 3 && strcmp(list.v[i] + n - 3, "/**") == 0) {
			deeper = xstrndup(list.v[i], n - 3);
			yes = match_path(deeper, path);
			free(deeper);
		}
	}
	match_list_clear(&list);
	return yes;
}

static bool
holds_for(const struct rule *r, const char *path, const char *dir,
    const char *home, bool resolve)
{
	char *pattern = whole_pattern(r, dir, home, resolve);
	bool yes = pattern != NULL &&
	    pattern_holds(pattern, path, r->effect != RULE_ALLOW);

	free(pattern);
	return yes;
}

bool
rule_matches_path(const struct rule *r, const char *path, const char *dir,
    const char *home)
{
	char *whole = absolute(path, dir, home);
	char *real = realname(whole), *clean = realname_clean(whole);
	bool yes = holds_for(r, real, dir, home, true);

	if (r->effect != RULE_ALLOW)
		yes = yes || holds_for(r, clean, dir, home, false) ||
		    holds_for(r, clean, dir, home, true) ||
		    holds_for(r, real, dir, home, false);
	free(clean);
	free(real);
	free(whole);
	return yes;
}

bool
rule_is_about(const struct rule *r, bool write)
{
	return write ? strcmp(r->tool, "Edit") == 0 ||
	    strcmp(r->tool, "Write") == 0 : strcmp(r->tool, "Read") == 0;
}

const struct rule *
rule_find_path(const struct rules *rules, enum rule_effect effect,
    const char *path, bool write, const char *dir, const char *home)
{
	size_t i;

	for (i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->v[i];

		if (r->effect != effect || !rule_is_about(r, write))
			continue;
		/* A bare denial is about the tool, not about each path. */
		if (r->pattern == NULL ? effect == RULE_ALLOW :
		    rule_matches_path(r, path, dir, home))
			return r;
	}
	return NULL;
}

const struct rule *
rule_denies_path(const struct rules *rules, const char *path, bool write,
    const char *dir, const char *home)
{
	const struct rule *r = NULL;

	if (home == NULL)
		home = getenv("HOME");
	if (write)
		r = rule_find_path(rules, RULE_DENY, path, true, dir, home);
	return r != NULL ? r :
	    rule_find_path(rules, RULE_DENY, path, false, dir, home);
}

bool
rule_denies_paths(const struct rules *rules)
{
	size_t i;

	for (i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->v[i];

		if (r->effect == RULE_DENY && r->pattern != NULL &&
		    (rule_is_about(r, true) || rule_is_about(r, false)))
			return true;
	}
	return false;
}

/* ------------------------------------------------------------ for a sandbox */

struct paths {
	char **v;
	size_t count;
	bool whole;
};

static void
paths_add(struct paths *p, char *path)
{
	if (p->count == PATHS_MAX || !path_exists(path)) {
		p->whole &= p->count < PATHS_MAX;
		free(path);
		return;
	}
	p->v = xreallocarray(p->v, p->count + 2, sizeof *p->v);
	p->v[p->count++] = path;
	p->v[p->count] = NULL;
}

/* The folder or file whose whole tree the pattern means, or NULL. */
static char *
simple_root(const struct rule *r, const char *dir, const char *home)
{
	char *p = whole_pattern(r, dir, home, true);
	size_t n;

	if (p == NULL)
		return NULL;
	n = strlen(p);
	while (n > 2 && (strcmp(p + n - 2, "/*") == 0 ||
	    (n > 3 && strcmp(p + n - 3, "/**") == 0))) {
		n -= p[n - 2] == '*' ? 3 : 2;
		p[n] = '\0';
	}
	if (strpbrk(p, "*?[{\\") == NULL && n > 1)
		return p;
	free(p);
	return NULL;
}

/* Could a file that the pattern means, and that is not there, come to be in
 * dir? */
static bool
is_loose(const struct rule *r, const char *dir, const char *home)
{
	char *pattern = whole_pattern(r, dir, home, true), *real;
	char *root = simple_root(r, dir, home);
	size_t n, plain;
	bool is = false;

	if (pattern != NULL && (root == NULL || !path_exists(root))) {
		real = realname(dir);
		n = strlen(real);
		plain = plain_len(pattern);
		is = strncmp(pattern, real, plain < n ? plain : n) == 0;
		free(real);
	}
	free(pattern);
	free(root);
	return is;
}

const struct rule *
rule_find_loose(const struct rules *rules, const struct rule_call *call,
    const char *home)
{
	size_t i;

	for (i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->v[i];
		bool write = rule_is_about(r, true);

		if (r->effect != RULE_DENY || r->pattern == NULL ||
		    !(write || rule_is_about(r, false)))
			continue;
		if (call->alone || (call->held && write &&
		    is_loose(r, call->dir, home)))
			return r;
	}
	return NULL;
}

static bool
is_covered(const struct paths *p, const char *path)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		size_t n = strlen(p->v[i]);

		if (strncmp(p->v[i], path, n) == 0 && path[n] == '/')
			return true;
	}
	return false;
}

/* Files below dir that the rules deny and no simple root covers. */
static void
search(const struct rules *rules, const char *dir, const char *home,
    bool write, struct paths *out)
{
	struct walk *w = walk_new(dir, true);
	unsigned budget = WALK_MAX;
	const char *name;

	while ((name = walk_next(w, &budget)) != NULL && *name != '\0') {
		char *path = path_join(dir, name);

		if (!is_covered(out, path) && rule_find_path(rules, RULE_DENY,
		    path, write, dir, home) != NULL)
			paths_add(out, path);
		else
			free(path);
	}
	out->whole &= name == NULL;
	walk_free(w);
}

static void
collect(const struct rules *rules, const char *dir, const char *home,
    bool write, struct paths *out)
{
	bool patterns = false;
	size_t i;

	out->v = xcalloc(1, sizeof *out->v);
	for (i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->v[i];
		char *root;

		if (r->effect != RULE_DENY || r->pattern == NULL ||
		    !rule_is_about(r, write))
			continue;
		root = simple_root(r, dir, home);
		if (root != NULL)
			paths_add(out, root);
		else
			patterns = true;
	}
	if (patterns)
		search(rules, dir, home, write, out);
}

bool
rule_paths(const struct rules *rules, const char *dir, const char *home,
    char ***hidden, char ***fixed)
{
	struct paths read = { .whole = true }, write = { .whole = true };

	if (home == NULL)
		home = getenv("HOME");
	collect(rules, dir, home, false, &read);
	collect(rules, dir, home, true, &write);
	*hidden = read.v;
	*fixed = write.v;
	return read.whole && write.whole;
}

void
rule_paths_free(char **paths)
{
	size_t i;

	for (i = 0; paths != NULL && paths[i] != NULL; i++)
		free(paths[i]);
	free(paths);
}
