/* SPDX-License-Identifier: GPL-3.0-or-later */
/* files.c - the files below a folder, and those that somebody may mean */

#include <ctype.h>
#include <dirent.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "ui/complete.h"
#include "ui/files.h"

enum {
	IGNORE_BYTES = 64 * 1024,
	IGNORES = 64,		/* .gitignore files that are read */
	STARS_MAX = 4,
	/* what makes a path fit better */
	SCORE_LETTER = 4, SCORE_NEXT = 8, SCORE_WORD = 10, SCORE_NAME = 6,
};

struct ignore {
	char *dir;		/* "" or "src/": what it is for */
	char *rules;		/* the file */
};

struct walk {
	struct files *f;
	const char *root;
	struct ignore ignores[IGNORES];
	size_t count;
	int64_t end_us;
};

void
files_clear(struct files *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->paths[i]);
	free(f->paths);
	*f = (struct files){ .paths = NULL };
}

/* --------------------------------------------------------------- ignored */

static bool
rule_fits(const char *rule, const char *rel, bool dir)
{
	size_t len = strlen(rule);
	const char *name = strrchr(rel, '/');
	char *r = xstrdup(*rule == '/' ? rule + 1 : rule);
	bool only_dir = len > 1 && rule[len - 1] == '/', fits;

	if (only_dir)
		r[strlen(r) - 1] = '\0';
	/* with a slash it is meant from the folder of its file on */
	if (*rule == '/' || strchr(r, '/') != NULL)
		fits = fnmatch(r, rel, strstr(r, "**") != NULL ? 0 :
		    FNM_PATHNAME) == 0;
	else
		fits = fnmatch(r, name != NULL ? name + 1 : rel, 0) == 0;
	free(r);
	return fits && (dir || !only_dir);
}

/* fnmatch() tries all ways that many stars can be meant. */
static bool
is_cheap(const char *rule)
{
	size_t stars = 0;

	for (; *rule != '\0'; rule++)
		stars += *rule == '*';
	return stars <= STARS_MAX;
}

/* The last rule that fits decides. */
static void
ask_rules(const char *rules, const char *rel, bool dir, bool *ignored)
{
	char line[256];

	for (const char *s = rules; *s != '\0'; s += *s == '\n') {
		size_t len = strcspn(s, "\n"), n = len;

		while (n > 0 && strchr(" \t\r", s[n - 1]) != NULL)
			n--;
		if (n > 0 && n < sizeof(line) && *s != '#') {
			memcpy(line, s, n);
			line[n] = '\0';
			bool not = *line == '!';
			if (is_cheap(line) && rule_fits(line + not, rel, dir))
				*ignored = !not;
		}
		s += len;
	}
}

static bool
is_ignored(const struct walk *w, const char *path, bool dir)
{
	bool ignored = false;

	for (size_t i = 0; i < w->count; i++) {
		size_t n = strlen(w->ignores[i].dir);
		if (strncmp(path, w->ignores[i].dir, n) == 0)
			ask_rules(w->ignores[i].rules, path + n, dir,
			    &ignored);
	}
	return ignored;
}

static void
read_ignore(struct walk *w, const char *dir)
{
	char *path = xasprintf("%s/%s.gitignore", w->root, dir);
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	if (w->count < IGNORES && buf_read_file(&b, path, IGNORE_BYTES,
	    &e) == 0 && b.len > 0)
		w->ignores[w->count++] = (struct ignore){
		    .dir = xstrdup(dir), .rules = buf_take(&b) };
	buf_clear(&b);
	free(path);
}

/* ------------------------------------------------------------------ list */

static bool
is_dir(const struct walk *w, const char *path, const struct dirent *entry)
{
	struct stat st;
	bool dir = entry->d_type == DT_DIR;

	if (entry->d_type == DT_UNKNOWN) {
		char *whole = path_join(w->root, path);
		dir = lstat(whole, &st) == 0 && S_ISDIR(st.st_mode);
		free(whole);
	}
	return dir;
}

