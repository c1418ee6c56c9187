/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slash_session.c - slash commands about the session that is open */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/ask.h"
#include "cli/opts.h"
#include "cli/session.h"
#include "cli/slash.h"
#include "cli/slash_priv.h"
#include "cli/transcript.h"
#include "ui/style.h"
#include "wire/message.h"

/* The server and the session; NULL and why. */
static struct client *
client_of(struct slash *s, struct err *e)
{
	return slash_has_session(s, e) == 0 ? s->ops->client(s->arg, e) :
	    NULL;
}

/* The text of the last message of a role, and its id; NULL: there is none
 * (e says so). */
static char *
last_text(struct slash *s, enum message_role role, char **id, struct err *e)
{
	struct client *cl = client_of(s, e);
	struct json_doc *doc = NULL;
	struct buf b = BUF_INIT;
	const struct json *v;
	char *found = NULL;

	if (cl == NULL || ask_transcript(cl, item_key(&s->session->item),
	    &doc, e) != 0)
		return NULL;
	JSON_EACH(v, json_get(json_root(doc), "messages")) {
		struct message *m = message_read(v, NULL);

		if (m != NULL && m->role == role) {
			buf_reset(&b);
			message_text(m, &b);
			str_replace(&found, b.len > 0 ? b.data : "");
			if (id != NULL)
				str_replace(id, m->id);
		}
		message_free(m);
	}
	if (found == NULL)
		err_set(e, ERR_USAGE, role == ROLE_USER ?
		    "nothing was said yet" : "there is no answer yet");
	json_doc_free(doc);
	buf_clear(&b);
	return found;
}

int
slash_undo(struct slash *s, const char *arg, struct err *e)
{
	char *text = last_text(s, ROLE_USER, NULL, e);
	int r;

	(void)arg;
	if (text == NULL)
		return -1;
	r = s->ops->act(s->arg, "{\"type\":\"undo\"}", e);
	if (r == 0) {
		free(s->undone);
		s->undone = text;
		s->ops->tell(s->arg, "taken back: /redo says it again");
	} else {
		free(text);
	}
	return r;
}

int
slash_regenerate(struct slash *s, const char *arg, struct err *e)
{
	(void)arg;
	if (slash_has_session(s, e) != 0)
		return -1;
	return s->ops->act(s->arg, "{\"type\":\"regenerate\"}", e);
}

int
slash_compact(struct slash *s, const char *arg, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	if (slash_has_session(s, e) != 0)
		return -1;
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "type", "compact");
	if (*arg != '\0')
		json_w_kstr(&w, "text", arg);
	json_w_obj_end(&w);
	int r = s->ops->act(s->arg, b.data, e);
	buf_clear(&b);
	return r;
}

int
slash_redo(struct slash *s, const char *arg, struct err *e)
{
	char *text = s->undone;

	(void)arg;
	if (text == NULL)
		return err_set(e, ERR_USAGE, "nothing was taken back");
	s->undone = NULL;
	int r = s->ops->say(s->arg, text, e);
	free(text);
	return r;
}

int
slash_edit(struct slash *s, const char *arg, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;
	char *id = NULL, *old;
	int r;

	if (*arg == '\0')
		return err_set(e, ERR_USAGE,
		    "/edit TEXT: your last message in other words");
	old = last_text(s, ROLE_USER, &id, e);
	if (old == NULL)
		return -1;
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "type", "edit");
	json_w_kstr(&w, "messageId", id);
	json_w_kstr(&w, "text", arg);
	json_w_obj_end(&w);
	r = s->ops->act(s->arg, b.data, e);
	buf_clear(&b);
	free(old);
	free(id);
	return r;
}

int
slash_fork(struct slash *s, const char *arg, struct err *e)
{
	struct item copy = { 0 };
	struct client *cl = client_of(s, e);

	(void)arg;
	if (cl == NULL || ask_fork(cl, s->session->item.id, NULL, &copy,
	    e) != 0)
		return -1;
	int r = s->ops->open(s->arg, copy.id, e);
	if (r == 0) {
		char *text = xasprintf("now in the copy %s", copy.id);
		s->ops->tell(s->arg, text);
		free(text);
	}
	item_clear(&copy);
	return r;
}

