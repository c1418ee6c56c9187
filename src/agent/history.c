/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history.c - the transcript, and what of it a model is told */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agent/history.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "store/store.h"
#include "wire/convert.h"

/* Anthropic's own word, and nobody else's: other refusals are answers. */
static bool
is_refusal(const struct json *message)
{
	return json_streq(json_get(json_get(message, "metadata"),
	    "rawFinishReason"), "refusal");
}

static int
history_add(const char *id, const char *json, void *arg)
{
	struct history *h = arg;
	struct json_doc *doc = json_parse(json, strlen(json), 0, NULL);
	const char *role = json_get_str(json_root(doc), "role");
	enum message_role r = ROLE_ASSISTANT;

	if (role != NULL && strcmp(role, "user") == 0)
		r = ROLE_USER;
	else if (role != NULL && strcmp(role, "system") == 0)
		r = ROLE_SYSTEM;
	bool refused = r == ROLE_ASSISTANT && is_refusal(json_root(doc));

	json_doc_free(doc);
	h->entries = xreallocarray(h->entries, h->count + 1,
	    sizeof(*h->entries));
	h->entries[h->count++] = (struct history_entry){
		.id = xstrdup(id), .json = xstrdup(json), .role = r,
		.refused = refused,
	};
	return 0;
}

int
history_load(struct history *h, struct store *st, int64_t row, struct err *e)
{
	bool more;

	memset(h, 0, sizeof(*h));
	if (store_messages(st, row, 0, NULL, history_add, h, &more, e) == -1) {
		history_clear(h);
		return -1;
	}
	return 0;
}

void
history_clear(struct history *h)
{
	for (size_t i = 0; i < h->count; i++) {
		free(h->entries[i].id);
		free(h->entries[i].json);
	}
	free(h->entries);
	memset(h, 0, sizeof(*h));
}

const struct history_entry *
history_find(const struct history *h, const char *id)
{
	for (size_t i = h->count; i-- > 0;)
		if (strcmp(h->entries[i].id, id) == 0)
			return &h->entries[i];
	return NULL;
}

const struct history_entry *
history_last(const struct history *h, enum message_role role)
{
	for (size_t i = h->count; i-- > 0;)
		if (h->entries[i].role == role)
			return &h->entries[i];
	return NULL;
}

static bool
part_is(const struct json *part, const char *type)
{
	return json_streq(json_get(part, "type"), type);
}

static bool
part_is_tool(const struct json *part)
{
	const char *type = json_get_str(part, "type");

	return type != NULL && (strncmp(type, "tool-", 5) == 0 ||
	    strcmp(type, "dynamic-tool") == 0);
}

/* Does the step that begins at part hold the mark of a break? */
static bool
step_interrupted(const struct json *part)
{
	for (; part != NULL; part = json_next(part)) {
		if (part_is(part, "step-start"))
			return false;
		if (part_is(part, "data-" HISTORY_INTERRUPTED))
			return true;
	}
	return false;
}

/* Reasoning means something to the provider that made it, and may be refused
 * by others (providers 1.4). */
static bool
made_elsewhere(const struct json *message, const char *model)
{
	const char *by = json_get_str(json_get(message, "metadata"), "model");
	size_t len = model != NULL ? strcspn(model, ":") : 0;

	return by != NULL && model != NULL &&
	    (strncmp(by, model, len) != 0 || by[len] != ':');
}

struct telling {
	struct json_w w;
	const char *model;
	bool foreign;		/* the message was made elsewhere */
};

static bool
part_left_out(const struct json *part, const struct telling *tl,
    bool broken_step)
{
	if (tl->foreign && part_is(part, "reasoning"))
		return true;
	if (json_bool(json_path(part, "providerMetadata", "chatd",
	    "interrupted", NULL), false))
		return true;
	return broken_step &&
	    (part_is(part, "text") || part_is(part, "reasoning"));
}

/* An approved call which nothing ran in the end: told as an error, since a
 * provider refuses a call without a result. */
