/* SPDX-License-Identifier: GPL-3.0-or-later */
/* input.c - what people write into `in` */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "wire/input.h"

static const struct {
	const char *name;
	enum input_trigger trigger;
} triggers[] = {
	{ "submit-message", TRIGGER_SUBMIT },
	{ "regenerate-message", TRIGGER_REGENERATE },
	{ "action", TRIGGER_ACTION },
	{ "preload", TRIGGER_PRELOAD },
	{ "close", TRIGGER_CLOSE },
	{ "handover-prepare", TRIGGER_HANDOVER },
};

static enum input_trigger
trigger_of(const struct json *v)
{
	size_t i;

	for (i = 0; i < NELEM(triggers); i++)
		if (json_streq(v, triggers[i].name))
			return triggers[i].trigger;
	return TRIGGER_OTHER;
}

const char *
input_trigger_name(enum input_trigger trigger)
{
	size_t i;

	for (i = 0; i < NELEM(triggers); i++)
		if (triggers[i].trigger == trigger)
			return triggers[i].name;
	return NULL;
}

static const struct json *
set_or_null(const struct json *v)
{
	return json_is_set(v) ? v : NULL;
}

static const struct json *
object_or_null(const struct json *v)
{
	return json_is(v, JSON_OBJECT) ? v : NULL;
}

/* Older clients send all messages; the last is the new one (17). */
static const struct json *
message_of(const struct json *payload)
{
	const struct json *message = json_get(payload, "message"), *v;

	if (!json_is_set(message)) {
		JSON_EACH(v, json_get(payload, "messages"))
			message = v;
	}
	return object_or_null(message);
}

void
input_read_payload(struct input *in, const struct json *payload)
{
	*in = (struct input){ .kind = INPUT_OTHER };
	if (!json_is(payload, JSON_OBJECT))
		return;
	in->kind = INPUT_MESSAGE;
	in->trigger = trigger_of(json_get(payload, "trigger"));
	in->payload = payload;
	in->message = message_of(payload);
	in->message_id = json_get_str(payload, "messageId");
	in->metadata = set_or_null(json_get(payload, "metadata"));
	in->action = json_get(payload, "action");
	in->chatd = object_or_null(json_get(payload, "chatd"));
}

void
input_read(struct input *in, const char *text, size_t len)
{
	struct json_doc *doc = json_parse(text, len, JSON_REPLACE_UTF8, NULL);
	const struct json *kind = json_get(json_root(doc), "kind");

	*in = (struct input){ .kind = INPUT_OTHER };
	if (json_streq(kind, "message"))
		input_read_payload(in, json_get(json_root(doc), "payload"));
	else if (json_streq(kind, "stop"))
		in->kind = INPUT_STOP;
	in->doc = doc;
}

void
input_clear(struct input *in)
{
	json_doc_free(in->doc);
	*in = (struct input){ .kind = INPUT_OTHER };
}

/* A member that is left out when there is nothing to say. */
static void
opt_str(struct json_w *w, const char *name, const char *s)
{
	if (s != NULL)
		json_w_kstr(w, name, s);
}

static void
opt_raw(struct json_w *w, const char *name, const char *json)
{
	if (json != NULL)
		json_w_kraw(w, name, json);
}

static void
write_payload(struct json_w *w, const struct input_message *m)
{
	json_w_obj(w);
	opt_str(w, "chatId", m->chat_id);
	opt_str(w, "trigger", input_trigger_name(m->trigger));
	opt_raw(w, "message", m->message);
	opt_str(w, "messageId", m->message_id);
	opt_raw(w, "metadata", m->metadata);
	opt_raw(w, "action", m->action);
	opt_raw(w, "chatd", m->chatd);
	json_w_obj_end(w);
}

void
input_write_message(struct buf *b, const struct input_message *m)
{
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_kstr(&w, "kind", "message");
	json_w_key(&w, "payload");
	write_payload(&w, m);
	json_w_obj_end(&w);
}

void
input_write_stop(struct buf *b, const char *reason)
{
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_kstr(&w, "kind", "stop");
	opt_str(&w, "message", reason);
	json_w_obj_end(&w);
}

/* The members of payload.chatd that are strings. */
static const struct {
	const char *name;
	size_t offset;
} turn_strings[] = {
	{ "model", offsetof(struct turn_opts, model) },
	{ "agent", offsetof(struct turn_opts, agent) },
	{ "system", offsetof(struct turn_opts, system) },
	{ "appendSystem", offsetof(struct turn_opts, append_system) },
	{ "reasoning", offsetof(struct turn_opts, reasoning) },
	{ "dir", offsetof(struct turn_opts, dir) },
	{ "permissionMode", offsetof(struct turn_opts, permission_mode) },
	{ "allowedTools", offsetof(struct turn_opts, allowed) },
	{ "sandbox", offsetof(struct turn_opts, sandbox) },
	{ "steering", offsetof(struct turn_opts, steering) },
};

