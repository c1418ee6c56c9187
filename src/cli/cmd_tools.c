/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_tools.c - chatd tools: what a model can have done here */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/cmd.h"
#include "cli/columns.h"
#include "cli/out.h"
#include "tool/cmdtool.h"
#include "tool/cmdtools.h"
#include "tool/tool.h"

static const char *const effects[] = {
	[TOOL_NOTES] = "keeps notes",
	[TOOL_READS] = "reads",
	[TOOL_EDITS] = "changes files",
	[TOOL_RUNS] = "runs programs",
	[TOOL_REACHES] = "uses the network",
};

/* Where it comes from; "" is built in. */
struct listed {
	const struct tool *tool;
	const char *file;
	enum trust trust;
};

struct list {
	struct cmdtools *programs;
	struct listed *v;
	size_t count;
};

static bool
is_asked(const struct tool *t)
{
	return t->effect != TOOL_NOTES && t->effect != TOOL_READS;
}

static void
list_add(struct list *l, const struct tool *tool, const char *file,
    enum trust trust)
{
	l->v = xreallocarray(l->v, l->count + 1, sizeof(*l->v));
	l->v[l->count++] = (struct listed){ tool, file, trust };
}

static int
list_make(struct list *l, struct err *e)
{
	char *dir = path_cwd(e);
	const struct cmdtool *p;

	if (dir == NULL)
		return -1;
	for (const struct tool *const *t = tool_builtins(); *t != NULL; t++)
		list_add(l, *t, "", TRUST_YES);
	l->programs = cmdtools_load(dir);
	for (size_t i = 0; (p = cmdtools_at(l->programs, i)) != NULL; i++)
		list_add(l, &p->tool, p->file, cmdtool_trust(p));
	free(dir);
	return 0;
}

static void
list_clear(struct list *l)
{
	cmdtools_free(l->programs);
	free(l->v);
}

static void
complain(const char *name, const char *why, void *arg)
{
	(void)arg;
	out_note("chatd: tool %s: %s", name, why);
}

static int
tools_table(const struct list *l, struct err *e)
{
	static const struct column cols[] = {
		{ "TOOL", 0, 0 }, { "DOES", 0, 0 }, { "UNASKED", 0, 0 },
		{ "WHAT", 0, 1 },
	};
	struct columns *c = columns_new(cols, NELEM(cols));
	int r;

	for (size_t i = 0; i < l->count; i++) {
		const struct tool *t = l->v[i].tool;

		if (l->v[i].trust != TRUST_YES)
			continue;
		columns_add(c, t->name);
		columns_add(c, effects[t->effect]);
		columns_add(c, is_asked(t) ? "no" : "yes");
		columns_add(c, t->title);
	}
	r = columns_print(c, e);
	columns_free(c);
	cmdtools_complain(l->programs, complain, NULL);
	return r;
}

static int
tools_json(const struct list *l, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_arr(&w);
	for (size_t i = 0; i < l->count; i++) {
		const struct tool *t = l->v[i].tool;

		json_w_obj(&w);
		json_w_kstr(&w, "name", t->name);
		json_w_kstr(&w, "title", t->title);
		json_w_kstr(&w, "effect", effects[t->effect]);
		json_w_kbool(&w, "asks", is_asked(t));
		json_w_kstr(&w, "description", t->description);
		json_w_kraw(&w, "inputSchema", t->schema);
		if (l->v[i].file[0] != '\0') {
			json_w_kstr(&w, "file", l->v[i].file);
			json_w_kstr(&w, "consent",
			    trust_name(l->v[i].trust));
		}
		json_w_obj_end(&w);
	}
	json_w_arr_end(&w);
	buf_addc(&b, '\n');
	return out_json(&b, e);
}

/* What is agreed to is shown first. */
static int
tools_consent(const struct list *l, const char *name, bool yes,
    struct err *e)
{
	const struct cmdtool *p;
	struct buf b = BUF_INIT;

	for (size_t i = 0; (p = cmdtools_at(l->programs, i)) != NULL; i++) {
		if (strcmp(p->name, name) != 0)
			continue;
		for (size_t n = 0; p->argv[n] != NULL; n++)
			buf_addf(&b, "%s%s", n > 0 ? " " : "", p->argv[n]);
		out_note("%s %s: %s", p->file, yes ? "may run" :
		    "may not run", b.data);
		buf_clear(&b);
		return cmdtool_set_trust(p, yes, e);
	}
	return err_set(e, ERR_NOT_FOUND, "no file describes a tool %s", name);
}

static int
tools_do(const struct list *l, const struct opts *o, struct err *e)
{
	char *const *words = o->words.items;
	bool yes;

	if (o->words.count == 0)
		return o->json ? tools_json(l, e) : tools_table(l, e);
	yes = strcmp(words[0], "allow") == 0;
	if (o->words.count == 2 && (yes || strcmp(words[0], "deny") == 0))
		return tools_consent(l, words[1], yes, e);
	err_set(e, ERR_USAGE, "tools: 'allow NAME' or 'deny NAME' is wanted");
	return err_hint(e, "chatd tools lists them");
}

static int
tools_run(struct opts *o, struct err *e)
{
	struct list l = { 0 };
	int r = list_make(&l, e);

	if (r == 0)
		r = tools_do(&l, o, e);
	list_clear(&l);
	return r;
}

const struct command cmd_tools = {
	.name = "tools",
	.args = "[allow|deny NAME]",
	.help = "list the tools that a model can use; allow one of a project",
	.opts = opts_json,
	.flags = CMD_LOCAL,
	.words_max = 2,
	.run = tools_run,
};
