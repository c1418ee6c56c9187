/* SPDX-License-Identifier: GPL-3.0-or-later */
/* step.h - what a model says, as chunks; and what becomes of its calls */

/*
 * A call is shown when it is known who runs it: at its result if the provider
 * did (MODEL_TOOL_RESULT), else when the model has ended.
 */

#ifndef AGENT_STEP_H
#define AGENT_STEP_H

#include <stdbool.h>

struct model_event;
struct turn;

/* Everything but MODEL_FINISH and MODEL_ERROR. */
void	step_event(struct turn *t, const struct model_event *ev);
/* The model has ended: settle the calls that nobody ran. */
void	step_settle(struct turn *t);
/* It was cut: tell those that are open that they are interrupted. */
void	step_interrupt(struct turn *t, const char *why);
void	step_clear(struct turn *t);

#endif
