/* SPDX-License-Identifier: GPL-3.0-or-later */
/* told.c - what a model is told in a turn, kept from step to step */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "agent/history.h"
#include "agent/told.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "wire/convert.h"
#include "wire/message.h"

struct told {
	struct json_doc *doc;		/* grows (json_join) */
	const struct part *done;	/* of the message being written */
	bool extra;			/* the newest is no part of it */
	char *model;
	size_t bytes;
	int64_t counted;		/* tokens before this turn, 0: unknown */
};

/* A guess that is rather too low: JSON is more than what is counted. */
enum { TOKEN_BYTES = 5 };

static const char background[] = "[Context that was added in the background, "
    "not by the user]\n\n";

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
	int64_t counted;	/* tokens up to this message's end, or 0 */
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

/* Words that came in between become a message of the user, at their place:
 * convert.h does that with the parts that AI SDK 7 has for it. */
static void
injected_write(const struct json *part, bool by_user, struct json_w *w)
{
	const struct json *m;

	JSON_EACH(m, json_path(part, "data", "messages", NULL)) {
		const char *text = json_get_str(m, "text");
		struct buf b = BUF_INIT;

		json_w_obj(w);
		json_w_kstr(w, "type", "steering-message");
		json_w_kstr(w, "id", json_get_str(m, "id"));
		json_w_key(w, "parts");
		if (json_is(json_get(m, "parts"), JSON_ARRAY)) {
			json_w_value(w, json_get(m, "parts"));
		} else {
			buf_addf(&b, "%s%s", by_user ? "" : background,
			    text != NULL ? text : "");
			json_w_arr(w);
			json_w_obj(w);
			json_w_kstr(w, "type", "text");
			json_w_kstrn(w, "text", b.data, b.len);
			json_w_obj_end(w);
			json_w_arr_end(w);
		}
		json_w_obj_end(w);
		buf_clear(&b);
	}
}

static void
parts_write(const struct json *first, struct telling *tl)
{
	const struct json *part;
	bool broken = step_interrupted(first);

	json_w_arr(&tl->w);
	for (part = first; part != NULL; part = json_next(part)) {
		if (part_is(part, "step-start"))
			broken = step_interrupted(json_next(part));
		if (part_is(part, "data-" HISTORY_PENDING))
			injected_write(part, true, &tl->w);
		else if (part_is(part, "data-" HISTORY_BACKGROUND))
			injected_write(part, false, &tl->w);
		else if (!part_left_out(part, tl, broken))
			part_write_repaired(part, &tl->w);
	}
	json_w_arr_end(&tl->w);
}

/* Behind the last summary; the first part if there is none. */
static const struct json *
parts_first(const struct json *parts)
{
	const struct json *part, *first = json_first(parts);

	JSON_EACH(part, parts)
		if (part_is(part, "data-" HISTORY_COMPACTION))
			first = json_next(part);
	return first;
}

static int
message_write_told(const char *json, size_t len, bool cut,
    struct telling *tl, struct err *e)
{
	const struct json *m;
	struct json_w *w = &tl->w;
	struct json_doc *doc = json_parse(json, len, 0, e);

	if (doc == NULL)
		return -1;
	tl->foreign = made_elsewhere(json_root(doc), tl->model);
	if (json_streq(json_get(json_root(doc), "role"), "assistant") &&
	    json_int64(json_path(json_root(doc), "metadata", "contextTokens",
	    NULL), &tl->counted) == -1)
		tl->counted = 0;
	json_w_obj(w);
	JSON_EACH(m, json_root(doc)) {
		json_w_keyn(w, json_name(m), json_name_len(m));
		if (strcmp(json_name(m), "parts") == 0)
			parts_write(cut ? parts_first(m) : json_first(m), tl);
		else
			json_w_value(w, m);
	}
	json_w_obj_end(w);
	json_doc_free(doc);
	return 0;
}

