/* SPDX-License-Identifier: GPL-3.0-or-later */
/* builtin.h - the built-in tools: one file each, ending in its struct tool */

#ifndef TOOL_BUILTIN_H
#define TOOL_BUILTIN_H

#include "tool/tool.h"

/* in the order that people and models see */
#define BUILTINS(X)							\
	X(read) X(write) X(edit) X(glob) X(grep) X(bash) X(webfetch) X(todo) \
	X(task)

#define X(noun) extern const struct tool tool_##noun;
BUILTINS(X)
#undef X

#endif
