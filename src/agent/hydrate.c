/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hydrate.c - a history from elsewhere, told in the place of the transcript */

#include <stdlib.h>
#include <string.h>

#include "agent/agent_priv.h"
#include "agent/client_data.h"
#include "agent/history.h"
#include "agent/hydrate.h"
#include "agent/turn_hooks.h"
#include "agent/turn_priv.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "store/store.h"
#include "wire/message.h"

int
hydrate_history(const struct turn *t, struct history *h, struct err *e)
{
	struct json_doc *doc;

	if (t->hydrated == NULL)
		return history_load(h, agent_opts(t->ag)->store, t->ag->row,
		    e);
	memset(h, 0, sizeof(*h));
	doc = json_parse(t->hydrated, strlen(t->hydrated), 0, e);
	if (doc != NULL)
		history_of_list(h, json_root(doc));
	json_doc_free(doc);
	return doc != NULL ? 0 : -1;
}

/* asking */

/* The record that began the turn; of a create it stands in config. */
static int
load_record(struct turn *t, struct input *in, struct json_doc **config,
    struct err *e)
{
	struct item it = { 0 };
	int rc = 0;

	memset(in, 0, sizeof(*in));
	*config = NULL;
	if (t->in_seq >= 0)
		return inbox_read(&t->ag->inbox, t->in_seq, in, e);
	rc = agent_item(t->ag, &it, e);
	if (rc == 0 && it.config != NULL) {
		*config = json_parse(it.config, strlen(it.config), 0, NULL);
		input_read_payload(in, json_get(json_root(*config),
		    "basePayload"));
	}
	item_clear(&it);
	return rc;
}

static void
write_previous(struct json_w *w, const struct history *h, bool asked)
{
	const struct history_entry *last = asked ?
	    history_last(h, ROLE_USER) : NULL;

	json_w_key(w, "previous_messages");
	json_w_arr(w);
	for (size_t i = 0; i < h->count; i++)
		if (&h->entries[i] != last)
			json_w_raw(w, h->entries[i].json,
			    strlen(h->entries[i].json));
	json_w_arr_end(w);
}

static void
write_about(struct turn *t, const struct input *in, const struct history *h,
    struct buf *b)
{
	bool comes = in->trigger == TRIGGER_SUBMIT && in->message != NULL;
	struct json_doc *data = client_data_of(t);
	struct json_w w;

	json_w_init(&w, b);
	turn_hooks_about(t, HOOK_HYDRATE, &w);
	json_w_kstr(&w, "trigger", input_trigger_name(in->trigger));
	json_w_key(&w, "incoming_messages");
	json_w_arr(&w);
	if (comes)
		json_w_value(&w, in->message);
	json_w_arr_end(&w);
	write_previous(&w, h, comes && json_streq(json_get(in->message,
	    "role"), "user"));
	if (data != NULL)
		json_w_kvalue(&w, "client_data", json_root(data));
	json_w_obj_end(&w);
	json_doc_free(data);
}

/* the answer */

static int
take_list(struct turn *t, struct hook_outcome *o, struct err *e)
{
	struct err why = ERR_INIT;
	struct json_doc *doc;
	int rc = 0;

	if (o->decision == HOOK_DENY)
		return err_set(e, ERR_DENIED, "a hook denied the turn%s%.300s",
		    o->reason != NULL ? ": " : "",
		    o->reason != NULL ? o->reason : "");
	if (o->failed)
		return err_set(e, ERR_FAILED, "the hook HydrateMessages "
		    "failed: %.300s", o->failure);
	if (o->messages == NULL)
		return 0;
	doc = json_parse(o->messages, strlen(o->messages), 0, &why);
	if (doc == NULL || message_validate(json_root(doc), &why) == -1)
		rc = err_set(e, ERR_FAILED, "the hook HydrateMessages gave no "
		    "UI messages: %.300s", why.text);
	else
		str_replace(&t->hydrated, o->messages);
	json_doc_free(doc);
	return rc;
}

static void
hydrate_done(struct hook_outcome *o, void *arg)
{
	struct turn *t = arg;
	struct err e = ERR_INIT;

	t->hook = NULL;
	if (take_list(t, o, &e) == -1)
		turn_fail(t, &e);
	else
		turn_next(t);
}

bool
hydrate_begin(struct turn *t)
{
	struct input in;
	struct json_doc *config = NULL;
	struct history h = { 0 };
	struct buf about = BUF_INIT;
	struct err e = ERR_INIT;
	bool runs = false;

	if (t->hydrate_heard || !hooks_any(&t->hooks, HOOK_HYDRATE))
		return false;
	t->hydrate_heard = true;
	if (load_record(t, &in, &config, &e) == 0 && history_load(&h,
	    agent_opts(t->ag)->store, t->ag->row, &e) == 0) {
		write_about(t, &in, &h, &about);
		runs = turn_hook(t, HOOK_HYDRATE, &about, hydrate_done);
	} else {
		turn_fail(t, &e);
		runs = true;
	}
	history_clear(&h);
	input_clear(&in);
	json_doc_free(config);
	return runs;
}