static void
add_entry(struct walk *w, const char *dir, const struct dirent *entry)
{
	struct files *f = w->f;
	char *path = xasprintf("%s%s", dir, entry->d_name);
	bool folder = is_dir(w, path, entry);

	if (is_ignored(w, path, folder)) {
		free(path);
		return;
	}
	if (f->count == f->room) {
		f->room = f->room * 2 + 256;
		f->paths = xreallocarray(f->paths, f->room,
		    sizeof(*f->paths));
	}
	f->paths[f->count++] = folder ? xasprintf("%s/", path) :
	    xstrdup(path);
	free(path);
}

static bool
is_over(const struct walk *w)
{
	return w->f->count >= FILES_MAX || clock_mono_us() > w->end_us;
}

static void
list_folder(struct walk *w, const char *dir)
{
	char *whole = xasprintf("%s/%s", w->root, dir);
	struct dirent *entry;
	DIR *d = opendir(whole);

	read_ignore(w, dir);
	while (d != NULL && !is_over(w) && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			add_entry(w, dir, entry);
	if (d != NULL)
		closedir(d);
	free(whole);
}

void
files_refresh(struct files *f, const char *dir)
{
	int64_t now = clock_mono_us();
	struct walk w = { .f = f, .root = dir,
	    .end_us = now + FILES_MS * 1000 };

	if (f->at_us != 0 && now - f->at_us < FILES_FRESH_MS * 1000)
		return;
	files_clear(f);
	f->at_us = now;
	list_folder(&w, "");
	for (size_t i = 0; i < f->count && !is_over(&w); i++) {
		char *path = xstrdup(f->paths[i]);	/* the list may move */
		if (path[strlen(path) - 1] == '/')
			list_folder(&w, path);
		free(path);
	}
	for (size_t i = 0; i < w.count; i++) {
		free(w.ignores[i].dir);
		free(w.ignores[i].rules);
	}
}

/* ------------------------------------------------------------------ best */

static bool
begins_word(const char *path, size_t i)
{
	return i == 0 || strchr("/_-. ", path[i - 1]) != NULL ||
	    (isupper((unsigned char)path[i]) &&
	    islower((unsigned char)path[i - 1]));
}

/* The letters of typed from path[from] on. */
static int
score_from(const char *path, size_t from, size_t name, const char *typed)
{
	size_t last = SIZE_MAX;
	int score = 0;

	for (size_t i = from; path[i] != '\0' && *typed != '\0'; i++) {
		if (tolower((unsigned char)path[i]) !=
		    tolower((unsigned char)*typed))
			continue;
		score += SCORE_LETTER + (last != SIZE_MAX && last + 1 == i ?
		    SCORE_NEXT : 0) + (begins_word(path, i) ? SCORE_WORD : 0)
		    + (i >= name ? SCORE_NAME : 0);
		last = i;
		typed++;
	}
	return *typed == '\0' ? score : -1;
}

int
files_score(const char *path, const char *typed)
{
	size_t len = strlen(path), name = len;
	int best = -1;

	while (name > 0 && (name == len || path[name - 1] != '/'))
		name--;
	/* greedy from each place where its first letter is */
	for (size_t i = 0; i < len; i++) {
		if (tolower((unsigned char)path[i]) !=
		    tolower((unsigned char)*typed))
			continue;
		int score = score_from(path, i, name, typed);
		if (score < 0)
			break;
		best = score > best ? score : best;
	}
	/* of two that fit as well, the shorter */
	return best < 0 ? -1 : best * 64 + (len < 64 ? 63 - (int)len : 0);
}

struct hit {
	const char *path;
	int score;
};

static int
by_score(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	return x->score != y->score ? y->score - x->score :
	    strcmp(x->path, y->path);
}

static bool
is_in(const struct complete_list *list, const char *path)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->words[i], path) == 0)
			return true;
	return false;
}

void
files_offer(const struct files *f, const char *typed,
    struct complete_list *list)
{
	struct hit *hits = xcalloc(f->count + 1, sizeof(*hits));
	size_t count = 0;

	for (size_t i = 0; i < f->count; i++) {
		int score = files_score(f->paths[i], typed);
		if (score >= 0)
			hits[count++] = (struct hit){ f->paths[i], score };
	}
	qsort(hits, count, sizeof(*hits), by_score);
	for (size_t i = 0; i < count && i < FILES_BEST; i++)
		if (!is_in(list, hits[i].path))
			complete_offer(list, hits[i].path);
	free(hits);
}
