/* SPDX-License-Identifier: GPL-3.0-or-later */
/* screen.c - what the screen costs: the program on a terminal of ours */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum {
	ROWS = 40, COLS = 120,
	DELTAS = 5000, GAP_US = 5000,	/* 200 a second */
	MESSAGES = 10000,
	OPENS = 15, PAGES = 300,
	IDLE_S = 4,
	SETTLE_S = 12,	/* the last deadline (of a connect) has passed */
	SLOW_MS = 200,
	PROCESSES = 8,
	TAIL = 4096,
};

struct screen {
	int fd;
	pid_t pid;		/* the guard */
	size_t bytes;		/* that came */
	char tail[TAIL + 1];	/* the last of them */
	size_t tail_len;
};

static int
terminal(char *name, size_t size)
{
	struct winsize ws = { .ws_row = ROWS, .ws_col = COLS };
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd == -1 || grantpt(fd) == -1 || unlockpt(fd) == -1 ||
	    ptsname_r(fd, name, size) != 0 || ioctl(fd, TIOCSWINSZ, &ws)) {
		perror("bench: pty");
		exit(1);
	}
	return fd;
}

static void
screen_start(struct screen *s, const char *const argv[])
{
	char name[64];

	*s = (struct screen){ .fd = terminal(name, sizeof name) };
	s->pid = fork();
	if (s->pid != 0)
		return;
	setsid();
	int fd = open(name, O_RDWR);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static void
take(struct screen *s, const char *p, size_t len)
{
	s->bytes += len;
	if (len > TAIL / 2) {
		p += len - TAIL / 2;
		len = TAIL / 2;
	}
	if (s->tail_len + len > TAIL) {
		size_t drop = s->tail_len - TAIL / 2;

		memmove(s->tail, s->tail + drop, s->tail_len - drop);
		s->tail_len -= drop;
	}
	memcpy(s->tail + s->tail_len, p, len);
	s->tail_len += len;
	s->tail[s->tail_len] = '\0';
}

/* What comes until then; false once nothing more can. */
static bool
screen_read(struct screen *s, int64_t until_us)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	int64_t left = (until_us - now_us()) / 1000;
	char bytes[65536];

	if (poll(&p, 1, left > 0 ? (int)left : 0) <= 0)
		return now_us() < until_us;
	ssize_t n = read(s->fd, bytes, sizeof bytes);
	if (n > 0)
		take(s, bytes, (size_t)n);
	return n > 0 && now_us() < until_us;
}

/* Until words come; milliseconds since `start`. */
static double
screen_wait(struct screen *s, const char *words, int64_t start)
{
	int64_t end = now_us() + 60 * 1000000;

	while (strstr(s->tail, words) == NULL)
		if (!screen_read(s, end)) {
			fprintf(stderr, "bench: the screen never said %s\n",
			    words);
			exit(1);
		}
	s->tail_len = 0;
	s->tail[0] = '\0';
	return (double)(now_us() - start) / 1000;
}

static void
screen_key(struct screen *s, const char *key)
{
	if (write(s->fd, key, strlen(key)) == -1)
		exit(1);
}

static void
screen_stop(struct screen *s)
{
	screen_key(s, "\004");
	while (screen_read(s, now_us() + 10000000))
		;
	close(s->fd);
	waitpid(s->pid, NULL, 0);
}

/* ------------------------------------------------------------- processes */

static pid_t
child_of(pid_t pid)
{
	char path[64];
	long child = 0;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
	FILE *f = fopen(path, "r");
	if (f == NULL || fscanf(f, "%ld", &child) != 1)
		child = 0;
	if (f != NULL)
		fclose(f);
	return (pid_t)child;
}

/* The server half is the one with a socket in the runtime folder. */
static pid_t
server_half(void)
{
	char pattern[128];
	glob_t g;
	pid_t pid = 0;

	snprintf(pattern, sizeof pattern, "%s/run/[0-9]*.sock",
	    getenv("CHATD_HOME"));
	if (glob(pattern, 0, NULL, &g) == 0 && g.gl_pathc > 0)
		pid = (pid_t)strtol(strrchr(g.gl_pathv[0], '/') + 1, NULL,
		    10);
	globfree(&g);
	return pid;
}

