/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ask.c - requests of commands, to our own server half or through it */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/ask.h"
#include "cli/rebuild.h"
#include "client/client.h"
#include "wire/fetch.h"

#define SESSIONS "/api/v1/sessions/"
#define OWN "/api/chatd/v1/"

char *
ask_path(const char *prefix, const char *word, const char *suffix)
{
	char *escaped = fetch_escape(word);
	char *path = xasprintf("%s%s%s", prefix, escaped, suffix);

	free(escaped);
	return path;
}

int
ask_server(struct client *cl, const char *method, const char *path,
    const struct buf *body, struct json_doc **doc, struct err *e)
{
	struct client_request rq = {
		.method = method,
		.path = path,
		.body = body != NULL ? body->data : NULL,
		.body_len = body != NULL ? body->len : 0,
	};

	return client_sync(cl, &rq, doc, e);
}

/*
 * One of our own endpoints. 1: the server has none of those, or keeps them
 * for holders of its key, so that the protocol's own must do.
 */
static int
ask_own(struct client *cl, const char *method, const char *path,
    const struct buf *body, struct json_doc **doc, struct err *e)
{
	struct err why = ERR_INIT;

	if (ask_server(cl, method, path, body, doc, &why) == 0)
		return 0;
	bool closed = why.code == ERR_AUTH || why.code == ERR_FORBIDDEN;
	if (why.code != ERR_UNREACHABLE && why.code != ERR_INTERRUPTED &&
	    why.code != ERR_TIMEOUT && (!client_is_chatd(cl) ||
	    (closed && !client_is_local(cl))))
		return 1;
	return err_pass(e, &why);
}

int
ask_only_chatd(struct client *cl, const char *method, const char *path,
    const struct buf *body, struct json_doc **doc, const char *what,
    struct err *e)
{
	int r = ask_own(cl, method, path, body, doc, e);

	if (r <= 0)
		return r;
	if (client_is_chatd(cl))
		return err_set(e, ERR_AUTH, "%s: the server wants its key for "
		    "that", what);
	return err_set(e, ERR_UNREACHABLE, "%s: the server cannot do that, it "
	    "is no chatd", what);
}

/* What the protocol leaves to be concluded. */
static int
read_item(struct item *it, const struct json *v, struct err *e)
{
	int r = item_read(it, v, e);

	if (r == 0 && it->closed_at > 0)
		it->state = ITEM_CLOSED;
	return r;
}

/* The answer is a session item; takes path. */
static int
item_call(struct client *cl, const char *method, char *path,
    const struct buf *body, struct item *it, struct err *e)
{
	struct json_doc *doc = NULL;
	int r = ask_server(cl, method, path, body, &doc, e);

	if (r == 0)
		r = read_item(it, json_root(doc), e);
	json_doc_free(doc);
	free(path);
	return r;
}

/* One of ours if the server has it, and 1 if not; takes path. */
static int
own_item(struct client *cl, char *path, struct item *it, struct err *e)
{
	struct json_doc *doc = NULL;
	int r = ask_own(cl, "GET", path, NULL, &doc, e);

	if (r == 0)
		r = read_item(it, json_root(doc), e);
	json_doc_free(doc);
	free(path);
	return r;
}

static int
get_item(struct client *cl, const char *key, struct item *it, struct err *e)
{
	return item_call(cl, "GET", ask_path(SESSIONS, key, ""), NULL, it, e);
}

static bool
has_prefix(const struct json *v, const char *name, const char *prefix)
{
	const char *s = json_get_str(v, name);

	return s != NULL && strncmp(s, prefix, strlen(prefix)) == 0;
}

/* Of the newest hundred, the only one whose id begins so. */
static int
find_prefix(struct client *cl, const char *word, struct item *it,
    struct err *e)
{
	struct json_doc *doc = NULL;
	const struct json *v, *found = NULL;
	int n = 0;
	int r = ask_server(cl, "GET", "/api/v1/sessions?page%5Bsize%5D=100",
	    NULL, &doc, e);

	if (r == 0)
		JSON_EACH(v, json_get(json_root(doc), "data"))
			if (has_prefix(v, "id", word) ||
			    has_prefix(v, "externalId", word)) {
				found = v;
				n++;
			}
	if (r == 0 && n == 1)
		r = read_item(it, found, e);
	else if (r == 0)
		r = err_set(e, ERR_NOT_FOUND, n > 1 ?
		    "several sessions begin with '%s'" : "no session '%s'",
		    word);
	json_doc_free(doc);
	return r;
}

int
ask_resolve(struct client *cl, const char *word, struct item *it,
    struct err *e)
{
	struct err why = ERR_INIT;

