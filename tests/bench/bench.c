/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench.c - what chatd costs, beside the floor under it */

/*
 * Each row has our figure, the floor's (a program that does only what cannot
 * be left out, measured in the same minute on the same machine) and what we
 * allow ourselves. The runs alternate, so that a busy machine hits both.
 *
 *	bench [-s | -m | -t] CHATD EMPTY FILL RECORDS	(make bench)
 *
 * With -s (make bench bench_rows=-s) only the rows of chatd serve, with -m
 * only those of long answers, with -t only those of the screen.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

enum { RUNS = 9, STARTS = 101, DELTAS = 10000, SESSIONS = 100000 };

static void
row(struct table *t, const char *what, double ours, double floor,
    const char *unit, double allowed, const char *rule)
{
	struct figures f = { ours, floor, allowed, unit };

	table_most(t, what, &f, rule);
}

static void
must_work(const struct cost *c, const char *const argv[])
{
	if (c->status == 0)
		return;
	fprintf(stderr, "bench: %s %s ended with %d\n", argv[0],
	    argv[1] == NULL ? "" : argv[1], c->status);
	exit(1);
}

/* Median wall times of two programs, run in turn. */
static void
race(const char *const ours[], const char *const floor[], int n, double *a, double *b)
{
	double va[STARTS], vb[STARTS];
	struct cost c;
	int i;

	for (i = 0; i < n; i++) {
		run_program(ours, &c);
		must_work(&c, ours);
		va[i] = c.wall_ms;
		run_program(floor, &c);
		must_work(&c, floor);
		vb[i] = c.wall_ms;
	}
	*a = median(va, n);
	*b = median(vb, n);
}

static void
bench_start(struct table *t, char *chatd, char *empty)
{
	const char *const ours[] = { chatd, "--version", NULL };
	const char *const floor[] = { empty, NULL };
	double a, b;

	race(ours, floor, STARTS, &a, &b);
	row(t, "start: --version / empty program", a, b, "ms", b + 3,
	    "floor + 3 ms");
}

struct run_figures {
	double cpu[RUNS], first[RUNS], sent[RUNS], peak[RUNS];
};

/* One answer of many deltas through a program, n times. */
static void
stream_through(struct streamer *s, const char *const argv[], int i,
    struct run_figures *f)
{
	struct streamer_times t;
	int64_t start = now_us();
	struct cost c;

	run_program(argv, &c);
	must_work(&c, argv);
	streamer_times(s, &t);
	f->cpu[i] = c.cpu_ms;
	f->peak[i] = (double)c.peak_kib / 1024;
	f->first[i] = (double)(c.first_at_us - t.first_us) / 1000;
	f->sent[i] = (double)(t.request_us - start) / 1000;
}

static void
bench_stream(struct table *t, char *chatd, const char *name, int64_t gap_us)
{
	struct streamer_opts o = { .deltas = DELTAS, .gap_us = gap_us };
	struct run_figures ours, floor;
	char url[128], base[64], what[64];
	const char *const run[] = { chatd, "run", "-m", "openai:bench", "say it",
	    NULL };
	const char *const curl[] = { "curl", "-sN", "-d", "{}", url, NULL };
	struct streamer s;
	double a, b;
	int i, n = gap_us == 0 ? RUNS : 3;

	streamer_start(&s, &o);
	snprintf(base, sizeof base, "http://127.0.0.1:%d/v1", s.port);
	snprintf(url, sizeof url, "%s/chat/completions", base);
	setenv("OPENAI_BASE_URL", base, 1);
	setenv("OPENAI_API_KEY", "bench", 1);
	for (i = 0; i < n; i++) {
		stream_through(&s, run, i, &ours);
		stream_through(&s, curl, i, &floor);
	}
	streamer_stop(&s);
	a = median(ours.cpu, n);
	b = median(floor.cpu, n);
	snprintf(what, sizeof what, "%d deltas %s: CPU / curl -N", DELTAS,
	    name);
	row(t, what, a, b, "ms", 3 * b, "3 x floor");
	snprintf(what, sizeof what, "  peak memory");
	row(t, what, median(ours.peak, n), median(floor.peak, n), "MiB", 20,
	    "20 MiB");
	row(t, "  first delta to first text", median(ours.first, n),
	    median(floor.first, n), "ms", 5, "5 ms");
	row(t, "  start to request sent", median(ours.sent, n),
	    median(floor.sent, n), "ms", 20, "20 ms");
}