int
slash_rename(struct slash *s, const char *arg, struct err *e)
{
	struct buf body = BUF_INIT;
	struct json_w w;
	struct client *cl = client_of(s, e);

	if (cl == NULL)
		return -1;
	if (*arg == '\0')
		return err_set(e, ERR_USAGE, "/rename TITLE");
	char *path = ask_path("/api/chatd/v1/sessions/", s->session->item.id,
	    "");
	json_w_init(&w, &body);
	json_w_obj(&w);
	json_w_kstr(&w, "title", arg);
	json_w_obj_end(&w);
	int r = ask_only_chatd(cl, "PATCH", path, &body, NULL, "/rename", e);
	if (r == 0) {
		str_replace(&s->session->item.title, arg);
		s->ops->changed(s->arg);
	}
	free(path);
	buf_clear(&body);
	return r;
}

int
slash_export(struct slash *s, const char *arg, struct err *e)
{
	struct json_doc *doc = NULL;
	struct buf b = BUF_INIT;
	struct client *cl = client_of(s, e);
	const struct item *it = &s->session->item;

	if (cl == NULL)
		return -1;
	if (*arg == '\0')
		return err_set(e, ERR_USAGE, "/export FILE");
	if (ask_transcript(cl, item_key(it), &doc, e) != 0)
		return -1;
	transcript_markdown(&b, it, json_get(json_root(doc), "messages"));
	char *path = path_expand(arg);
	int r = path_write_whole(path, b.data, b.len, 0600, e);
	if (r == 0) {
		char *text = xasprintf("written: %s", path);
		s->ops->tell(s->arg, text);
		free(text);
	}
	free(path);
	json_doc_free(doc);
	buf_clear(&b);
	return r;
}

int
slash_copy(struct slash *s, const char *arg, struct err *e)
{
	char *text = last_text(s, ROLE_ASSISTANT, NULL, e);
	int r;

	(void)arg;
	if (text == NULL)
		return -1;
	r = *text != '\0' ? s->ops->copy(s->arg, text, e) :
	    err_set(e, ERR_USAGE, "the last answer has no text");
	free(text);
	return r;
}

/* -------------------------------------------------------- what is known */

static void
add_fact(struct buf *b, const char *name, const char *value)
{
	if (value != NULL && *value != '\0')
		buf_addf(b, "%-11s %s\n", name, value);
}

int
slash_status(struct slash *s, const char *arg, struct err *e)
{
	struct item it = { 0 };
	struct buf b = BUF_INIT;
	struct client *cl = client_of(s, e);

	(void)arg;
	if (cl == NULL || ask_get(cl, item_key(&s->session->item), &it,
	    e) != 0)
		return -1;
	char *company = s->ops->company(s->arg);
	char *count = xasprintf("%s, %" PRId64 " messages",
	    item_state_name(it.state), it.messages);
	add_fact(&b, "session", item_key(&it));
	add_fact(&b, "title", it.title);
	add_fact(&b, "folder", it.dir);
	add_fact(&b, "agent", it.task);
	add_fact(&b, "state", count);
	add_fact(&b, "model", it.model);
	add_fact(&b, "server", s->opts->remote);
	add_fact(&b, "permissions", slash_mode(s));
	add_fact(&b, "also here", company);
	s->ops->tell(s->arg, b.data);
	free(company);
	free(count);
	item_clear(&it);
	buf_clear(&b);
	return 0;
}

int
slash_cost(struct slash *s, const char *arg, struct err *e)
{
	static const struct style plain = { 0 };
	struct item it = { 0 };
	struct buf b = BUF_INIT;
	struct client *cl = client_of(s, e);

	(void)arg;
	if (cl == NULL || ask_get(cl, item_key(&s->session->item), &it,
	    e) != 0)
		return -1;
	transcript_usage(&b, &it, &plain);
	if (b.len == 0)
		buf_adds(&b, "nothing is known of what it has used");
	else if (it.cost < 0)
		buf_adds(&b, "what that costs is not known");
	s->ops->tell(s->arg, b.data);
	item_clear(&it);
	buf_clear(&b);
	return 0;
}
