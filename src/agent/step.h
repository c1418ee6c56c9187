/* SPDX-License-Identifier: GPL-3.0-or-later */
/* step.h - what a model says, as chunks */

/*
 * A call is shown when it is known who runs it: at its result if the provider
 * did (MODEL_TOOL_RESULT), else when the model has ended (calls.h).
 */

#ifndef AGENT_STEP_H
#define AGENT_STEP_H

#include <stdbool.h>

struct json_w;
struct model_event;
struct turn;

/* Everything but MODEL_FINISH and MODEL_ERROR. */
void	step_event(struct turn *t, const struct model_event *ev);
/* It was cut: calls that are open, also those that ran, get why as result. */
void	step_interrupt(struct turn *t, const char *why);
/* The same, but for calls of sub-agents: they go on. */
void	step_interrupt_but_tasks(struct turn *t, const char *why);
void	step_clear(struct turn *t);
/* Once for each step. */
void	step_count_usage(struct turn *t);
/* How full the context is, and how large: if both are known. */
void	step_write_context(const struct turn *t, struct json_w *w);
/* Who answers: a fallback, or the model of the turn; NULL: not known yet. */
const char	*step_model(const struct turn *t);

#endif