static void
user_write(const char *text, struct json_w *w)
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

/* summaries */

struct summary {
	struct json_doc *doc;	/* what the part says; NULL: there is none */
	const struct part *part;	/* in the message being written */
	size_t entry;		/* the one that holds it; count: the former */
	size_t from;		/* the first that is told */
};

static void
summary_in_entry(struct summary *s, const struct history *h, size_t i)
{
	struct json_doc *doc = json_parse(h->entries[i].json,
	    strlen(h->entries[i].json), 0, NULL);
	const struct json *part;

	JSON_EACH(part, json_get(json_root(doc), "parts"))
		if (part_is(part, "data-" HISTORY_COMPACTION)) {
			char *text = json_text(json_get(part, "data"));

			json_doc_free(s->doc);
			s->doc = json_parse(text, strlen(text), 0, NULL);
			free(text);
		}
	json_doc_free(doc);
}

static void
summary_find(struct summary *s, const struct history *h,
    const struct message *current)
{
	const struct part *p;
	const char *from;

	*s = (struct summary){ .entry = h->count };
	TAILQ_FOREACH(p, &current->parts, entry)
		if (p->type == PART_DATA && strcmp(p->type_name,
		    "data-" HISTORY_COMPACTION) == 0)
			s->part = p;
	if (s->part != NULL)
		s->doc = json_parse(s->part->data, strlen(s->part->data), 0,
		    NULL);
	while (s->doc == NULL && s->entry > 0)
		if (h->entries[--s->entry].compacted &&
		    strcmp(h->entries[s->entry].id, current->id) != 0)
			summary_in_entry(s, h, s->entry);
	if (s->doc == NULL)
		return;
	from = json_get_str(json_root(s->doc), "from");
	for (s->from = s->entry; from != NULL && s->from > 0; s->from--)
		if (strcmp(h->entries[s->from - 1].id, from) == 0) {
			s->from--;
			return;
		}
	s->from = s->entry;
}

static void
summary_write(const struct summary *s, struct json_w *w)
{
	const char *text = json_get_str(json_root(s->doc), "summary");
	char *told;

	if (s->doc == NULL)
		return;
	told = xasprintf("The conversation has become too long and was "
	    "summarised. What follows this message is its newest part; what "
	    "was already done about that is in the summary too.\n\n"
	    "<summary>\n%s\n</summary>", text != NULL ? text : "");
	user_write(told, w);
	free(told);
}

/* to ModelMessages */

/* Pictures are counted otherwise, and as bytes they are large. */
static size_t
text_len(const struct buf *b)
{
	static const char mark[] = ";base64,";
	const char *s = b->data, *end = b->data + b->len;
	size_t len = b->len;

	while ((s = memmem(s, (size_t)(end - s), mark, strlen(mark))) !=
	    NULL) {
		const char *stop = memchr(s, '"', (size_t)(end - s));

		if (stop == NULL)
			break;
		len -= (size_t)(stop - s);
		s = stop;
	}
	return len;
}

static struct json_doc *
told_convert(struct told *td, const struct buf *ui, struct err *e)
{
	static const struct convert_opts opts = {
		.ignore_incomplete_tool_calls = true,
	};
	struct json_doc *doc = json_parse(ui->data, ui->len, 0, e), *out = NULL;
	struct buf b = BUF_INIT;

	if (doc != NULL &&
	    convert_messages(json_root(doc), &opts, &b, e) == 0)
		out = json_parse(b.data, b.len, 0, e);
	if (out != NULL)
		td->bytes += text_len(&b);
	json_doc_free(doc);
	buf_clear(&b);
	return out;
}