static char **
turn_string(const struct turn_opts *o, size_t i)
{
	return (char **)((char *)(uintptr_t)o + turn_strings[i].offset);
}

void
turn_opts_clear(struct turn_opts *o)
{
	size_t i;

	for (i = 0; i < NELEM(turn_strings); i++)
		free(*turn_string(o, i));
	free(o->json_schema);
	free(o->disallowed);
	memset(o, 0, sizeof *o);
}

/* What one layer forbids no other takes back. */
static void
turn_disallow(struct turn_opts *o, const char *rules)
{
	char *both;

	if (rules == NULL || *rules == '\0')
		return;
	both = o->disallowed == NULL ? xstrdup(rules) :
	    xasprintf("%s,%s", o->disallowed, rules);
	free(o->disallowed);
	o->disallowed = both;
}

static void
read_int(int *to, const struct json *v)
{
	int64_t n;

	if (json_int64(v, &n) == 0 && n > 0)
		*to = n > INT32_MAX ? INT32_MAX : (int)n;
}

void
turn_limits_read(struct turn_opts *o, const struct json *v)
{
	double cost;
	int64_t n;

	read_int(&o->max_steps, json_get(v, "maxSteps"));
	read_int(&o->max_seconds, json_get(v, "maxSeconds"));
	if (json_int64(json_get(v, "maxTokens"), &n) == 0 && n > 0)
		o->max_tokens = n;
	if (json_int64(json_get(v, "compactAt"), &n) == 0 && n > 0)
		o->compact_at = n;
	if (json_double(json_get(v, "maxCost"), &cost) == 0 && cost > 0)
		o->max_cost = cost;
}

void
turn_opts_read(struct turn_opts *o, const struct json *chatd)
{
	const struct json *schema = json_get(chatd, "jsonSchema");
	const char *s;
	size_t i;

	for (i = 0; i < NELEM(turn_strings); i++) {
		s = json_get_str(chatd, turn_strings[i].name);
		if (s != NULL)
			str_replace(turn_string(o, i), s);
	}
	if (json_is_set(schema)) {
		free(o->json_schema);
		o->json_schema = json_text(schema);
	}
	turn_disallow(o, json_get_str(chatd, "disallowedTools"));
	if (json_bool(json_get(chatd, "network"), false))
		o->network = true;
	turn_limits_read(o, chatd);
}

void
turn_opts_merge(struct turn_opts *o, const struct turn_opts *from)
{
	size_t i;

	for (i = 0; i < NELEM(turn_strings); i++)
		if (*turn_string(from, i) != NULL)
			str_replace(turn_string(o, i), *turn_string(from, i));
	if (from->json_schema != NULL)
		str_replace(&o->json_schema, from->json_schema);
	turn_disallow(o, from->disallowed);
	if (from->network)
		o->network = true;
	if (from->max_steps > 0)
		o->max_steps = from->max_steps;
	if (from->max_seconds > 0)
		o->max_seconds = from->max_seconds;
	if (from->max_tokens > 0)
		o->max_tokens = from->max_tokens;
	if (from->compact_at > 0)
		o->compact_at = from->compact_at;
	if (from->max_cost > 0)
		o->max_cost = from->max_cost;
}

void
turn_opts_write(const struct turn_opts *o, struct buf *b)
{
	struct json_w w;
	size_t i;

	json_w_init(&w, b);
	json_w_obj(&w);
	for (i = 0; i < NELEM(turn_strings); i++)
		opt_str(&w, turn_strings[i].name, *turn_string(o, i));
	opt_str(&w, "disallowedTools", o->disallowed);
	if (o->network)
		json_w_kbool(&w, "network", true);
	opt_raw(&w, "jsonSchema", o->json_schema);
	if (o->max_steps > 0)
		json_w_kint(&w, "maxSteps", o->max_steps);
	if (o->max_seconds > 0)
		json_w_kint(&w, "maxSeconds", o->max_seconds);
	if (o->max_tokens > 0)
		json_w_kint(&w, "maxTokens", o->max_tokens);
	if (o->compact_at > 0)
		json_w_kint(&w, "compactAt", o->compact_at);
	if (o->max_cost > 0) {
		json_w_key(&w, "maxCost");
		json_w_double(&w, o->max_cost);
	}
	json_w_obj_end(&w);
}
