/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tally.c - tokens of a turn, summed over its steps */

#include "agent/tally.h"

static void
tally_add_one(int64_t *sum, int64_t n)
{
	if (n >= 0)
		*sum = (*sum < 0 ? 0 : *sum) + n;
}

void
tally_add(struct model_usage *sum, const struct model_usage *u)
{
	tally_add_one(&sum->input, u->input);
	tally_add_one(&sum->input_fresh, u->input_fresh);
	tally_add_one(&sum->cache_read, u->cache_read);
	tally_add_one(&sum->cache_write, u->cache_write);
	tally_add_one(&sum->output, u->output);
	tally_add_one(&sum->output_text, u->output_text);
	tally_add_one(&sum->reasoning, u->reasoning);
	if (u->cost >= 0)
		sum->cost = (sum->cost < 0 ? 0 : sum->cost) + u->cost;
}

int64_t
tally_tokens(const struct model_usage *u)
{
	return (u->input > 0 ? u->input : 0) + (u->output > 0 ? u->output : 0);
}
