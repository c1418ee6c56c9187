/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_hooks.c - chatd hooks: commands that run at fixed points of a turn */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "agent/hooks.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/path.h"
#include "cli/cmd.h"
#include "cli/columns.h"
#include "cli/out.h"

static const char *
state_of(const struct hook *h)
{
	static const char *const consent[] = {
		[TRUST_UNKNOWN] = "needs consent", [TRUST_YES] = "on",
		[TRUST_NO] = "refused",
	};

	return h->project ? consent[h->trust] : "on";
}

static int
list_json(const struct hooks *hs, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_arr(&w);
	for (size_t i = 0; i < hs->count; i++) {
		const struct hook *h = &hs->v[i];

		json_w_obj(&w);
		json_w_kstr(&w, "event", hook_event_name(h->event));
		if (h->matcher != NULL)
			json_w_kstr(&w, "matcher", h->matcher);
		json_w_kstr(&w, "command", h->command);
		json_w_kint(&w, "timeoutMs", h->timeout_ms);
		json_w_kstr(&w, "state", state_of(h));
		json_w_kbool(&w, "project", h->project);
		json_w_obj_end(&w);
	}
	json_w_arr_end(&w);
	buf_addc(&b, '\n');
	return out_json(&b, e);
}

static int
list_table(const struct hooks *hs, struct err *e)
{
	static const struct column cols[] = {
		{ "EVENT", 0, 0 }, { "MATCHER", 0, 0 }, { "STATE", 0, 0 },
		{ "COMMAND", 0, 1 },
	};
	struct columns *c = columns_new(cols, NELEM(cols));
	int r;

	for (size_t i = 0; i < hs->count; i++) {
		const struct hook *h = &hs->v[i];

		columns_add(c, hook_event_name(h->event));
		columns_add(c, h->matcher != NULL ? h->matcher : "*");
		columns_add(c, state_of(h));
		columns_add(c, h->command);
	}
	r = columns_print(c, e);
	columns_free(c);
	return r;
}

/* All that a project wants run, each shown as it is agreed to. */
static int
set_consent(const struct hooks *hs, const char *dir, bool yes, struct err *e)
{
	struct buf name = BUF_INIT;
	struct trust_key key;
	int r = 0, n = 0;

	for (size_t i = 0; i < hs->count && r == 0; i++) {
		if (!hs->v[i].project)
			continue;
		hook_key(&hs->v[i], dir, &name, &key);
		r = trust_set(&key, yes, e);
		if (r == 0)
			out_note("%s: %s", yes ? "may be run" :
			    "will not be run", name.data);
		n++;
	}
	buf_clear(&name);
	if (r == 0 && n == 0)
		return err_set(e, ERR_NOT_FOUND, "the project in %s has no "
		    "hooks", dir);
	return r;
}

static int
hooks_do(const struct opts *o, const struct hooks *hs, const char *dir,
    struct err *e)
{
	const char *word = o->words.count > 0 ? o->words.items[0] : "list";

	if (strcmp(word, "allow") == 0 || strcmp(word, "deny") == 0)
		return set_consent(hs, dir, *word == 'a', e);
	if (strcmp(word, "list") != 0) {
		err_set(e, ERR_USAGE, "hooks: there is no '%s'", word);
		return err_hint(e, "chatd hooks list|allow|deny");
	}
	if (o->json)
		return list_json(hs, e);
	if (hs->count > 0)
		return list_table(hs, e);
	out_note("no hooks; chatd.conf(5) tells how to write one");
	return 0;
}

static int
hooks_run(struct opts *o, struct err *e)
{
	char *dir = path_cwd(e);
	struct hooks hs = HOOKS_INIT;
	int r = -1;

	if (dir != NULL && hooks_load(&hs, dir, e) == 0)
		r = hooks_do(o, &hs, dir, e);
	hooks_clear(&hs);
	free(dir);
	return r;
}

const struct command cmd_hooks = {
	.name = "hooks",
	.args = "[list|allow|deny]",
	.help = "list hooks; agree to those of a project",
	.opts = opts_json,
	.flags = CMD_LOCAL,
	.words_max = 1,
	.run = hooks_run,
};