	if (*word == '\0')
		return err_set(e, ERR_USAGE, "an empty word names no session");
	int r = own_item(cl, ask_path(OWN "resolve?q=", word, ""), it, e);

	if (r < 0 && e->code == ERR_NOT_FOUND)
		return err_hint(e, "chatd ls --all lists them");
	if (r <= 0)
		return r;
	if (get_item(cl, word, it, &why) == 0)
		return 0;
	struct err none = ERR_INIT;
	if (why.code == ERR_NOT_FOUND &&
	    find_prefix(cl, word, it, &none) == 0)
		return 0;
	if (err_is_set(&none) && none.code == ERR_NOT_FOUND)
		return err_pass(e, &none);
	return err_set(e, why.code, "%s: %s", word, why.text);
}

int
ask_get(struct client *cl, const char *key, struct item *it, struct err *e)
{
	int r = own_item(cl, ask_path(OWN "sessions/", key, ""), it, e);

	return r <= 0 ? r : get_item(cl, key, it, e);
}

/* Folders are this machine's: elsewhere the newest of all is meant. */
static int
newest_elsewhere(struct client *cl, struct item *it, struct err *e)
{
	struct json_doc *doc = NULL;
	int r = ask_own(cl, "GET", OWN "sessions?limit=1", NULL, &doc, e);

	if (r > 0)
		r = ask_server(cl, "GET", "/api/v1/sessions?"
		    "page%5Bsize%5D=1&filter%5Bstatus%5D=ACTIVE", NULL, &doc,
		    e);
	const struct json *v = r == 0 ?
	    json_at(json_get(json_root(doc), "data"), 0) : NULL;
	if (v != NULL)
		r = read_item(it, v, e);
	else if (r == 0)
		r = err_set(e, ERR_NOT_FOUND, "the server has no session");
	json_doc_free(doc);
	return r;
}

int
ask_newest(struct client *cl, const char *dir, struct item *it, struct err *e)
{
	if (!client_is_local(cl))
		return newest_elsewhere(cl, it, e);
	return item_call(cl, "GET", ask_path(OWN "newest?dir=", dir, ""),
	    NULL, it, e);
}

static void
add_query(struct buf *b, const char *name, const char *value)
{
	char *escaped = fetch_escape(value);

	buf_addf(b, "&%s=%s", name, escaped);
	free(escaped);
}

/* As our own list has it: with the state of each. */
static int
tell_states(struct json_doc **doc, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;
	const struct json *v;
	int r = 0;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_key(&w, "data");
	json_w_arr(&w);
	JSON_EACH(v, json_get(json_root(*doc), "data")) {
		struct item it = { 0 };

		r = read_item(&it, v, e);
		if (r == 0)
			item_write(&it, &w, true);
		item_clear(&it);
		if (r != 0)
			break;
	}
	json_w_arr_end(&w);
	json_w_obj_end(&w);
	json_doc_free(*doc);
	*doc = r == 0 ? json_parse(b.data, b.len, 0, e) : NULL;
	buf_clear(&b);
	return *doc != NULL ? 0 : -1;
}

/* E2 knows open, closed and expired, and no more than a hundred at once. */
static int
list_elsewhere(struct client *cl, const struct ask_list *l,
    struct json_doc **doc, struct err *e)
{
	bool closed = l->state != NULL && strcmp(l->state, "closed") == 0;
	struct buf b = BUF_INIT;

	if (l->state != NULL && !closed)
		return err_set(e, ERR_UNREACHABLE, "ls: the server cannot tell "
		    "which are %s, it is no chatd", l->state);
	buf_addf(&b, "/api/v1/sessions?page%%5Bsize%%5D=%d",
	    l->limit < 100 ? l->limit : 100);
	if (closed || !l->all)
		add_query(&b, "filter%5Bstatus%5D", closed ? "CLOSED" :
		    "ACTIVE");
	if (l->tags != NULL)
		add_query(&b, "filter%5Btags%5D", l->tags);
	int r = ask_server(cl, "GET", b.data, NULL, doc, e);
	buf_clear(&b);
	return r == 0 ? tell_states(doc, e) : r;
}

int
ask_list(struct client *cl, const struct ask_list *l, struct json_doc **doc,
    struct err *e)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, OWN "sessions?limit=%d", l->limit);
	if (l->all)
		buf_adds(&b, "&all=1");
	if (l->tags != NULL)
		add_query(&b, "tag", l->tags);
	if (l->state != NULL)
		add_query(&b, "state", l->state);
	int r = ask_own(cl, "GET", b.data, NULL, doc, e);
	buf_clear(&b);
	return r <= 0 ? r : list_elsewhere(cl, l, doc, e);
}