/* The same answer from each API, in turn (providers). */
static void
bench_apis(struct table *t, char *chatd)
{
	static const char *const models[] = { "openai-chat:bench",
	    "anthropic:bench", "openai-responses:bench", "google:bench" };
	enum { APIS = sizeof models / sizeof *models };
	static const char *const names[][2] = {
		{ "OPENAI_BASE_URL", "OPENAI_API_KEY" },
		{ "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY" },
		{ "GEMINI_BASE_URL", "GEMINI_API_KEY" },
	};
	struct streamer_opts o = { .deltas = DELTAS };
	struct run_figures f[APIS];
	double chat, cpu;
	char base[64], what[64];
	struct streamer s;

	streamer_start(&s, &o);
	snprintf(base, sizeof base, "http://127.0.0.1:%d/v1", s.port);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		setenv(names[i][0], base, 1);
		setenv(names[i][1], "bench", 1);
	}
	for (int i = 0; i < RUNS; i++) {
		/* another one first each time: each fourth answer makes the
		 * index of the search merge */
		for (int j = 0; j < APIS; j++) {
			int k = (i + j) % APIS;
			const char *const run[] = { chatd, "run", "-m",
			    models[k], "say it", NULL };

			stream_through(&s, run, i, &f[k]);
		}
	}
	streamer_stop(&s);
	chat = median(f[0].cpu, RUNS);
	for (size_t k = 1; k < APIS; k++) {
		cpu = median(f[k].cpu, RUNS);
		snprintf(what, sizeof what, "%d deltas, %.*s / Chat", DELTAS,
		    (int)strcspn(models[k], ":"), models[k]);
		row(t, what, cpu, chat, "ms", 1.1 * chat, "1.1 x Chat");
	}
}

static void
bench_many(struct table *t, char *chatd, char *fill, char *empty)
{
	char count[16];
	const char *const make[] = { fill, count, NULL };
	const char *const ls[] = { chatd, "ls", NULL };
	const char *const search[] = { chatd, "search", "harbour", NULL };
	const char *const floor[] = { empty, NULL };
	struct cost c;
	double a, b;

	snprintf(count, sizeof count, "%d", SESSIONS);
	run_program(make, &c);
	must_work(&c, make);
	race(ls, floor, 21, &a, &b);
	row(t, "ls, 100,000 sessions / empty", a, b, "ms", 50, "50 ms");
	race(search, floor, 21, &a, &b);
	row(t, "search, 100,000 sessions / empty", a, b, "ms", 50, "50 ms");
}

static void
bench_answers(struct table *t, char *chatd)
{
	bench_stream(t, chatd, "at once", 0);
	bench_stream(t, chatd, "at 5000/s", 200);
	bench_apis(t, chatd);
}

static void
bench_program(struct table *t, char **argv, const char *home)
{
	bench_start(t, argv[0], argv[1]);
	bench_steps(t, argv[0], home);
	bench_answers(t, argv[0]);
	bench_many(t, argv[0], argv[2], argv[1]);
}

int
main(int argc, char **argv)
{
	struct table table = { 0 };
	char home[] = "/tmp/chatd-bench-XXXXXX";
	char only = argc > 1 && argv[1][0] == '-' ? argv[1][1] : '\0';

	argv += only != '\0' ? 2 : 1;
	if (argc != (only != '\0' ? 6 : 5)) {
		fprintf(stderr,
		    "usage: bench [-s | -m | -t] CHATD EMPTY FILL RECORDS\n");
		return 2;
	}
	if (mkdtemp(home) == NULL) {
		perror(home);
		return 1;
	}
	setenv("CHATD_HOME", home, 1);
	setenv("CHATD_NO_DISCOVERY", "1", 1);
	table_head();
	if (only == '\0' || only == 's')
		bench_server(&table, argv[0], argv[3]);
	if (only == '\0')
		bench_program(&table, argv, home);
	if (only == 'm')
		bench_answers(&table, argv[0]);
	if (only == '\0' || only == 't')
		bench_screen(&table, argv[0]);
	if (table.missed > 0)
		printf("%d over what is allowed\n", table.missed);
	execlp("rm", "rm", "-rf", home, (char *)NULL);
	return 1;
}
