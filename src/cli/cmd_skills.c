/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_skills.c - chatd skills: which instructions a model can load here */

#include <stddef.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/path.h"
#include "cli/cmd.h"
#include "cli/columns.h"
#include "cli/out.h"
#include "tool/skills.h"

static int
skills_json(const struct skills *s, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_arr(&w);
	for (size_t i = 0; i < s->count; i++) {
		const struct skill *sk = &s->list[i];

		json_w_obj(&w);
		json_w_kstr(&w, "name", sk->name);
		json_w_kstr(&w, "from", sk->project ? "project" : "user");
		json_w_kstr(&w, "dir", sk->dir);
		json_w_kstr(&w, "description", sk->description);
		json_w_kstr(&w, "error", sk->error);
		json_w_obj_end(&w);
	}
	json_w_arr_end(&w);
	buf_addc(&b, '\n');
	int r = out_json(&b, e);

	buf_clear(&b);
	return r;
}

static int
skills_table(const struct skills *s, struct err *e)
{
	static const struct column cols[] = {
		{ "NAME", 0, 0 }, { "FROM", 0, 0 }, { "DESCRIPTION", 0, 1 },
	};
	struct columns *c = columns_new(cols, NELEM(cols));

	if (s->count == 0)
		out_note("no skills; chatd.conf(5) tells how to write one");
	for (size_t i = 0; i < s->count; i++) {
		const struct skill *sk = &s->list[i];

		columns_add(c, sk->name);
		columns_add(c, sk->project ? "project" : "user");
		columns_add(c, sk->error != NULL ? sk->error :
		    sk->description);
	}
	int r = columns_print(c, e);

	columns_free(c);
	return r;
}

static int
skills_run(struct opts *o, struct err *e)
{
	char *dir = path_cwd(e);

	if (dir == NULL)
		return -1;
	struct skills *s = skills_load(dir);
	int r = o->json ? skills_json(s, e) : skills_table(s, e);

	skills_free(s);
	free(dir);
	return r;
}

const struct command cmd_skills = {
	.name = "skills",
	.args = "",
	.help = "list the skills that a model can load here",
	.opts = opts_json,
	.flags = CMD_LOCAL,
	.run = skills_run,
};
