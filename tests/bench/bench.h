/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench.h - running programs and a model server, and measuring both */

#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What one run of a program cost. */
struct cost {
	double wall_ms;
	double cpu_ms;		/* user and system */
	long peak_kib;		/* largest resident set */
	double first_ms;	/* from the start to its first output, or -1 */
	int64_t first_at_us;	/* the same as a point of the clock */
	int status;		/* exit status */
};

/* Microseconds of a clock that never goes back. */
int64_t	now_us(void);
/* Run argv with stdin from /dev/null, output read and thrown away. */
void	run_program(const char *const argv[], struct cost *c);
/* The run with the median of a field of n runs. */
double	median(double *v, int n);

/* A model server in a child process, on 127.0.0.1. */
struct streamer_opts {
	int deltas;
	int64_t gap_us;		/* between deltas, 0: as fast as it goes */
	bool markdown;		/* as models write it, not only words */
};
struct streamer {
	pid_t pid;
	int port;
	int report;		/* pipe: struct streamer_times per request */
};
struct streamer_times {
	int64_t request_us;	/* when a request was there */
	int64_t first_us;	/* when its first text was sent */
	size_t text;		/* bytes of text */
};
void	streamer_start(struct streamer *s, const struct streamer_opts *opts);
void	streamer_times(struct streamer *s, struct streamer_times *t);
void	streamer_stop(struct streamer *s);
/* pieces.c: the text of delta i, as a JSON string has it */
size_t	piece(char *p, size_t size, int i, const struct streamer_opts *o);

/* The table: what we measured, the floor's figure, what we allow. */
struct table {
	int missed;		/* rows that are over */
};
struct figures {
	double ours, floor, allowed;
	const char *unit;
};
void	table_head(void);
/* Ours may be that much at most. */
void	table_most(struct table *t, const char *what, const struct figures *f,
	    const char *rule);
/*
 * Two that took turns in short slices: the median of the ratios of neighbours
 * decides, for what else the machine does hits both of them.
 */
enum { RACE_MAX = 32 };
struct race {
	const char *what, *unit;
	double ours[RACE_MAX], floor[RACE_MAX];
	int n;
	double least, most;	/* of ours / floor; 0: no bound */
};
void	table_race(struct table *t, struct race *r);

/* server.c: all rows of chatd serve */
void	bench_server(struct table *t, char *chatd, char *records);
/* steps.c: a turn of many steps; home is a folder of our own */
void	bench_steps(struct table *t, char *chatd, const char *home);
/* screen.c: all rows of the screen */
void	bench_screen(struct table *t, const char *chatd);

#endif
