/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.c - runs a fuzz target over its corpus, without libFuzzer */

/*
 * A target is a program of a page, tests/fuzz/NAME.c, that defines
 * LLVMFuzzerTestOneInput() (fuzz.h). To add one:
 *
 *  1. write it, put seeds into tests/fuzz/corpus/NAME/ and, if words help,
 *     a dictionary into tests/fuzz/dict/NAME.dict (libFuzzer's format);
 *  2. in Makefile.am, in the section of its layer:
 *
 *	fuzz_targets += tests/fuzz/NAME
 *	tests_fuzz_NAME_LDADD = $(fuzz_ldadd) $(LAYER_libs) ...
 *
 * "make check" then runs it: each seed, and CHATD_FUZZ_RUNS (all seeds
 * together) changes of them, the same ones each time. A seed is a test case
 * in a child of its own. What made it fail is left in NAME.crash; to see it
 * again: tests/fuzz/NAME NAME.crash.
 *
 * With ./configure --enable-fuzzing CC=clang the same targets are linked with
 * libFuzzer instead, and are not run by "make check":
 *
 *	tests/fuzz/NAME -dict=tests/fuzz/dict/NAME.dict tests/fuzz/corpus/NAME
 */

#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "fuzz.h"

enum {
	INPUT_MAX = 65536,
	RUNS_DEFAULT = 100000,
	SECONDS_MAX = 300,	/* a seed that takes longer hangs */
	CHANGES_MAX = 4,	/* at once */
};

/* What the child is at, where the parent can see it when it has died. */
struct input {
	size_t len;
	char data[INPUT_MAX];
};

struct list {
	struct buf *items;
	char **names;
	size_t count;
};

struct run {
	struct list seeds, words;
	struct input *input;
	uint64_t random;
};

static void
die(const char *what, const char *name)
{
	printf("Bail out! %s %s: %s\n", what, name, strerror(errno));
	exit(1);
}

static struct buf *
list_add(struct list *list, const char *name)
{
	list->items = xreallocarray(list->items, list->count + 1,
	    sizeof *list->items);
	list->names = xreallocarray(list->names, list->count + 1,
	    sizeof *list->names);
	list->names[list->count] = xstrdup(name);
	buf_init(&list->items[list->count]);
	return &list->items[list->count++];
}

static void
list_clear(struct list *list)
{
	while (list->count > 0) {
		buf_clear(&list->items[--list->count]);
		free(list->names[list->count]);
	}
	free(list->items);
	free(list->names);
}

static void
seed_add(struct run *run, const char *path, const char *name)
{
	struct err e = ERR_INIT;

	if (buf_read_file(list_add(&run->seeds, name), path, INPUT_MAX,
	    &e) == -1) {
		printf("Bail out! %s\n", e.text);
		exit(1);
	}
}

static void
seeds_read(struct run *run, const char *dir)
{
	struct dirent **entries;
	int i, n = scandir(dir, &entries, NULL, alphasort);

	if (n == -1)
		die("cannot open", dir);
	for (i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		char *path = xasprintf("%s/%s", dir, name);

		if (name[0] != '.')
			seed_add(run, path, name);
		free(path);
		free(entries[i]);
	}
	free(entries);
}

/* name="text", where text has \\, \" and \xhh */
static void
word_add(struct run *run, const char *line)
{
	const char *p = strchr(line, '"');
	struct buf *word;

	if (line[0] == '#' || p == NULL)
		return;
	word = list_add(&run->words, "");
	for (p++; *p != '\0' && *p != '"'; p++) {
		char hex[3] = { 0 };

		if (*p == '\\' && p[1] == 'x' && p[2] != '\0') {
			memcpy(hex, p + 2, 2);
			buf_addc(word, (char)strtoul(hex, NULL, 16));
			p += 3;
		} else {
			if (*p == '\\' && p[1] != '\0')
				p++;
			buf_addc(word, *p);
		}
	}
}

/* A target needs no dictionary. */
static void
words_read(struct run *run, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[1024];

	if (f == NULL)
		return;
	while (fgets(line, sizeof line, f) != NULL)
		word_add(run, line);
	fclose(f);
}

/* ---------------------------------------------------------------- changes */

/* xorshift: the same inputs on every machine */
static size_t
below(struct run *run, size_t limit)
{
	run->random ^= run->random << 13;
	run->random ^= run->random >> 7;
	run->random ^= run->random << 17;
	return limit == 0 ? 0 : (size_t)(run->random >> 11) % limit;
}

static void
insert(struct input *in, size_t at, const char *data, size_t len)
{
	if (len > INPUT_MAX - in->len)
		len = INPUT_MAX - in->len;
	memmove(in->data + at + len, in->data + at, in->len - at);
	memcpy(in->data + at, data, len);
	in->len += len;
}

static void
cut(struct input *in, size_t at, size_t len)
{
	memmove(in->data + at, in->data + at + len, in->len - at - len);
	in->len -= len;
}

static void
change_bit(struct run *run, struct input *in)
{
	if (in->len > 0)
		in->data[below(run, in->len)] ^= (char)(1 << below(run, 8));
}

