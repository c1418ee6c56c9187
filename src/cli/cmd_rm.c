/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_rm.c - chatd rm: remove a session */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/path.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"
#include "cli/out.h"
#include "ui/draft.h"
#include "wire/item.h"

/* A person says yes; nobody there to ask is ERR_USAGE. */
static int
ask(const struct item *it, struct err *e)
{
	char line[16];

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		err_set(e, ERR_USAGE, "rm: nobody can be asked");
		return err_hint(e, "-y removes without asking");
	}
	out_note("Remove %s (%s) and its %lld messages? Type yes:",
	    item_key(it), it->title != NULL ? it->title : "no title",
	    (long long)it->messages);
	if (fgets(line, sizeof(line), stdin) != NULL &&
	    (line[0] == 'y' || line[0] == 'Y'))
		return 0;
	return err_set(e, ERR_FAILED, "rm: nothing was removed");
}

/* Words that were typed for it and never sent. */
static void
forget_draft(const struct halves *h, const struct item *it)
{
	char *dir = path_state("drafts");
	char *place = draft_place(h->client, it->id);

	draft_forget(dir, place);
	free(place);
	free(dir);
}

static int
rm_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	if (!o->yes && ask(it, e) != 0)
		return -1;
	char *path = ask_path("/api/chatd/v1/sessions/", it->id, "");
	int r = ask_only_chatd(h->client, "DELETE", path, NULL, NULL, "rm", e);
	free(path);
	if (r == 0)
		forget_draft(h, it);
	return r;
}

static int
rm_run(struct opts *o, struct err *e)
{
	return on_session(o, rm_one, e);
}

static const struct opt options[] = {
	{ "yes", 'y', OPT_FLAG, OPT_EVERY, offsetof(struct opts, yes), NULL,
	    NULL, NULL, "do not ask" },
	{ .name = NULL },
};

const struct command cmd_rm = {
	.name = "rm",
	.args = "ID",
	.help = "remove a session and all it holds",
	.opts = options,
	.words_min = 1,
	.words_max = 1,
	.run = rm_run,
};
