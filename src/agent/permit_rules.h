/* SPDX-License-Identifier: GPL-3.0-or-later */
/* permit_rules.h - the rules of all layers, gathered */

#ifndef AGENT_PERMIT_RULES_H
#define AGENT_PERMIT_RULES_H

#include "base/attr.h"

struct err;
struct item;
struct rules;
struct setup;

/*
 * Adds the rules of the user's files, the project's, the command line and the
 * session (permit.h). ERR_CONFIG: a file cannot be read, so that nobody knows
 * what it denies.
 */
int	permit_rules_load(struct rules *rules, const struct setup *s,
	    const struct item *it, struct err *e) ATTR_MUST_USE;

#endif
