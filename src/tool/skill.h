/* SPDX-License-Identifier: GPL-3.0-or-later */
/* skill.h - the Skill tool: load instructions for a kind of work */

#ifndef TOOL_SKILL_H
#define TOOL_SKILL_H

#include "tool/tool.h"

extern const struct tool tool_skill;

#endif
