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
table_race(struct table *t, struct race *r)
{
	double bound = r->least > 0 ? r->least : r->most, ratios[RACE_MAX];
	struct figures f = { .unit = r->unit };
	char rule[64];
	double ratio;
	int i;

	for (i = 0; i < r->n; i++)
		ratios[i] = r->ours[i] / r->floor[i];
	ratio = median(ratios, r->n);
	f.ours = median(r->ours, r->n);
	f.floor = median(r->floor, r->n);
	f.allowed = bound * f.floor;
	snprintf(rule, sizeof rule, "%.2f x floor, is %.2f", bound, ratio);
	print_row(t, r->what, &f, r->least > 0 ? ratio >= bound :
	    ratio <= bound, rule);
}
