/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table.c - the rows of the bench, and how many are over */

#include <stdbool.h>
#include <stdio.h>

#include "bench.h"

static void
print_row(struct table *t, const char *what, const struct figures *f, bool ok,
    const char *rule)
{
	printf("%-34s %9.2f %9.2f %-4s %8.2f  %-4s %s\n", what, f->ours,
	    f->floor, f->unit, f->allowed, ok ? "ok" : "OVER", rule);
	if (!ok)
		t->missed++;
	fflush(stdout);
}

void
table_head(void)
{
	printf("%-34s %9s %9s %-4s %8s\n", "", "ours", "floor", "", "allowed");
}

void
table_most(struct table *t, const char *what, const struct figures *f,
    const char *rule)
{
	print_row(t, what, f, f->ours <= f->allowed, rule);
}

void
table_least(struct table *t, const char *what, const struct figures *f,
    const char *rule)
{
	print_row(t, what, f, f->ours >= f->allowed, rule);
}
