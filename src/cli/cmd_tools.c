/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_tools.c - chatd tools: what a model can have done here */

#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/cmd.h"
#include "cli/columns.h"
#include "cli/out.h"
#include "tool/tool.h"

static const char *const effects[] = {
	[TOOL_NOTES] = "keeps notes",
	[TOOL_READS] = "reads",
	[TOOL_EDITS] = "changes files",
	[TOOL_RUNS] = "runs programs",
	[TOOL_REACHES] = "uses the network",
};

static bool
is_asked(const struct tool *t)
{
	return t->effect != TOOL_NOTES && t->effect != TOOL_READS;
}

static int
tools_table(struct err *e)
{
	static const struct column cols[] = {
		{ "TOOL", 0, 0 }, { "DOES", 0, 0 }, { "UNASKED", 0, 0 },
		{ "WHAT", 0, 1 },
	};
	struct columns *c = columns_new(cols, NELEM(cols));
	int r;

	for (const struct tool *const *t = tool_builtins(); *t != NULL; t++) {
		columns_add(c, (*t)->name);
		columns_add(c, effects[(*t)->effect]);
		columns_add(c, is_asked(*t) ? "no" : "yes");
		columns_add(c, (*t)->title);
	}
	r = columns_print(c, e);
	columns_free(c);
	return r;
}

static int
tools_json(struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_arr(&w);
	for (const struct tool *const *t = tool_builtins(); *t != NULL; t++) {
		json_w_obj(&w);
		json_w_kstr(&w, "name", (*t)->name);
		json_w_kstr(&w, "title", (*t)->title);
		json_w_kstr(&w, "effect", effects[(*t)->effect]);
		json_w_kbool(&w, "asks", is_asked(*t));
		json_w_kstr(&w, "description", (*t)->description);
		json_w_kraw(&w, "inputSchema", (*t)->schema);
		json_w_obj_end(&w);
	}
	json_w_arr_end(&w);
	buf_addc(&b, '\n');
	return out_result(&b, e);
}

static int
tools_run(struct opts *o, struct err *e)
{
	return o->json ? tools_json(e) : tools_table(e);
}

static const struct opt options[] = {
	{ "json", 0, OPT_FLAG, OPT_EVERY, offsetof(struct opts, json), NULL,
	    NULL, NULL, "for programs" },
	{ .name = NULL },
};

const struct command cmd_tools = {
	.name = "tools",
	.args = "",
	.help = "list the tools that a model can use",
	.opts = options,
	.flags = CMD_LOCAL,
	.run = tools_run,
};
