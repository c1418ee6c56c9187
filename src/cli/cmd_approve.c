/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_approve.c - chatd approve: answer for a call that waits */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/approval.h"
#include "cli/ask.h"
#include "cli/background.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"
#include "client/client.h"
#include "wire/input.h"

static int
send_answer(struct halves *h, const struct item *it,
    const struct json *message, const struct approval_answer *a,
    struct err *e)
{
	struct buf text = BUF_INIT, chatd = BUF_INIT;

	approval_write(&text, message, a, 1);
	approval_write_chatd(&chatd, a, 1);
	struct input_message m = {
		.chat_id = item_key(it), .trigger = TRIGGER_SUBMIT,
		.message = text.data,
		.message_id = json_get_str(message, "id"),
		.chatd = chatd.len > 0 ? chatd.data : NULL,
	};
	int r = on_session_message(h, it, &m, e);
	buf_clear(&text);
	buf_clear(&chatd);
	return r;
}

/* CALL is an id, or the beginning of just one. */
static const struct json *
named_part(const struct json *message, const char *call, struct err *e)
{
	const struct json *p, *found = NULL;
	size_t len = strlen(call);
	bool several = false;

	for (p = approval_next(message, NULL); p != NULL;
	    p = approval_next(message, p)) {
		const char *id = json_get_str(p, "toolCallId");

		if (id != NULL && strcmp(id, call) == 0)
			return p;
		if (id == NULL || strncmp(id, call, len) != 0)
			continue;
		several = found != NULL;
		found = p;
	}
	if (several)
		err_set(e, ERR_USAGE, "several calls begin with %s", call);
	else if (found == NULL)
		err_set(e, ERR_NOT_FOUND, "no call %s waits", call);
	return several ? NULL : found;
}

static const struct json *
only_part(const struct json *message, const struct item *it, struct err *e)
{
	const struct json *p = approval_next(message, NULL);
	struct buf b = BUF_INIT;

	if (approval_next(message, p) == NULL)
		return p;
	for (; p != NULL; p = approval_next(message, p))
		buf_addf(&b, "%s%s (%s)", b.len > 0 ? ", " : "",
		    json_get_str(p, "toolCallId"), approval_tool(p));
	err_set(e, ERR_USAGE, "several calls of %s wait", item_key(it));
	err_hint(e, "name one: %.400s", b.data);
	buf_clear(&b);
	return NULL;
}

/* The turn that follows must not end with this process. */
static int
approve_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	struct approval_answer a = {
		.approved = o->reason == NULL, .reason = o->reason,
		.scope = o->scope,
	};
	struct json_doc *doc = NULL;
	const struct json *message;
	int r = ask_transcript(h->client, item_key(it), &doc, e);

	message = r == 0 ? approval_message(json_root(doc)) : NULL;
	if (r == 0 && message == NULL)
		r = err_set(e, ERR_NOT_FOUND, "nothing waits for an answer in "
		    "%s", item_key(it));
	if (r == 0) {
		a.part = o->words.count > 1 ? named_part(message,
		    o->words.items[1], e) : only_part(message, it, e);
		r = a.part != NULL ? 0 : -1;
	}
	if (r == 0 && it->state != ITEM_CLOSED)
		r = background_own(h, it, e);
	if (r == 0)
		r = send_answer(h, it, message, &a, e);
	json_doc_free(doc);
	return r;
}

static int
approve_run(struct opts *o, struct err *e)
{
	if (o->scope != NULL && o->reason != NULL)
		return err_set(e, ERR_USAGE, "--for and --deny: only one");
	if (o->scope != NULL && o->remote != NULL)
		return err_set(e, ERR_UNREACHABLE, "--for: another server "
		    "takes no rules from here");
	return on_session(o, approve_one, e);
}

static const struct opt options[] = {
	{ "deny", 0, OPT_STR, OPT_EVERY, offsetof(struct opts, reason),
	    "REASON", NULL, NULL, "say no, and tell the model why" },
	{ "for", 0, OPT_STR, OPT_EVERY, offsetof(struct opts, scope), "SCOPE",
	    "session|always", NULL, "let such calls run unasked from now on" },
	{ .name = NULL },
};

const struct command cmd_approve = {
	.name = "approve",
	.args = "ID [CALL]",
	.help = "let a tool call run that waits for an answer, or deny it",
	.opts = options,
	.words_min = 1,
	.words_max = 2,
	.run = approve_run,
};
