/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server.c - the rows of chatd serve */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "net.h"

enum {
	IDLE = 10000,
	LIVE = 1000,
	ROUNDS = 4,		/* of a slice */
	EVENT_MAX = 4096,
	RECORDS = 100000,
	SLICES = 25,
	WATCH_SECONDS = 20,
	SPARE = 64,		/* descriptors for all else */
};

static const char delta[] = "{\"type\":\"text-delta\",\"id\":\"t1\","
    "\"delta\":\" and another word of it\"}";

static int
reader_limit(int want)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		setrlimit(RLIMIT_NOFILE, &rl);
		if (rl.rlim_cur < (rlim_t)(want + SPARE)) {
			want = (int)rl.rlim_cur - SPARE;
			printf("(only %d descriptors)\n", want);
		}
	}
	return want;
}

/* A number behind a word in /proc/PID/FILE. */
static double
proc_figure(pid_t pid, const char *file, const char *word)
{
	char path[64], line[256];
	double n = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, file);
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, word, strlen(word)) == 0)
			n = strtod(line + strlen(word), NULL);
	if (f != NULL)
		fclose(f);
	return n;
}

static void
read_request(const struct chat *c, char *out)
{
	char path[128];

	snprintf(path, sizeof path, "/realtime/v1/sessions/%s/out", c->id);
	http_get(out, path, c->token, "Timeout-Seconds: 600\r\n");
}

