/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_send.c - chatd send: put a message into a session and leave */

#include <event2/event.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/background.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"
#include "cli/prompt_in.h"
#include "client/client.h"
#include "client/send.h"
#include "wire/input.h"

struct sending {
	struct event_base *base;
	struct err err;
};

static void
sent(int64_t seq, const struct err *e, void *arg)
{
	struct sending *s = arg;

	(void)seq;
	if (e != NULL)
		s->err = *e;
	event_base_loopbreak(s->base);
}

static int
send_text(struct halves *h, const struct item *it, const char *message,
    struct err *e)
{
	struct sending s = { .base = h->base, .err = ERR_INIT };
	struct input_message m = { .chat_id = item_key(it),
	    .trigger = TRIGGER_SUBMIT, .message = message };

	(void)send_message(h->client, item_key(it), &m, sent, &s);
	event_base_dispatch(h->base);
	if (!err_is_set(&s.err))
		return 0;
	return err_set(e, s.err.code, "%s", s.err.text);
}

/* The turn must not end with this process: somebody else runs it. */
static int
send_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	struct prompt p = { .text = BUF_INIT };
	struct strlist none = { 0 };
	struct buf message = BUF_INIT;
	char *text = on_session_words(o);

	buf_adds(&p.text, text);
	p.typed = p.text.len;
	int r = prompt_message(&message, &p, &none, e);
	if (r == 0 && it->state != ITEM_CLOSED)
		r = background_own(h, it, e);
	if (r == 0)
		r = send_text(h, it, message.data, e);
	buf_clear(&message);
	buf_clear(&p.text);
	free(text);
	return r;
}

static int
send_run(struct opts *o, struct err *e)
{
	return on_session(o, send_one, e);
}

const struct command cmd_send = {
	.name = "send",
	.args = "ID TEXT",
	.help = "put a message into a session and leave",
	.words_min = 2,
	.words_max = WORDS_ANY,
	.run = send_run,
};
