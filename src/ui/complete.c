/* SPDX-License-Identifier: GPL-3.0-or-later */
/* complete.c - what the word before the cursor could become */

#include <sys/stat.h>

#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "ui/complete.h"
#include "ui/files.h"
#include "ui/safe.h"

enum {
	COMPLETE_MAX = 1000,
	FUZZY_MIN = 2,		/* letters */
};

void
complete_clear(struct complete_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->words[i]);
	free(list->words);
	*list = (struct complete_list){ .start = 0 };
}

void
complete_offer(struct complete_list *list, const char *word)
{
	size_t len = strlen(word);

	if (list->count >= COMPLETE_MAX || !safe_is_clean(word, len) ||
	    strpbrk(word, "\n\t") != NULL)
		return;
	list->words = xreallocarray(list->words, list->count + 1,
	    sizeof(*list->words));
	list->words[list->count++] = xstrdup(word);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
is_folder(const char *dir, const char *name)
{
	char *path = path_join(dir, name);
	struct stat st;
	bool yes = stat(path, &st) == 0 && S_ISDIR(st.st_mode);

	free(path);
	return yes;
}

static void
offer_entry(struct complete_list *list, const char *typed, size_t typed_len,
    const char *dir, const char *name)
{
	struct buf word = BUF_INIT;

	buf_add(&word, typed, typed_len);
	buf_adds(&word, name);
	if (is_folder(dir, name))
		buf_addc(&word, '/');
	complete_offer(list, word.data);
	buf_clear(&word);
}

/* typed is "src/ma": the folder as it was typed stays as it was typed. */
static void
offer_paths(struct complete_list *list, const char *typed)
{
	const char *slash = strrchr(typed, '/');
	size_t folder = slash == NULL ? 0 : (size_t)(slash - typed) + 1;
	char *prefix = xstrndup(typed, folder);
	char *dir = path_expand(folder == 0 ? "." : prefix);
	size_t len = strlen(typed + folder);
	struct dirent *entry;
	DIR *d = opendir(dir);

	list->paths = true;
	while (d != NULL && (entry = readdir(d)) != NULL) {
		const char *name = entry->d_name;

		if (strncmp(name, typed + folder, len) != 0)
			continue;
		if (name[0] == '.' && (len == 0 || strcmp(name, ".") == 0 ||
		    strcmp(name, "..") == 0))
			continue;
		offer_entry(list, prefix, folder, dir, name);
	}
	if (d != NULL)
		closedir(d);
	free(dir);
	free(prefix);
}

/* A letter alone, or a path from elsewhere, says too little. */
static void
offer_files(struct complete_list *list, const struct complete_table *table,
    const char *typed)
{
	if (table->files == NULL || strlen(typed) < FUZZY_MIN ||
	    strchr("/~.", typed[0]) != NULL)
		return;
	files_refresh(table->files, ".");
	files_offer(table->files, typed, list);
}

static void
offer_commands(struct complete_list *list, const struct complete_table *table,
    const char *word)
{
	size_t i;

	for (i = 0; i < table->count; i++)
		if (strncmp(table->commands[i].name, word,
		    strlen(word)) == 0)
			complete_offer(list, table->commands[i].name);
}

static const struct complete_command *
find_command(const struct complete_table *table, const char *line)
{
	size_t i, n = strcspn(line, " ");

	for (i = 0; i < table->count; i++)
		if (strlen(table->commands[i].name) == n &&
		    strncmp(table->commands[i].name, line, n) == 0)
			return &table->commands[i];
	return NULL;
}

static void
offer_argument(struct complete_list *list, const struct complete_table *table,
    const char *line, const char *word)
{
	const struct complete_command *command = find_command(table, line);

	if (command == NULL)
		return;
	if (command->kind == COMPLETE_PATH)
		offer_paths(list, word);
	else if (command->kind == COMPLETE_WORDS && command->fn != NULL)
		command->fn(list, word, table->arg);
}

bool
complete_is_command(const char *text)
{
	return text[0] == '/' && text[1 + strcspn(text + 1, "/ \t\n")] != '/';
}

void
complete_text(struct complete_list *list, const struct complete_table *table,
    const char *text, size_t point)
{
	char *line = xstrndup(text, point);
	size_t start = point, sorted = SIZE_MAX;
	const char *word;

	while (start > 0 && strchr(" \t\n", line[start - 1]) == NULL)
		start--;
	word = line + start;
	if (word[0] == '@') {
		start++;
		offer_paths(list, word + 1);
		sorted = list->count;
		offer_files(list, table, word + 1);
	} else if (line[0] == '/' && start == 0) {
		offer_commands(list, table, word);
	} else if (line[0] == '/') {
		offer_argument(list, table, line, word);
	}
	list->start = start;
	if (sorted == SIZE_MAX)
		sorted = list->count;
	if (sorted > 1)
		qsort(list->words, sorted, sizeof(*list->words), by_name);
	free(line);
}
