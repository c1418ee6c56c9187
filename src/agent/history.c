/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history.c - the transcript of a session */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agent/history.h"
#include "base/json.h"
#include "base/mem.h"
#include "store/store.h"

/* Anthropic's own word, and nobody else's: other refusals are answers. */
static bool
is_refusal(const struct json *message)
{
	const char *raw = json_get_str(json_get(message, "metadata"),
	    "rawFinishReason");

	/* with its category, or without ("refusal: bio") */
	return raw != NULL && strncmp(raw, "refusal", 7) == 0 &&
	    (raw[7] == '\0' || raw[7] == ':');
}

static bool
has_part(const struct json *message, const char *type)
{
	const struct json *part;

	JSON_EACH(part, json_get(message, "parts"))
		if (json_streq(json_get(part, "type"), type))
			return true;
	return false;
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
	bool steered = r == ROLE_ASSISTANT && has_part(json_root(doc),
	    "data-" HISTORY_PENDING);
	bool compacted = r == ROLE_ASSISTANT && has_part(json_root(doc),
	    "data-" HISTORY_COMPACTION);

	json_doc_free(doc);
	h->entries = xreallocarray(h->entries, h->count + 1,
	    sizeof(*h->entries));
	h->entries[h->count++] = (struct history_entry){
		.id = xstrdup(id), .json = xstrdup(json), .role = r,
		.refused = refused, .compacted = compacted,
		.steered = steered,
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
history_of_list(struct history *h, const struct json *list)
{
	const struct json *v;

	memset(h, 0, sizeof(*h));
	JSON_EACH(v, list) {
		const char *id = json_get_str(v, "id");
		char *text = json_text(v);

		(void)history_add(id != NULL ? id : "", text, h);
		free(text);
	}
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

/* Among those that came during a turn? */
static bool
entry_holds(const struct history_entry *en, const char *id)
{
	struct json_doc *doc = json_parse(en->json, strlen(en->json), 0,
	    NULL);
	const struct json *part, *v;
	bool holds = false;

	JSON_EACH(part, json_get(json_root(doc), "parts")) {
		if (!json_streq(json_get(part, "type"),
		    "data-" HISTORY_PENDING))
			continue;
		JSON_EACH(v, json_path(part, "data", "messageIds", NULL))
			holds = holds || json_streq(v, id);
	}
	json_doc_free(doc);
	return holds;
}

bool
history_knows(const struct history *h, const char *id)
{
	for (size_t i = h->count; i-- > 0;)
		if (strcmp(h->entries[i].id, id) == 0 ||
		    (h->entries[i].steered && entry_holds(&h->entries[i], id)))
			return true;
	return false;
}

const struct history_entry *
history_last(const struct history *h, enum message_role role)
{
	for (size_t i = h->count; i-- > 0;)
		if (h->entries[i].role == role)
			return &h->entries[i];
	return NULL;
}
