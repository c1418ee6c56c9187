/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_send.c - chatd send: put a message into a session and leave */

#include <stddef.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/background.h"
#include "cli/cmd.h"
#include "cli/on_session.h"
#include "cli/prompt_in.h"
#include "wire/input.h"

/* The turn must not end with this process: somebody else runs it. */
static int
send_text(struct halves *h, const struct item *it, const char *text,
    struct err *e)
{
	struct prompt p = { .text = BUF_INIT };
	struct strlist none = { 0 };
	struct buf message = BUF_INIT;

	buf_adds(&p.text, text);
	p.typed = p.text.len;
	int r = prompt_message(&message, &p, &none, e);
	if (r == 0 && it->state != ITEM_CLOSED)
		r = background_own(h, it, e);
	if (r == 0)
		r = on_session_message(h, it, &(struct input_message){
		    .chat_id = item_key(it), .trigger = TRIGGER_SUBMIT,
		    .message = message.data }, e);
	buf_clear(&message);
	buf_clear(&p.text);
	return r;
}

/* Nothing runs for it: the append is all, whoever owns the session reads it
 * when there is a turn. */
static int
send_context(struct halves *h, const struct item *it, const char *text,
    struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "type", "inject");
	json_w_kstr(&w, "text", text);
	json_w_obj_end(&w);
	int r = on_session_message(h, it, &(struct input_message){
	    .chat_id = item_key(it), .trigger = TRIGGER_ACTION,
	    .action = b.data }, e);
	buf_clear(&b);
	return r;
}

static int
send_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	char *text = on_session_words(o);
	int r = o->inject ? send_context(h, it, text, e) :
	    send_text(h, it, text, e);

	free(text);
	return r;
}

static int
send_run(struct opts *o, struct err *e)
{
	return on_session(o, send_one, e);
}

static const struct opt options[] = {
	{ "inject", 0, OPT_FLAG, OPT_EVERY, offsetof(struct opts, inject),
	    NULL, NULL, NULL, "context for the model, not a turn" },
	{ .name = NULL },
};

const struct command cmd_send = {
	.name = "send",
	.args = "ID TEXT",
	.help = "put a message into a session and leave",
	.opts = options,
	.words_min = 2,
	.words_max = WORDS_ANY,
	.run = send_run,
};
