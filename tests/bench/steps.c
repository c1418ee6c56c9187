/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steps.c - many steps, many calls, many calls in a step: is it linear? */

#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

enum { STEPS = 100, READS = 50, STEPS_RUNS = 5, STATUS_LIMIT = 4 };
enum { CALLS = 2000 };

static FILE *
create(const char *home, const char *name)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", home, name);
	f = fopen(path, "w");
	if (f == NULL) {
		perror(path);
		exit(1);
	}
	return f;
}

/* One section, which repeats: --max-steps ends it. */
static void
write_step(const char *home, int reads)
{
	FILE *f = create(home, "steps");
	int i;

	for (i = 0; i < reads; i++)
		fprintf(f, "{\"type\":\"tool-call\",\"id\":\"c%d\",\"name\":"
		    "\"Read\",\"input\":{\"file_path\":\"words\"}}\n", i);
	fclose(f);
}

static void
write_words(const char *home)
{
	FILE *f = create(home, "words");
	int i;

	for (i = 0; i < 20; i++)
		fprintf(f, "line %d\n", i);
	fclose(f);
}

static void
run_steps(char *chatd, const char *home, int reads, int steps,
    struct cost *c)
{
	char model[128], max[16];
	const char *const argv[] = { chatd, "run", "-q", "-C", home, "-m",
	    model, "--max-steps", max, "go", NULL };

	write_step(home, reads);
	snprintf(model, sizeof model, "script:%s/steps", home);
	snprintf(max, sizeof max, "%d", steps);
	run_program(argv, c);
	if (c->status != STATUS_LIMIT) {
		fprintf(stderr, "bench: %d steps ended with %d\n", steps,
		    c->status);
		exit(1);
	}
}

static void
bench_calls(struct table *t, char *chatd, const char *home)
{
	double once[STEPS_RUNS], twice[STEPS_RUNS];
	struct figures f = { .unit = "ms" };
	struct cost c;
	int i;

	for (i = 0; i < STEPS_RUNS; i++) {
		run_steps(chatd, home, CALLS, 1, &c);
		once[i] = c.cpu_ms;
		run_steps(chatd, home, 2 * CALLS, 1, &c);
		twice[i] = c.cpu_ms;
	}
	f.ours = median(twice, STEPS_RUNS);
	f.floor = median(once, STEPS_RUNS);
	f.allowed = 2.3 * f.floor;
	table_most(t, "4,000 calls in a step / 2,000", &f, "2.3 x half");
}

void
bench_steps(struct table *t, char *chatd, const char *home)
{
	double once[STEPS_RUNS], twice[STEPS_RUNS];
	double small[STEPS_RUNS], large[STEPS_RUNS];
	struct figures f = { .unit = "ms" };
	struct cost c;
	int i;

	write_words(home);
	for (i = 0; i < STEPS_RUNS; i++) {
		run_steps(chatd, home, READS, STEPS, &c);
		once[i] = c.cpu_ms;
		small[i] = (double)c.peak_kib / 1024;
		run_steps(chatd, home, READS, 2 * STEPS, &c);
		twice[i] = c.cpu_ms;
		large[i] = (double)c.peak_kib / 1024;
	}
	f.ours = median(twice, STEPS_RUNS);
	f.floor = median(once, STEPS_RUNS);
	f.allowed = 2.3 * f.floor;
	table_most(t, "200 steps of 50 reads / 100 steps", &f, "2.3 x half");
	f.unit = "MiB";
	f.ours = median(large, STEPS_RUNS);
	f.floor = median(small, STEPS_RUNS);
	f.allowed = 2.1 * f.floor;
	table_most(t, "  peak memory", &f, "2.1 x half");
	bench_calls(t, chatd, home);
}
