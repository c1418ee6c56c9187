/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_resume.c - chatd resume: go on with a session */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/out.h"
#include "cli/tui.h"
#include "wire/item.h"

enum { PICK_MAX = 20 };

/* The first word becomes the session, the rest stays the prompt. */
static void
take_id(struct opts *o)
{
	str_replace(&o->resume, o->words.items[0]);
	free(o->words.items[0]);
	o->words.count--;
	memmove(o->words.items, o->words.items + 1,
	    o->words.count * sizeof(*o->words.items));
}

/* 1: nobody is wanted. */
static int
ask_number(int count, int *n, struct err *e)
{
	char line[32], *end;

	out_note("Which one? A number, or nothing to leave:");
	if (fgets(line, sizeof(line), stdin) == NULL || line[0] == '\n')
		return 1;
	line[strcspn(line, "\n")] = '\0';
	long i = strtol(line, &end, 10);
	if (*end != '\0' || i < 1 || i > count)
		return err_set(e, ERR_USAGE, "resume: there is no number %s",
		    line);
	*n = (int)i - 1;
	return 0;
}

static int
pick_of(struct opts *o, const struct json *list, struct err *e)
{
	const struct json *v;
	int i = 0, n = 0;

	JSON_EACH(v, list) {
		struct item it = { 0 };
		if (item_read(&it, v, NULL) == 0)
			out_note("%3d  %s  %s", ++i, item_key(&it),
			    it.title != NULL ? it.title : "");
		item_clear(&it);
	}
	if (i == 0)
		return err_set(e, ERR_NOT_FOUND, "there is no session yet");
	int r = ask_number(i, &n, e);
	if (r == 0)
		str_replace(&o->resume, json_get_str(json_at(list, (size_t)n),
		    "id"));
	return r;
}

static int
pick(struct opts *o, struct err *e)
{
	struct halves h;
	struct json_doc *doc = NULL;
	int r = -1;

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		err_set(e, ERR_USAGE, "resume: which session?");
		return err_hint(e, "chatd resume ID; chatd ls lists them");
	}
	if (halves_open(&h, HALVES_SERVER, o, e) != 0)
		return -1;
	if (ask_list(h.client, &(struct ask_list){ .limit = PICK_MAX }, &doc,
	    e) == 0)
		r = pick_of(o, json_get(json_root(doc), "data"), e);
	json_doc_free(doc);
	halves_close(&h);
	return r;
}

static int
resume_run(struct opts *o, struct err *e)
{
	int r = 0;

	if (o->words.count > 0)
		take_id(o);
	else if (tui_possible(o))
		o->pick = true;
	else
		r = pick(o, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	return cmd_chat.run(o, e);
}

const struct command cmd_resume = {
	.name = "resume",
	.args = "[ID] [PROMPT...]",
	.help = "go on with a session",
	.flags = CMD_CHAT,
	.words_max = WORDS_ANY,
	.run = resume_run,
};
