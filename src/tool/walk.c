/* SPDX-License-Identifier: GPL-3.0-or-later */
/* walk.c - the files below a folder, a few at a time */

#include "config.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "tool/match.h"
#include "tool/walk.h"

enum {
	DEPTH_MAX = 64,
	IGNORE_FILE_MAX = 256 * 1024,
};

struct ignore {
	char *pattern;		/* relative to the folder of its file */
	bool keep;		/* "!" */
	bool only_dirs;
};

struct level {
	struct dirent **names;
	int count, next;
	size_t path_len;	/* of walk.path, with the slash */
	struct ignore *ignores;
	size_t ignore_count;
};

struct walk {
	char *dir;
	bool all;
	struct buf path;	/* relative to dir */
	struct level levels[DEPTH_MAX];
	int depth;		/* levels open */
};

static bool
is_dir(const struct walk *w, const struct dirent *d)
{
	struct stat st;
	char *path;
	bool yes;

	if (d->d_type != DT_UNKNOWN)
		return d->d_type == DT_DIR;
	path = path_join(w->dir, w->path.data);
	yes = lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
	free(path);
	return yes;
}

static void
add_ignore(struct level *l, const char *line, size_t len)
{
	struct ignore ig = { 0 };
	const char *slash;

	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\r'))
		len--;
	if (len > 0 && line[0] == '!') {
		ig.keep = true;
		line++;
		len--;
	}
	if (len > 0 && line[len - 1] == '/') {
		ig.only_dirs = true;
		len--;
	}
	if (len == 0 || line[0] == '#')
		return;
	slash = memchr(line, '/', len);
	if (slash == line) {
		line++;
		len--;
	}
	/* Without a slash it holds at any depth. */
	ig.pattern = xasprintf("%s%.*s", slash == NULL ? "**/" : "", (int)len,
	    line);
	l->ignores = xreallocarray(l->ignores, l->ignore_count + 1,
	    sizeof *l->ignores);
	l->ignores[l->ignore_count++] = ig;
}

static void
read_ignores(const struct walk *w, struct level *l)
{
	struct buf text = BUF_INIT;
	char *rel = xasprintf("%s.gitignore", w->path.data);
	char *path = path_join(w->dir, rel);
	const char *p;

	if (path_exists(path) &&
	    buf_read_file(&text, path, IGNORE_FILE_MAX, NULL) == 0) {
		for (p = text.data; *p != '\0'; p += *p == '\n') {
			size_t n = strcspn(p, "\n");

			add_ignore(l, p, n);
			p += n;
		}
	}
	buf_clear(&text);
	free(path);
	free(rel);
}

/* The last pattern that matches decides; inner files come later. */
static bool
is_ignored(const struct walk *w, bool dir)
{
	bool ignored = false;
	size_t j;
	int i;

	for (i = 0; i < w->depth; i++) {
		const struct level *l = &w->levels[i];

		for (j = 0; j < l->ignore_count; j++) {
			if ((l->ignores[j].only_dirs && !dir) ||
			    !match_path(l->ignores[j].pattern,
			    w->path.data + l->path_len))
				continue;
			ignored = !l->ignores[j].keep;
		}
	}
	return ignored;
}

static void
enter(struct walk *w)
{
	struct level *l = &w->levels[w->depth];
	char *path = path_join(w->dir, w->path.data);

	memset(l, 0, sizeof *l);
	l->path_len = w->path.len;
	l->count = scandir(path, &l->names, NULL, alphasort);
	free(path);
	if (l->count < 0)
		l->count = 0;
	w->depth++;
	if (!w->all)
		read_ignores(w, l);
}

static void
leave(struct walk *w)
{
	struct level *l = &w->levels[--w->depth];

	while (l->count > 0)
		free(l->names[--l->count]);
	free(l->names);
	while (l->ignore_count > 0)
		free(l->ignores[--l->ignore_count].pattern);
	free(l->ignores);
}

struct walk *
walk_new(const char *dir, bool all)
{
	struct walk *w = xcalloc(1, sizeof *w);

	w->dir = xstrdup(dir);
	w->all = all;
	buf_init(&w->path);
	enter(w);
	return w;
}

void
walk_free(struct walk *w)
{
	if (w == NULL)
		return;
	while (w->depth > 0)
		leave(w);
	buf_clear(&w->path);
	free(w->dir);
	free(w);
}

static bool
is_passed_over(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	    strcmp(name, ".git") == 0;
}

const char *
walk_next(struct walk *w, unsigned *budget)
{
	while (w->depth > 0) {
		struct level *l = &w->levels[w->depth - 1];
		const struct dirent *d;
		bool dir;

		if (*budget == 0)
			return "";
		--*budget;
		if (l->next == l->count) {
			leave(w);
			continue;
		}
		d = l->names[l->next++];
		if (is_passed_over(d->d_name))
			continue;
		buf_cut(&w->path, l->path_len);
		buf_adds(&w->path, d->d_name);
		dir = is_dir(w, d);
		if (!w->all && is_ignored(w, dir))
			continue;
		if (!dir)
			return w->path.data;
		buf_addc(&w->path, '/');
		if (w->depth < DEPTH_MAX)
			enter(w);
	}
	return NULL;
}