static void
change_byte(struct run *run, struct input *in)
{
	if (in->len > 0)
		in->data[below(run, in->len)] = (char)below(run, 256);
}

static void
change_insert(struct run *run, struct input *in)
{
	char c = (char)below(run, 256);

	insert(in, below(run, in->len + 1), &c, 1);
}

static void
change_cut(struct run *run, struct input *in)
{
	size_t at = below(run, in->len + 1);

	cut(in, at, below(run, in->len - at + 1));
}

static void
change_end(struct run *run, struct input *in)
{
	in->len = below(run, in->len + 1);
}

static void
change_repeat(struct run *run, struct input *in)
{
	size_t at = below(run, in->len + 1), len = below(run, in->len - at + 1);
	char *copy = xmemdup(in->data + at, len);
	size_t times = 1 + below(run, 4);

	while (times-- > 0)
		insert(in, at, copy, len);
	free(copy);
}

static void
change_splice(struct run *run, struct input *in)
{
	const struct buf *other;
	size_t from;

	other = &run->seeds.items[below(run, run->seeds.count)];
	from = below(run, other->len + 1);
	insert(in, below(run, in->len + 1), other->data + from,
	    below(run, other->len - from + 1));
}

static void
change_word(struct run *run, struct input *in)
{
	const struct buf *word;

	if (run->words.count == 0)
		return;
	word = &run->words.items[below(run, run->words.count)];
	insert(in, below(run, in->len + 1), word->data, word->len);
}

static void (*const changes[])(struct run *, struct input *) = {
	change_bit, change_byte, change_insert, change_cut, change_end,
	change_repeat, change_splice, change_word, change_word,
};

/* ------------------------------------------------------------------- runs */

/* In memory of its own size, so that a sanitizer sees its end. */
static void
run_input(const struct input *in)
{
	uint8_t *copy = malloc(in->len);

	if (copy == NULL && in->len > 0)
		fatal(__func__, "out of memory");
	if (in->len > 0)
		memcpy(copy, in->data, in->len);
	(void)LLVMFuzzerTestOneInput(copy, in->len);
	free(copy);
}

static void
input_set(struct input *in, const struct buf *seed)
{
	memcpy(in->data, seed->data, seed->len);
	in->len = seed->len;
}

static void
run_seed(struct run *run, size_t seed, size_t runs)
{
	struct input *in = run->input;
	size_t n;

	run->random = 0x9e3779b97f4a7c15u * (seed + 1);
	input_set(in, &run->seeds.items[seed]);
	run_input(in);
	while (runs-- > 0) {
		input_set(in, &run->seeds.items[seed]);
		for (n = 1 + below(run, CHANGES_MAX); n > 0; n--)
			changes[below(run, NELEM(changes))](run, in);
		run_input(in);
	}
}

/* In a child, so that its end is one failed case and not that of all. */
static bool
seed_survives(struct run *run, size_t seed, size_t runs)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == -1)
		die("cannot", "fork");
	if (pid == 0) {
		alarm(SECONDS_MAX);
		run_seed(run, seed, runs);
		list_clear(&run->seeds);
		list_clear(&run->words);
		exit(0);
	}
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			die("cannot", "wait");
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
keep_crash(const struct run *run, const char *name)
{
	char *path = xasprintf("%s.crash", name);
	FILE *f = fopen(path, "w");

	if (f != NULL) {
		fwrite(run->input->data, 1, run->input->len, f);
		fclose(f);
		printf("# input kept in %s\n", path);
	}
	free(path);
}

static int
run_all(struct run *run, const char *name, size_t runs)
{
	int status = 0;
	size_t i;

	if (run->seeds.count == 0) {
		printf("Bail out! no seeds for %s\n", name);
		return 1;
	}
	runs = runs / run->seeds.count + 1;
	printf("1..%zu\n", run->seeds.count);
	for (i = 0; i < run->seeds.count; i++) {
		bool good = seed_survives(run, i, runs);

		printf("%s %zu - %s and %zu changes of it\n", good ? "ok" :
		    "not ok", i + 1, run->seeds.names[i], runs);
		if (!good) {
			keep_crash(run, name);
			status = 1;
		}
	}
	return status;
}

int
main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *top = getenv("top_srcdir");
	const char *name = slash == NULL ? argv[0] : slash + 1;
	const char *count = getenv("CHATD_FUZZ_RUNS");
	size_t runs = count == NULL ? RUNS_DEFAULT : strtoul(count, NULL, 10);
	struct run run = { 0 };
	char *path;
	int i, status;

	run.input = mmap(NULL, sizeof *run.input, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (run.input == MAP_FAILED)
		die("cannot map", "memory");
	for (i = 1; i < argc; i++)
		seed_add(&run, argv[i], argv[i]);
	if (argc > 1)
		runs = 0;
	path = xasprintf("%s/tests/fuzz/corpus/%s", top == NULL ? "." : top,
	    name);
	if (argc == 1)
		seeds_read(&run, path);
	free(path);
	path = xasprintf("%s/tests/fuzz/dict/%s.dict", top == NULL ? "." : top,
	    name);
	words_read(&run, path);
	free(path);
	status = run_all(&run, name, runs);
	list_clear(&run.seeds);
	list_clear(&run.words);
	return status;
}
