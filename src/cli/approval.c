/* SPDX-License-Identifier: GPL-3.0-or-later */
/* approval.c - calls that wait for a person, and what the person says */

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/approval.h"

const struct json *
approval_next(const struct json *message, const struct json *part)
{
	const struct json *p = part != NULL ? json_next(part) :
	    json_first(json_get(message, "parts"));

	for (; p != NULL; p = json_next(p))
		if (json_streq(json_get(p, "state"), "approval-requested"))
			return p;
	return NULL;
}

const struct json *
approval_message(const struct json *transcript)
{
	const struct json *m, *last = NULL;

	JSON_EACH(m, json_get(transcript, "messages"))
		last = m;
	return approval_next(last, NULL) != NULL ? last : NULL;
}

const char *
approval_tool(const struct json *part)
{
	const char *name = json_get_str(part, "toolName");
	const char *type = json_get_str(part, "type");

	if (name != NULL)
		return name;
	return type != NULL && strncmp(type, "tool-", 5) == 0 ? type + 5 : "?";
}

const char *
approval_rule(const struct json *part)
{
	return json_str(json_path(part, "approval", "descriptor", "rule",
	    NULL));
}

static void
write_part(struct json_w *w, const struct approval_answer *a)
{
	const struct json *name = json_get(a->part, "toolName");

	json_w_obj(w);
	json_w_kvalue(w, "type", json_get(a->part, "type"));
	if (name != NULL)
		json_w_kvalue(w, "toolName", name);
	json_w_kvalue(w, "toolCallId", json_get(a->part, "toolCallId"));
	json_w_kstr(w, "state", "approval-responded");
	json_w_key(w, "approval");
	json_w_obj(w);
	json_w_kvalue(w, "id", json_path(a->part, "approval", "id", NULL));
	json_w_kbool(w, "approved", a->approved);
	if (a->reason != NULL)
		json_w_kstr(w, "reason", a->reason);
	json_w_obj_end(w);
	json_w_obj_end(w);
}

void
approval_write(struct buf *b, const struct json *message,
    const struct approval_answer *a, size_t count)
{
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_kvalue(&w, "id", json_get(message, "id"));
	json_w_kstr(&w, "role", "assistant");
	json_w_key(&w, "parts");
	json_w_arr(&w);
	for (size_t i = 0; i < count; i++)
		write_part(&w, &a[i]);
	json_w_arr_end(&w);
	json_w_obj_end(&w);
}

static void
write_edited(struct json_w *w, const struct approval_answer *a, size_t count)
{
	json_w_key(w, "editedInput");
	json_w_obj(w);
	for (size_t i = 0; i < count; i++)
		if (a[i].approved && a[i].input != NULL)
			json_w_kraw(w, json_get_str(a[i].part, "toolCallId"),
			    a[i].input);
	json_w_obj_end(w);
}

static void
write_remember(struct json_w *w, const struct approval_answer *a,
    size_t count)
{
	json_w_key(w, "remember");
	json_w_arr(w);
	for (size_t i = 0; i < count; i++) {
		if (!a[i].approved || a[i].scope == NULL)
			continue;
		json_w_obj(w);
		json_w_kstr(w, "toolCallId", json_get_str(a[i].part,
		    "toolCallId"));
		json_w_kstr(w, "scope", a[i].scope);
		json_w_kstr(w, "rule", approval_rule(a[i].part));
		json_w_obj_end(w);
	}
	json_w_arr_end(w);
}

void
approval_write_chatd(struct buf *b, const struct approval_answer *a,
    size_t count)
{
	struct json_w w;
	bool some = false;

	for (size_t i = 0; i < count; i++)
		some = some || a[i].scope != NULL || a[i].input != NULL;
	if (!some)
		return;
	json_w_init(&w, b);
	json_w_obj(&w);
	write_edited(&w, a, count);
	write_remember(&w, a, count);
	json_w_obj_end(&w);
}
