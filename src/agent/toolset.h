/* SPDX-License-Identifier: GPL-3.0-or-later */
/* toolset.h - the tools of a turn, and how a model is told of them */

#ifndef AGENT_TOOLSET_H
#define AGENT_TOOLSET_H

struct buf;
struct permit;
struct tool;

struct toolset;

struct toolset	*toolset_new(void);
/* tools ends with NULL, and what it points to stays the caller's. Of one name
 * the first counts. */
void		 toolset_add(struct toolset *ts,
		    const struct tool *const *tools);
void		 toolset_free(struct toolset *ts);
const struct tool *toolset_find(const struct toolset *ts, const char *name);
/*
 * [{"name":..,"description":..,"inputSchema":..}] sorted by name, so that
 * prompt caches see the same bytes; without those that are always denied.
 */
void		 toolset_write(const struct toolset *ts,
		    const struct permit *p, struct buf *out);

#endif
