/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run-vectors.c - run folders of vectors, one TAP line for each file */

/*
 *	run-vectors DIR...
 *
 * Every *.json file of each folder, in order of names, is a vector; what its
 * kinds mean is said in tests/vectors/ui-message-stream/README.md. Ends with
 * 1 if one failed, with 2 if there was nothing to run.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "vector.h"

enum { FILE_SIZE_MAX = 64 * 1024 * 1024 };

struct tally {
	int run;
	int failed;
};

static void
run_text(const struct buf *text, struct buf *diag)
{
	struct err e = ERR_INIT;
	struct json_doc *doc = json_parse(text->data, text->len, 0, &e);
	struct vector v = { .root = json_root(doc), .diag = diag };
	const char *kind = json_get_str(v.root, "kind");
	vector_fn run = vector_kind(kind);

	v.expect = json_get(v.root, "expect");
	if (doc == NULL)
		vector_fail(&v, "%s", e.text);
	else if (run == NULL)
		vector_fail(&v, "unknown kind %s",
		    kind == NULL ? "(none)" : kind);
	else if (!json_is(v.expect, JSON_OBJECT))
		vector_fail(&v, "nothing is expected");
	else
		run(&v);
	json_doc_free(doc);
}

static void
run_file(const char *dir, const char *name, struct tally *t)
{
	struct buf path = BUF_INIT, text = BUF_INIT, diag = BUF_INIT;
	struct err e = ERR_INIT;

	buf_addf(&path, "%s/%s", dir, name);
	if (buf_read_file(&text, path.data, FILE_SIZE_MAX, &e) == -1)
		buf_addf(&diag, "# %s\n", e.text);
	else
		run_text(&text, &diag);
	t->run++;
	t->failed += diag.len > 0;
	printf("%sok %d - %.*s\n%s", diag.len > 0 ? "not " : "", t->run,
	    (int)(strlen(name) - strlen(".json")), name, diag.data);
	(void)fflush(stdout);
	buf_clear(&path);
	buf_clear(&text);
	buf_clear(&diag);
}

static int
is_vector(const struct dirent *d)
{
	size_t len = strlen(d->d_name), ext = strlen(".json");

	return len > ext && strcmp(d->d_name + len - ext, ".json") == 0;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
run_dir(const char *dir, struct tally *t)
{
	struct dirent **list;
	int i, n = scandir(dir, &list, is_vector, by_name);

	if (n == -1) {
		perror(dir);
		return -1;
	}
	for (i = 0; i < n; i++) {
		run_file(dir, list[i]->d_name, t);
		free(list[i]);
	}
	free(list);
	return 0;
}

int
main(int argc, char *argv[])
{
	struct tally t = { 0, 0 };
	int i;

	for (i = 1; i < argc; i++)
		if (run_dir(argv[i], &t) == -1)
			return 2;
	printf("1..%d\n", t.run);
	if (t.run == 0) {
		fprintf(stderr, "usage: run-vectors DIR...\n");
		return 2;
	}
	return t.failed > 0;
}
