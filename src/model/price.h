/* SPDX-License-Identifier: GPL-3.0-or-later */
/* price.h - what a call costs, where the provider does not say it */

/*
 * The prices of share/prices.yaml, installed or built in, or those of a
 * prices.yaml beside the configuration; of a provider that lists its own
 * (OpenRouter), that list. What is not known costs nothing that we could say.
 */

#ifndef MODEL_PRICE_H
#define MODEL_PRICE_H

#include "model/model.h"

struct model;

/* false: nobody knows */
bool	price_of(const struct model *m, struct model_price *p);
/* USD, or < 0: counts or prices are missing */
double	price_cost(const struct model_price *p, const struct model_usage *u);
/* When the table was made: "2026-11-01", or "" */
const char *price_date(struct models *ms);

#endif