/* triggerConfig as the SDK's own client fills it. */
static void
write_config(struct json_w *w, const struct ask_new *n)
{
	json_w_obj(w);
	json_w_key(w, "basePayload");
	json_w_obj(w);
	if (n->chatd != NULL)
		json_w_kraw(w, "chatd", n->chatd);
	if (n->external_id != NULL && n->remote) {
		json_w_kstr(w, "chatId", n->external_id);
		json_w_kstr(w, "trigger", "preload");
		if (n->metadata != NULL)
			json_w_kraw(w, "metadata", n->metadata);
	}
	json_w_obj_end(w);
	json_w_obj_end(w);
}

static void
write_create(struct buf *b, const struct ask_new *n)
{
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_kstr(&w, "type", n->type != NULL ? n->type : "chat.agent");
	if (n->external_id != NULL)
		json_w_kstr(&w, "externalId", n->external_id);
	json_w_kstr(&w, "taskIdentifier", n->task != NULL ? n->task : "chat");
	json_w_key(&w, "triggerConfig");
	if (n->config != NULL)
		json_w_raw(&w, n->config, strlen(n->config));
	else
		write_config(&w, n);
	if (n->metadata != NULL)
		json_w_kraw(&w, "metadata", n->metadata);
	json_w_obj_end(&w);
}

char *
ask_create_again(const struct item *it)
{
	struct ask_new n = { .external_id = it->external_id, .type = it->type,
	    .task = it->task, .config = it->config,
	    .metadata = it->metadata, .remote = true };
	struct buf b = BUF_INIT;

	if (it->external_id == NULL)
		return NULL;	/* it would be another session */
	write_create(&b, &n);
	return buf_take(&b);
}

int
ask_create(struct client *cl, const struct ask_new *n, struct item *it,
    struct err *e)
{
	struct buf body = BUF_INIT;
	struct json_doc *doc = NULL;

	write_create(&body, n);
	struct client_request rq = {
		.method = "POST",
		.path = "/api/v1/sessions",
		.body = body.data,
		.body_len = body.len,
		/* idempotent by its external id (session-protocol 5.1.1) */
		.repeat = n->external_id != NULL,
	};
	int r = client_sync(cl, &rq, &doc, e);
	if (r == 0)
		r = read_item(it, json_root(doc), e);
	if (r == 0)
		client_set_session(cl, item_key(it), json_get_str(
		    json_root(doc), "publicAccessToken"),
		    n->external_id != NULL ? body.data : NULL);
	json_doc_free(doc);
	buf_clear(&body);
	return r;
}

int
ask_fork(struct client *cl, const char *key, const char *at, struct item *it,
    struct err *e)
{
	struct buf body = BUF_INIT;
	struct json_doc *doc = NULL;
	struct json_w w;

	json_w_init(&w, &body);
	json_w_obj(&w);
	if (at != NULL)
		json_w_kstr(&w, "at", at);
	json_w_obj_end(&w);
	char *path = ask_path(OWN "sessions/", key, "/fork");
	int r = ask_only_chatd(cl, "POST", path, &body, &doc, "fork", e);
	if (r == 0)
		r = read_item(it, json_root(doc), e);
	json_doc_free(doc);
	free(path);
	buf_clear(&body);
	return r;
}

/* Without an endpoint for it, or a key: from what the channels still hold. */
static bool
is_no_transcript(struct client *cl, const struct err *why)
{
	if (client_is_local(cl))
		return false;
	switch (why->code) {
	case ERR_AUTH:
	case ERR_FORBIDDEN:
		return true;
	case ERR_UNREACHABLE:
	case ERR_INTERRUPTED:
	case ERR_TIMEOUT:
		return false;
	default:
		return !client_is_chatd(cl);
	}
}

static int
transcript(struct client *cl, const char *key, const char *what,
    struct json_doc **doc, struct err *e)
{
	struct err why = ERR_INIT;
	char *path = ask_path(SESSIONS, key, what);
	int r = ask_server(cl, "GET", path, NULL, doc, &why);

	free(path);
	if (r == 0 && *doc != NULL)
		return json_get(json_get(json_root(*doc), "cursors"),
		    "lastOutEventId") != NULL || client_is_local(cl) ? 0 :
		    rebuild_cursors(cl, key, doc, e);
	if (r == 0)
		return err_set(e, ERR_FAILED, "the transcript is empty");
	if (is_no_transcript(cl, &why))
		return rebuild_transcript(cl, key, doc, e);
	return err_pass(e, &why);
}

int
ask_transcript(struct client *cl, const char *key, struct json_doc **doc,
    struct err *e)
{
	return transcript(cl, key, "/transcript", doc, e);
}

int
ask_transcript_live(struct client *cl, const char *key, struct json_doc **doc,
    struct err *e)
{
	return transcript(cl, key, "/transcript?live=1", doc, e);
}
