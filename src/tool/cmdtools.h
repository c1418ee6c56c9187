/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmdtools.h - the tools that files of the user and of a project describe */

#ifndef TOOL_CMDTOOLS_H
#define TOOL_CMDTOOLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct err;
struct cmdtool;
struct cmdtools;
struct tool;

/*
 * tools/NAME.yaml (.yml, .json) beside the user's config.yaml, then
 * .chatd/tools of dir and of the folders above it up to the root of the
 * repository. Of one name the first counts.
 */
struct cmdtools	*cmdtools_load(const char *dir);
void		 cmdtools_free(struct cmdtools *p);
/* Those that may be run; ends with NULL. */
const struct tool *const *cmdtools_tools(const struct cmdtools *p);
/* Each that may not, though its file is there: it is wrong, or waits for
 * consent. */
void		 cmdtools_complain(const struct cmdtools *p,
		    void (*fn)(const char *name, const char *why, void *arg),
		    void *arg);
/* All that could be read; NULL: there are no more. */
const struct cmdtool *cmdtools_at(const struct cmdtools *p, size_t i);

#endif
