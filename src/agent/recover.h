/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recover.h - the turn that a dead owner left (architecture.md 5) */

/*
 * The partial answer is rebuilt by reducing what `out` has of the turn.
 *
 *	finish is there		only the turn-complete is written
 *	third crash		error, turn-complete
 *	else			what is open is closed and marked, `start` is
 *				written again with the same id (readers without
 *				a cursor merge), the open step is asked again
 */

#ifndef AGENT_RECOVER_H
#define AGENT_RECOVER_H

#include "base/attr.h"

struct agent;
struct err;

enum { RECOVER_ATTEMPTS_MAX = 3 };

/* Sets ag->turn if a turn goes on. */
int	recover_turn(struct agent *ag, struct err *e) ATTR_MUST_USE;

#endif
