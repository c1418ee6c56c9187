/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.c - running a program and measuring what it cost */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static double
tv_ms(const struct timeval *tv)
{
	return (double)tv->tv_sec * 1000 + (double)tv->tv_usec / 1000;
}

static void
child(const char *const argv[], int out)
{
	int null = open("/dev/null", O_RDONLY);

	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

void
run_program(const char *const argv[], struct cost *c)
{
	int64_t start = now_us();
	struct rusage ru;
	char sink[65536];
	int out[2], status;
	ssize_t n;
	pid_t pid;

	*c = (struct cost){ .first_ms = -1 };
	if (pipe(out) == -1 || (pid = fork()) == -1) {
		perror("bench");
		exit(1);
	}
	if (pid == 0) {
		close(out[0]);
		child(argv, out[1]);
	}
	close(out[1]);
	while ((n = read(out[0], sink, sizeof sink)) != 0) {
		if (n == -1 && errno != EINTR)
			break;
		if (n > 0 && c->first_ms < 0) {
			c->first_at_us = now_us();
			c->first_ms = (double)(c->first_at_us - start) / 1000;
		}
	}
	close(out[0]);
	wait4(pid, &status, 0, &ru);
	c->wall_ms = (double)(now_us() - start) / 1000;
	c->cpu_ms = tv_ms(&ru.ru_utime) + tv_ms(&ru.ru_stime);
	c->peak_kib = ru.ru_maxrss;
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, compare);
	return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}