static int
processes(const struct screen *s, pid_t list[PROCESSES])
{
	int n = 0;

	list[n++] = s->pid;
	if (child_of(s->pid) > 0)
		list[n++] = child_of(s->pid);
	if (server_half() > 0)
		list[n++] = server_half();
	return n;
}

/* The number behind a word in a file of /proc; adds them up. */
static double
proc_number(pid_t pid, const char *file, const char *word)
{
	char path[64], line[256];
	double sum = 0;

	snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
	FILE *f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, word, strlen(word)) == 0)
			sum += strtod(line + strlen(word), NULL);
	if (f != NULL)
		fclose(f);
	return sum;
}

static double
sum_numbers(const struct screen *s, const char *file, const char *word)
{
	pid_t list[PROCESSES];
	int n = processes(s, list);
	double sum = 0;

	for (int i = 0; i < n; i++)
		sum += proc_number(list[i], file, word);
	return sum;
}

static double
cpu_ms(const struct screen *s)
{
	pid_t list[PROCESSES];
	int n = processes(s, list);
	double sum = 0;

	for (int i = 0; i < n; i++) {
		struct timespec ts = { 0 };
		clockid_t clock;

		if (clock_getcpuclockid(list[i], &clock) == 0 &&
		    clock_gettime(clock, &ts) == 0)
			sum += (double)ts.tv_sec * 1e3 +
			    (double)ts.tv_nsec / 1e6;
	}
	return sum;
}

/* ------------------------------------------------------------------ rows */

static void
most(struct table *t, const char *what, double ours, double floor,
    const char *unit, double allowed, const char *rule)
{
	struct figures f = { ours, floor, allowed, unit };

	table_most(t, what, &f, rule);
}

static void
bench_first(struct table *t, const char *chatd)
{
	const char *const argv[] = { chatd, "-m", "demo", NULL };
	double ms[OPENS];
	struct screen s;

	for (int i = 0; i < OPENS; i++) {
		int64_t start = now_us();

		screen_start(&s, argv);
		ms[i] = screen_wait(&s, "Type a message", start);
		screen_stop(&s);
	}
	most(t, "screen: start to first frame", median(ms, OPENS), 0, "ms",
	    25, "25 ms");
}

static void
rest(struct screen *s, int seconds)
{
	int64_t end = now_us() + (int64_t)seconds * 1000000;

	while (screen_read(s, end))
		;
}

static void
bench_idle(struct table *t, struct screen *s)
{
	double before, after;

	rest(s, SETTLE_S);
	before = sum_numbers(s, "status", "voluntary_ctxt_switches:");
	rest(s, IDLE_S);
	after = sum_numbers(s, "status", "voluntary_ctxt_switches:");
	most(t, "  idle: wake-ups", (after - before) / IDLE_S, 0, "/s", 0,
	    "0");
	most(t, "  idle: PSS of all processes", sum_numbers(s,
	    "smaps_rollup", "Pss:") / 1024, 0, "MiB", 16, "16 MiB");
}

/* CPU of so many seconds of the stream. */
static double
cpu_of(struct screen *s, int seconds)
{
	double before = cpu_ms(s);

	rest(s, seconds);
	return cpu_ms(s) - before;
}

static void
bench_stream(struct table *t, const char *chatd)
{
	struct streamer_opts o = { .deltas = DELTAS, .gap_us = GAP_US,
	    .markdown = true };
	const char *const argv[] = { chatd, "-m", "openai-chat:bench",
	    "say it", NULL };
	struct streamer_times times;
	struct streamer str;
	struct screen s;
	char base[64];

	streamer_start(&str, &o);
	snprintf(base, sizeof base, "http://127.0.0.1:%d/v1", str.port);
	setenv("OPENAI_BASE_URL", base, 1);
	setenv("OPENAI_API_KEY", "bench", 1);
	screen_start(&s, argv);
	(void)screen_wait(&s, "begins", now_us());
	s.bytes = 0;
	int64_t start = now_us();
	double cpu = cpu_ms(&s);
	rest(&s, 2);
	double early = cpu_of(&s, 5);
	rest(&s, 10);
	double late = cpu_of(&s, 5);
	(void)screen_wait(&s, "the very end", now_us());
	double wall = (double)(now_us() - start) / 1000;
	size_t bytes = s.bytes;
	cpu = cpu_ms(&s) - cpu;
	streamer_times(&str, &times);
	most(t, "5,000 deltas at 200/s: CPU", cpu / wall * 100, 0, "%", 3,
	    "3 % of a core");
	most(t, "  terminal bytes / cat", (double)bytes / 1024,
	    (double)times.text / 1024, "KiB", (double)times.text / 512,
	    "2 x floor");
	most(t, "  CPU of 5 s: at the end / start", late, early, "ms",
	    early * 1.25, "1.25 x floor");
	bench_idle(t, &s);
	screen_stop(&s);
	streamer_stop(&str);
}