static int
told_before(struct told *td, const struct history *h,
    const struct message *current, struct err *e)
{
	struct telling tl = { .model = td->model };
	struct buf ui = BUF_INIT;
	struct summary s;
	int rc = 0;

	summary_find(&s, h, current);
	td->done = s.part;
	json_w_init(&tl.w, &ui);
	json_w_arr(&tl.w);
	summary_write(&s, &tl.w);
	for (size_t i = s.from; i < h->count && rc == 0; i++) {
		const struct history_entry *en = &h->entries[i];

		if (!entry_left_out(h, i, current) &&
		    strcmp(en->id, current->id) != 0)
			rc = message_write_told(en->json, strlen(en->json),
			    s.doc != NULL && i == s.entry, &tl, e);
	}
	json_w_arr_end(&tl.w);
	json_doc_free(s.doc);
	if (rc == 0)
		td->doc = told_convert(td, &ui, e);
	td->counted = tl.counted;
	buf_clear(&ui);
	return td->doc != NULL ? 0 : -1;
}

struct told *
told_new(const struct history *h, const struct message *current,
    const char *model, struct err *e)
{
	struct told *td = xcalloc(1, sizeof(*td));

	td->model = model != NULL ? xstrdup(model) : NULL;
	if (told_before(td, h, current, e) == -1) {
		told_free(td);
		return NULL;
	}
	return td;
}

void
told_free(struct told *td)
{
	if (td == NULL)
		return;
	json_doc_free(td->doc);
	free(td->model);
	free(td);
}

int64_t
told_counted(const struct told *td)
{
	return td->counted;
}

int64_t
told_guess(const struct told *td)
{
	return (int64_t)(td->bytes / TOKEN_BYTES);
}

/* The parts behind those that are told already. A step is a message of its
 * own in what is told, so it does not matter that it comes alone. */
static int
told_parts(struct told *td, const struct message *current, struct err *e)
{
	const struct part *p = td->done != NULL ?
	    TAILQ_NEXT(td->done, entry) : TAILQ_FIRST(&current->parts);
	struct telling tl = { .model = td->model };
	struct buf ui = BUF_INIT, one = BUF_INIT;
	struct json_doc *more = NULL;
	struct json_w w;

	if (p == NULL)
		return 0;
	json_w_init(&w, &one);
	json_w_obj(&w);
	if (current->metadata != NULL)
		json_w_kraw(&w, "metadata", current->metadata);
	json_w_kstr(&w, "role", "assistant");
	json_w_key(&w, "parts");
	json_w_arr(&w);
	for (; p != NULL; p = TAILQ_NEXT(p, entry)) {
		part_write(p, &w);
		td->done = p;
	}
	json_w_arr_end(&w);
	json_w_obj_end(&w);
	json_w_init(&tl.w, &ui);
	json_w_arr(&tl.w);
	int rc = message_write_told(one.data, one.len, false, &tl, e);
	json_w_arr_end(&tl.w);
	if (rc == 0)
		more = told_convert(td, &ui, e);
	if (more != NULL)
		json_join(td->doc, more);
	buf_clear(&ui);
	buf_clear(&one);
	return more != NULL ? 0 : -1;
}

static int
told_extra(struct told *td, const char *extra, struct err *e)
{
	struct buf ui = BUF_INIT;
	struct json_doc *more;
	size_t bytes = td->bytes;
	struct json_w w;

	if (extra == NULL)
		return 0;
	json_w_init(&w, &ui);
	json_w_arr(&w);
	user_write(extra, &w);
	json_w_arr_end(&w);
	more = told_convert(td, &ui, e);
	td->bytes = bytes;
	if (more != NULL)
		json_join(td->doc, more);
	td->extra = more != NULL;
	buf_clear(&ui);
	return more != NULL ? 0 : -1;
}

const struct json *
told_now(struct told *td, const struct message *current, const char *extra,
    struct err *e)
{
	if (td->extra)
		json_unjoin(td->doc);
	td->extra = false;
	if (told_parts(td, current, e) == -1 ||
	    told_extra(td, extra, e) == -1)
		return NULL;
	return json_root(td->doc);
}