static void
part_write_repaired(const struct json *part, struct json_w *w)
{
	const struct json *m;

	if (!part_is_tool(part) ||
	    !json_streq(json_get(part, "state"), "approval-responded") ||
	    !json_bool(json_path(part, "approval", "approved", NULL), false) ||
	    json_bool(json_get(part, "providerExecuted"), false)) {
		json_w_value(w, part);
		return;
	}
	json_w_obj(w);
	JSON_EACH(m, part) {
		json_w_keyn(w, json_name(m), json_name_len(m));
		if (strcmp(json_name(m), "state") == 0)
			json_w_str(w, "output-error");
		else
			json_w_value(w, m);
	}
	json_w_kstr(w, "errorText", "interrupted");
	json_w_obj_end(w);
}

static void
parts_write(const struct json *parts, struct telling *tl)
{
	const struct json *part;
	bool broken = step_interrupted(json_first(parts));

	json_w_arr(&tl->w);
	JSON_EACH(part, parts) {
		if (part_is(part, "step-start"))
			broken = step_interrupted(json_next(part));
		if (!part_left_out(part, tl, broken))
			part_write_repaired(part, &tl->w);
	}
	json_w_arr_end(&tl->w);
}

static int
message_write_told(const char *json, size_t len, struct telling *tl,
    struct err *e)
{
	const struct json *m;
	struct json_w *w = &tl->w;
	struct json_doc *doc = json_parse(json, len, 0, e);

	if (doc == NULL)
		return -1;
	tl->foreign = made_elsewhere(json_root(doc), tl->model);
	json_w_obj(w);
	JSON_EACH(m, json_root(doc)) {
		json_w_keyn(w, json_name(m), json_name_len(m));
		if (strcmp(json_name(m), "parts") == 0)
			parts_write(m, tl);
		else
			json_w_value(w, m);
	}
	json_w_obj_end(w);
	json_doc_free(doc);
	return 0;
}

static int
current_write(const struct message *current, struct telling *tl,
    struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w cw;

	json_w_init(&cw, &b);
	message_write(current, &cw);
	int rc = message_write_told(b.data, b.len, tl, e);
	buf_clear(&b);
	return rc;
}

static void
extra_write(const char *text, struct json_w *w)
{
	struct message *m = message_user_text("extra", text, strlen(text));

	message_write(m, w);
	message_free(m);
}

/* Both halves of a refused turn: what was asked, and the answer. */
static bool
entry_left_out(const struct history *h, size_t i, const struct message *current)
{
	if (h->entries[i].role == ROLE_SYSTEM)
		return false;
	while (i < h->count && h->entries[i].role != ROLE_ASSISTANT)
		i++;
	return i < h->count && h->entries[i].refused && (current == NULL ||
	    strcmp(h->entries[i].id, current->id) != 0);
}

/* The UI messages, as they are to be converted. */
static int
history_write(const struct history *h, const struct history_ask *ask,
    struct buf *out, struct err *e)
{
	const struct message *current = ask->current;
	struct telling tl = { .model = ask->model };
	bool placed = current == NULL;

	json_w_init(&tl.w, out);
	json_w_arr(&tl.w);
	for (size_t i = 0; i < h->count; i++) {
		const struct history_entry *en = &h->entries[i];

		if (entry_left_out(h, i, current))
			continue;
		bool same = current != NULL && strcmp(en->id, current->id) == 0;
		int rc = same ? current_write(current, &tl, e) :
		    message_write_told(en->json, strlen(en->json), &tl, e);

		if (rc == -1)
			return -1;
		placed = placed || same;
	}
	if (!placed && current_write(current, &tl, e) == -1)
		return -1;
	if (ask->extra != NULL)
		extra_write(ask->extra, &tl.w);
	json_w_arr_end(&tl.w);
	return 0;
}

int
history_prompt(const struct history *h, const struct history_ask *ask,
    struct buf *out, struct err *e)
{
	static const struct convert_opts opts = {
		.ignore_incomplete_tool_calls = true,
	};
	struct buf ui = BUF_INIT;
	struct json_doc *doc = NULL;
	int rc = -1;

	if (history_write(h, ask, &ui, e) == -1)
		goto done;
	doc = json_parse(ui.data, ui.len, 0, e);
	if (doc == NULL)
		goto done;
	rc = convert_messages(json_root(doc), &opts, out, e);
done:
	json_doc_free(doc);
	buf_clear(&ui);
	return rc;
}