/* ------------------------------------------------------ a long transcript */

static void
write_message(FILE *f, int i)
{
	fprintf(f, "%s{\"id\":\"m%d\",\"role\":\"%s\",\"parts\":[{\"type\":"
	    "\"text\",\"text\":\"message %d says:\\n\\n- *one* and `two`\\n"
	    "- three\\n\\n```c\\nint main(void);\\n```\\n\\nand no more than"
	    " that, number %d\"}]}", i > 0 ? "," : "", i,
	    i % 2 == 0 ? "user" : "assistant", i, i);
}

static void
import_long(const char *chatd)
{
	char path[128];
	const char *const argv[] = { chatd, "import", path, NULL };
	struct cost c;

	snprintf(path, sizeof path, "%s/long.json", getenv("CHATD_HOME"));
	FILE *f = fopen(path, "w");
	if (f == NULL)
		exit(1);
	fprintf(f, "{\"chatd\":1,\"session\":{\"id\":\"session_"
	    "benchbenchbenchbenchbench\",\"externalId\":\"long\","
	    "\"type\":\"chat.agent\",\"taskIdentifier\":\"chat\","
	    "\"triggerConfig\":{},\"tags\":[],\"createdAt\":\"2026-01-01T00:00:00.000Z\","
	    "\"updatedAt\":\"2026-01-01T00:00:00.000Z\","
	    "\"title\":\"long\",\"model\":\"demo\"},\"messages\":[");
	for (int i = 0; i < MESSAGES; i++)
		write_message(f, i);
	fprintf(f, "],\"in\":[],\"out\":[],\"cursors\":{}}\n");
	fclose(f);
	run_program(argv, &c);
	if (c.status != 0) {
		fprintf(stderr, "bench: import ended with %d\n", c.status);
		exit(1);
	}
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The whole of a frame; one that shows nothing new counts as slow. */
static double
screen_frame(struct screen *s, int64_t start)
{
	size_t before = s->bytes;
	int64_t last = now_us(), end = last + SLOW_MS * 1000;

	while (s->bytes == before)
		if (!screen_read(s, end))
			return SLOW_MS;
	do {
		before = s->bytes;
		last = now_us();
		(void)screen_read(s, last + 2000);
	} while (s->bytes != before);
	return (double)(last - start) / 1000;
}

/* A page up as soon as the one before was drawn. */
static void
bench_scroll(struct table *t, struct screen *s)
{
	double ms[PAGES];

	for (int i = 0; i < PAGES; i++) {
		int64_t start = now_us();

		screen_key(s, "\033[5~");
		ms[i] = screen_frame(s, start);
	}
	qsort(ms, PAGES, sizeof ms[0], compare);
	most(t, "  PgUp to its frame, median", ms[PAGES / 2], 0, "ms", 16.7,
	    "60 frames/s");
	most(t, "  PgUp to its frame, 19 of 20", ms[PAGES * 19 / 20], 0,
	    "ms", 25, "25 ms");
}

static void
bench_long(struct table *t, const char *chatd)
{
	const char *const argv[] = { chatd, "-r", "long", NULL };
	double ms[OPENS];
	struct screen s;
	char last[64];

	import_long(chatd);
	snprintf(last, sizeof last, "number %d", MESSAGES - 1);
	for (int i = 0; i < OPENS; i++) {
		int64_t start = now_us();

		screen_start(&s, argv);
		ms[i] = screen_wait(&s, last, start);
		if (i + 1 < OPENS)
			screen_stop(&s);
	}
	most(t, "10,000 messages: start to seen", median(ms, OPENS), 0, "ms",
	    50, "50 ms");
	bench_scroll(t, &s);
	screen_stop(&s);
}

void
bench_screen(struct table *t, const char *chatd)
{
	bench_first(t, chatd);
	bench_long(t, chatd);
	bench_stream(t, chatd);
}
