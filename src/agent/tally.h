/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tally.h - tokens of a turn, summed over its steps */

#ifndef AGENT_TALLY_H
#define AGENT_TALLY_H

#include "model/model.h"

/* What no step told stays unknown (-1); so does the cost. */
void	tally_add(struct model_usage *sum, const struct model_usage *u);

/* Of input and output, as far as they are known. */
int64_t	tally_tokens(const struct model_usage *u);

#endif
