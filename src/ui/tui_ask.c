/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_ask.c - questions about tool calls: asked here, answered anywhere */

#include <stdlib.h>
#include <string.h>
#include <termios.h>

#include "base/clock.h"
#include "base/json.h"
#include "client/presence.h"
#include "client/view.h"
#include "ui/pane.h"
#include "ui/tty.h"
#include "ui/tui_priv.h"
#include "wire/input.h"
#include "wire/message.h"

/* The message that ends the transcript, if it is an answer. */
const struct message *
tui_last_answer(const struct tui *t)
{
	for (size_t i = pane_count(t->pane); i > 0; i--) {
		const struct message *m = pane_message(t->pane,
		    i - 1);
		if (m != NULL)
			return m->role == ROLE_ASSISTANT ? m : NULL;
	}
	return NULL;
}

void
tui_ask(struct tui *t)
{
	const struct message *m = t->running || t->opts.read_only ? NULL :
	    tui_last_answer(t);

	if (!approve_look(&t->approve, m, clock_mono_us()))
		return;
	/* what was typed for something else is no answer */
	(void)tcflush(t->tty->in, TCIFLUSH);
	keys_clear(&t->keys);
	tui_notice_ask(t);
}

void
tui_answer(struct tui *t)
{
	struct buf b = BUF_INIT, chatd = BUF_INIT;

	tui_claim(t);
	approve_write(&t->approve, &b, &chatd);
	struct input_message m = { .chat_id = t->key,
	    .trigger = TRIGGER_SUBMIT, .message = b.data,
	    .chatd = chatd.len > 0 ? chatd.data : NULL };
	tui_post(t, &m, tui_acted);
	buf_clear(&b);
	buf_clear(&chatd);
	/* the next call of the same message, if there is one */
	tui_ask(t);
	tui_notice_seen(t);
}

/* One part of somebody's answer, or of ours: the card tells the reason. */
static void
others_part(struct tui *t, const struct json *part)
{
	const struct json *approval = json_get(part, "approval");
	const char *id = json_get_str(approval, "id");
	const char *why = json_get_str(approval, "reason");
	const char *who = presence_holder(t->presence);
	const struct message *m;
	char *tool;

	if (id == NULL || !json_streq(json_get(part, "state"),
	    "approval-responded"))
		return;
	m = view_approval(t->view, approval);
	if (m != NULL)
		pane_touch(t->pane, m);
	tool = approve_elsewhere(&t->approve, id);
	if (tool == NULL)
		return;
	tui_note(t, false, "%s %s: %s%s%s", who != NULL ? who : "elsewhere",
	    json_bool(json_get(approval, "approved"), false) ?
	    "said yes" : "said no", tool, why != NULL ? ", " : "",
	    why != NULL ? why : "");
	free(tool);
}

void
tui_others_answer(struct tui *t, const struct json *message)
{
	const struct json *part;
	bool typing = t->approve.state == APPROVE_REASON ||
	    t->approve.state == APPROVE_EDIT;

	JSON_EACH(part, json_get(message, "parts"))
		others_part(t, part);
	/* what was being typed for the question is not for the model */
	if (typing && t->approve.state == APPROVE_NONE)
		tui_end_text(t);
	if (t->approve.state == APPROVE_NONE) {
		tui_notice_seen(t);
		tui_ask(t);
	}
}
