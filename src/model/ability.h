/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ability.h - what is known of models: sizes, thinking, forbidden options */

/*
 * A table by model id, whoever serves it. What a provider's own list of
 * models says (list_cache.h) wins over the table's sizes. What both do not
 * know is learned from refusals (omit.h).
 */

#ifndef MODEL_ABILITY_H
#define MODEL_ABILITY_H

#include <stdbool.h>
#include <stdint.h>

struct model;

enum {
	ABLE_REASON = 1 << 0,	/* it thinks, and can be told how much */
	ABLE_BUDGET = 1 << 1,	/* in tokens */
	ABLE_ADAPTIVE = 1 << 2,	/* Anthropic: thinking {type: adaptive} */
	ABLE_DISPLAY = 1 << 3,	/* Anthropic: shows it only when asked */
	ABLE_ALWAYS = 1 << 4,	/* thinking cannot be switched off */
	ABLE_SCHEMA = 1 << 5,	/* answers can be held to a schema */
	NOT_SAMPLING = 1 << 6,	/* refuses temperature and its like */
	NOT_FORCED = 1 << 7,	/* refuses a forced choice of tools */
	ABLE_THINKING = ABLE_REASON | ABLE_BUDGET | ABLE_ADAPTIVE |
	    ABLE_ALWAYS,	/* what lists of models may say */
};

struct ability {
	const char *id;		/* the model's begins so, or a part behind
				   a slash, dot or colon */
	int64_t context;	/* tokens, 0: unknown */
	int64_t max_output;
	unsigned can;
	const char *least;	/* the effort that stands for none, or NULL */
};

struct ability	ability_of(const struct model *m);
/* May this field of a request be set for the model? */
bool		ability_allows(const struct ability *a, const char *field);

#endif
