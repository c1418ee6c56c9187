/* SPDX-License-Identifier: GPL-3.0-or-later */
/* toolset.c - the tools of a turn, and how a model is told of them */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agent/permit.h"
#include "agent/toolset.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "tool/demo.h"
#include "tool/tool.h"

struct toolset {
	const struct tool **tools;	/* sorted by name */
	size_t count;
};

static int
tool_compare(const void *a, const void *b)
{
	return strcmp((*(const struct tool *const *)a)->name,
	    (*(const struct tool *const *)b)->name);
}

struct toolset *
toolset_new(void)
{
	return xcalloc(1, sizeof(struct toolset));
}

static bool
toolset_has(const struct toolset *ts, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(ts->tools[i]->name, name) == 0)
			return true;
	return false;
}

void
toolset_add(struct toolset *ts, const struct tool *const *tools)
{
	size_t before = ts->count;

	for (; *tools != NULL; tools++) {
		if (toolset_has(ts, before, (*tools)->name))
			continue;
		ts->tools = xreallocarray(ts->tools, ts->count + 1,
		    sizeof(*ts->tools));
		ts->tools[ts->count++] = *tools;
	}
	if (ts->count > 0)
		qsort(ts->tools, ts->count, sizeof(*ts->tools), tool_compare);
}

void
toolset_free(struct toolset *ts)
{
	if (ts == NULL)
		return;
	free(ts->tools);
	free(ts);
}

const struct tool *
toolset_find(const struct toolset *ts, const char *name)
{
	for (size_t i = 0; i < ts->count; i++)
		if (strcmp(ts->tools[i]->name, name) == 0)
			return ts->tools[i];
	/* harmless, and only the demo model knows of it */
	return strcmp(name, tool_demo.name) == 0 ? &tool_demo : NULL;
}

void
toolset_write(const struct toolset *ts, const struct permit *p,
    struct buf *out)
{
	struct json_w w;

	json_w_init(&w, out);
	json_w_arr(&w);
	for (size_t i = 0; i < ts->count; i++) {
		const struct tool *tool = ts->tools[i];

		if (permit_forbids(p, tool))
			continue;
		json_w_obj(&w);
		json_w_kstr(&w, "name", tool->name);
		json_w_kstr(&w, "description", tool->description);
		json_w_kraw(&w, "inputSchema", tool->schema);
		json_w_obj_end(&w);
	}
	json_w_arr_end(&w);
}
