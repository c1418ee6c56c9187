/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn_tools.h - what the tools of a turn are given: rules, folders, a cage */

#ifndef AGENT_TURN_TOOLS_H
#define AGENT_TURN_TOOLS_H

#include <stdbool.h>

#include "base/attr.h"
#include "tool/sandbox.h"

struct err;
struct item;
struct turn;

/* After setup_init(). */
int	turn_tools_init(struct turn *t, const struct item *it, struct err *e)
	    ATTR_MUST_USE;
void	turn_tools_clear(struct turn *t);
/* Before calls are judged, when none runs: a rule that has come since the turn
 * began holds from here on. -1: rules cannot be read. */
int	turn_tools_rules(struct turn *t, struct err *e) ATTR_MUST_USE;
/* Before each step, when none of them runs: they are what they are now.
 * False: not yet, turn_kick() will come. */
bool	turn_tools_ready(struct turn *t);
/*
 * Make the sandbox, if it is not there: only turns that run programs need it.
 * How well can it hold them?
 */
enum sandbox_hold	turn_tools_contain(struct turn *t);
/* What is wanted to hold programs, "none" when it is not to be had here. */
const char *turn_tools_bounds(const struct turn *t);
/* What will hold a program, for who is asked: "workspace-write", "none". */
const char *turn_tools_sandbox(const struct turn *t);

#endif