/* Memory of readers that wait, and what wakes the server meanwhile. */
static void
bench_idle(struct table *t, const struct served *s)
{
	char request[REQUEST_MAX], what[64];
	int count = reader_limit(IDLE);
	struct readers one, r;
	double rss, pss, wakes;
	struct chat c;

	served_chat(s, "idle", &c);
	read_request(&c, request);
	readers_open(&one, s->port, 1, request);
	readers_greeted(&one);
	rss = proc_figure(s->pid, "smaps_rollup", "Rss:");
	pss = proc_figure(s->pid, "smaps_rollup", "Pss:");
	readers_open(&r, s->port, count, request);
	readers_greeted(&r);
	rss = proc_figure(s->pid, "smaps_rollup", "Rss:") - rss;
	pss = proc_figure(s->pid, "smaps_rollup", "Pss:") - pss;
	snprintf(what, sizeof what, "%d idle readers: RSS of each", count);
	table_most(t, what, &(struct figures){ rss / count, 0, 8, "KiB" },
	    "8 KiB");
	table_most(t, "  PSS of each", &(struct figures){ pss / count, 0, 8,
	    "KiB" }, "8 KiB");
	wakes = proc_figure(s->pid, "status", "voluntary_ctxt_switches:");
	r.pings = 0;
	readers_drain(&r, WATCH_SECONDS);
	wakes = proc_figure(s->pid, "status", "voluntary_ctxt_switches:") -
	    wakes;
	snprintf(what, sizeof what, "  wake-ups in %d s / pings",
	    WATCH_SECONDS);
	table_most(t, what, &(struct figures){ wakes, (double)r.pings,
	    (double)r.pings, "" }, "one a ping");
	readers_close(&r);
	readers_close(&one);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
p99(double *v, size_t n)
{
	qsort(v, n, sizeof *v, compare);
	return v[n * 99 / 100] / 1000;
}

/* Readers of one server, and what makes it tell them something. */
struct fan {
	struct readers r;
	int writer;
	const char *ask;
};

static void
fan_open(struct fan *f, int port, const char *request, const char *ask)
{
	f->writer = net_connect(port);
	f->ask = ask;
	readers_open(&f->r, port, LIVE, request);
}

/* The p99 of a few rounds. */
static double
fan_run(struct fan *f)
{
	static double at[ROUNDS * LIVE];

	for (int i = 0; i < ROUNDS; i++) {
		net_send(f->writer, f->ask, strlen(f->ask));
		readers_round(&f->r, at + (size_t)i * LIVE);
	}
	return p99(at, ROUNDS * LIVE);
}

static void
fan_close(struct fan *f)
{
	readers_close(&f->r);
	close(f->writer);
}

/* How long an event is that a reader of ours gets, for the floor to send. */
static size_t
event_length(struct fan *ours)
{
	static double at[LIVE];
	char event[EVENT_MAX];
	ssize_t len;

	net_send(ours->writer, ours->ask, strlen(ours->ask));
	do
		len = recv(ours->r.fds[0], event, sizeof event, MSG_PEEK);
	while (len > 0 && (len < 4 || memcmp(event + len - 4, "\n\n\r\n", 4)
	    != 0));
	readers_watch(&ours->r, ours->writer);
	readers_round(&ours->r, at);
	return len > 0 ? (size_t)len : 0;
}

static void
race_fans(struct table *t, struct fan *ours, size_t len)
{
	static char bytes[EVENT_MAX];
	struct message_of m = { bytes, len };
	struct race race = { .what = "append to 1,000 readers, p99",
	    .unit = "ms", .n = SLICES, .most = 1.5 };
	struct fan theirs;
	struct floor f;
	int i;

	memset(bytes, 'x', len);
	memcpy(bytes + len - 4, "\n\n\r\n", 4);
	floor_start(&f, floor_fanout, &m);
	fan_open(&theirs, f.port, NULL, "x");
	readers_watch(&theirs.r, theirs.writer);
	for (i = 0; i < SLICES; i++) {
		race.ours[i] = fan_run(ours);
		race.floor[i] = fan_run(&theirs);
	}
	fan_close(&theirs);
	floor_stop(&f);
	table_race(t, &race);
}

/* From the commit, as its answer tells it, to each reader's socket. */
static void
bench_fanout(struct table *t, const struct served *s)
{
	char request[REQUEST_MAX], append[REQUEST_MAX], path[128];
	struct fan ours;
	struct chat c;

	served_chat(s, "fanout", &c);
	read_request(&c, request);
	snprintf(path, sizeof path, "/realtime/v1/sessions/%s/out/append",
	    c.id);
	http_post(append, path, s->key, delta);
	fan_open(&ours, s->port, request, append);
	readers_greeted(&ours.r);
	race_fans(t, &ours, event_length(&ours));
	fan_close(&ours);
}

struct way {
	const char *name, *channel;
	int writers;
	double least;
};

static void
aim(struct load *l, const struct served *s, const struct way *w)
{
	char path[128], name[32];
	struct chat c;
	int i;

	l->port = s->port;
	for (i = 0; i < w->writers; i++) {
		snprintf(name, sizeof name, "%s-%d-%d", w->channel,
		    w->writers, i);
		served_chat(s, name, &c);
		snprintf(path, sizeof path,
		    "/realtime/v1/sessions/%s/%s/append", c.id, w->channel);
		http_post(l->requests[i], path, strcmp(w->channel, "in") == 0 ?
		    c.token : s->key, delta);
	}
}

/* Each writer has its session; the two servers take turns. */
static void
bench_append(struct table *t, const struct served *s, const struct floor *f,
    const struct way *w)
{
	static struct load l;
	struct race race = { .what = w->name, .unit = "/s", .n = SLICES,
	    .least = w->least };
	int i;

	l.writers = w->writers;
	l.seconds = 0.4;
	aim(&l, s, w);
	for (i = 0; i < SLICES; i++) {
		l.port = s->port;
		race.ours[i] = load_run(&l);
		l.port = f->port;
		race.floor[i] = load_run(&l);
	}
	table_race(t, &race);
}

static void
bench_appends(struct table *t, const struct served *s)
{
	static const struct way ways[] = {
		{ "appends, 1 writer, out, key", "out", 1, 0.65 },
		{ "appends, 64 writers, out, key", "out", 64, 0.35 },
		{ "appends, 1 writer, in, token", "in", 1, 0.65 },
		{ "appends, 64 writers, in, token", "in", 64, 0.35 },
	};
	char path[512];
	struct floor f;
	size_t i;

	snprintf(path, sizeof path, "%s/floor.db", getenv("CHATD_HOME"));
	floor_start(&f, floor_commit, path);
	for (i = 0; i < sizeof ways / sizeof *ways; i++)
		bench_append(t, s, &f, &ways[i]);
	floor_stop(&f);
}

static double
timed(const char *const argv[])
{
	struct cost c;

	run_program(argv, &c);
	if (c.status == 0)
		return c.wall_ms;
	fprintf(stderr, "bench: %s ended with %d\n", argv[0], c.status);
	exit(1);
}

/* All records of a long answer by curl, beside a file of that size. */
static void
bench_catch_up(struct table *t, const struct served *s, const char *file)
{
	char url[128], plain[64], auth[128];
	const char *const save[] = { "curl", "-sf", "-o", file, "-H", auth,
	    "-H", "X-Peek-Settled: 1", url, NULL };
	const char *const ours[] = { "curl", "-sf", "-o", "/dev/null", "-H",
	    auth, "-H", "X-Peek-Settled: 1", url, NULL };
	const char *const theirs[] = { "curl", "-sf", "-o", "/dev/null",
	    plain, NULL };
	struct race race = { .what = "100,000 records / nginx, curl",
	    .unit = "ms", .n = SLICES, .most = 3 };
	struct floor f;
	int i;

	if (!nginx_start(&f, getenv("CHATD_HOME"))) {
		race.what = "100,000 records / sendfile, curl";
		puts("(no nginx here: a server of ours in its place)");
		floor_start(&f, floor_file, (char *)(uintptr_t)file);
	}
	snprintf(url, sizeof url, "http://127.0.0.1:%d/realtime/v1/sessions/"
	    "long/out", s->port);
	snprintf(auth, sizeof auth, "Authorization: Bearer %s", s->key);
	snprintf(plain, sizeof plain, "http://127.0.0.1:%d/%s", f.port,
	    strrchr(file, '/') + 1);
	timed(save);
	for (i = 0; i < SLICES; i++) {
		race.ours[i] = timed(ours);
		race.floor[i] = timed(theirs);
	}
	floor_stop(&f);
	table_race(t, &race);
}

void
bench_server(struct table *t, char *chatd, char *records)
{
	char count[16], file[512];
	const char *const fill[] = { records, "long", count, NULL };
	struct served s;

	snprintf(count, sizeof count, "%d", RECORDS);
	snprintf(file, sizeof file, "%s/long.sse", getenv("CHATD_HOME"));
	timed(fill);
	served_start(&s, chatd);
	/* first, while there is no memory left over from other work */
	bench_idle(t, &s);
	bench_appends(t, &s);
	bench_fanout(t, &s);
	bench_catch_up(t, &s, file);
	served_stop(&s);
}
