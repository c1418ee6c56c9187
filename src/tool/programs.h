/* SPDX-License-Identifier: GPL-3.0-or-later */
/* programs.h - the tools that files of the user and of a project describe */

#ifndef TOOL_PROGRAMS_H
#define TOOL_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct err;
struct program;
struct programs;
struct tool;

/*
 * tools/NAME.yaml (.yml, .json) beside the user's config.yaml, then
 * .chatd/tools of dir and of the folders above it up to the root of the
 * repository. Of one name the first counts.
 */
struct programs	*programs_load(const char *dir);
void		 programs_free(struct programs *p);
/* Those that may be run; ends with NULL. */
const struct tool *const *programs_tools(const struct programs *p);
/* Each that may not, though its file is there: it is wrong, or waits for
 * consent. */
void		 programs_complain(const struct programs *p,
		    void (*fn)(const char *name, const char *why, void *arg),
		    void *arg);
/* All that could be read; NULL: there are no more. */
const struct program *programs_at(const struct programs *p, size_t i);

#endif
