/* SPDX-License-Identifier: GPL-3.0-or-later */
/* demo.h - the tool of the demo model, which no other is told of */

#ifndef TOOL_DEMO_H
#define TOOL_DEMO_H

#include "tool/tool.h"

extern const struct tool tool_demo;

#endif
