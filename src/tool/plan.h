/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan.h - the Plan tool: the way out of plan mode */

/*
 * It is offered in plan mode only and always asks a person: no rule and no
 * mode answers for them. Who agrees ends plan mode for the rest of the turn,
 * in which each call is then judged as in the default mode.
 */

#ifndef TOOL_PLAN_H
#define TOOL_PLAN_H

#include "tool/tool.h"

extern const struct tool tool_plan;

#endif
