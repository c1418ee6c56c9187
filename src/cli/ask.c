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

/* The answer is a session item; takes path. */
static int
item_call(struct client *cl, const char *method, char *path,
    const struct buf *body, struct item *it, struct err *e)
{
	struct json_doc *doc = NULL;
	int r = ask_server(cl, method, path, body, &doc, e);

	if (r == 0)
		r = item_read(it, json_root(doc), e);
	json_doc_free(doc);
	free(path);
	return r;
}

int
ask_resolve(struct client *cl, const char *word, struct item *it,
    struct err *e)
{
	return item_call(cl, "GET", ask_path(OWN "resolve?q=", word, ""),
	    NULL, it, e);
}

int
ask_get(struct client *cl, const char *key, struct item *it, struct err *e)
{
	return item_call(cl, "GET", ask_path(OWN "sessions/", key, ""), NULL,
	    it, e);
}

int
ask_newest(struct client *cl, const char *dir, struct item *it, struct err *e)
{
	return item_call(cl, "GET", ask_path(OWN "newest?dir=", dir, ""),
	    NULL, it, e);
}

int
ask_create(struct client *cl, const struct ask_new *n, struct item *it,
    struct err *e)
{
	struct buf body = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &body);
	json_w_obj(&w);
	json_w_kstr(&w, "type", "chat.agent");
	if (n->external_id != NULL)
		json_w_kstr(&w, "externalId", n->external_id);
	json_w_kstr(&w, "taskIdentifier", n->task != NULL ? n->task : "chat");
	json_w_key(&w, "triggerConfig");
	json_w_obj(&w);
	json_w_key(&w, "basePayload");
	json_w_obj(&w);
	if (n->chatd != NULL)
		json_w_kraw(&w, "chatd", n->chatd);
	json_w_obj_end(&w);
	json_w_obj_end(&w);
	if (n->metadata != NULL)
		json_w_kraw(&w, "metadata", n->metadata);
	json_w_obj_end(&w);
	int r = item_call(cl, "POST", xstrdup("/api/v1/sessions"), &body, it,
	    e);
	buf_clear(&body);
	return r;
}

int
ask_fork(struct client *cl, const char *key, const char *at, struct item *it,
    struct err *e)
{
	struct buf body = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &body);
	json_w_obj(&w);
	if (at != NULL)
		json_w_kstr(&w, "at", at);
	json_w_obj_end(&w);
	int r = item_call(cl, "POST", ask_path(OWN "sessions/", key, "/fork"),
	    &body, it, e);
	buf_clear(&body);
	return r;
}

int
ask_transcript(struct client *cl, const char *key, struct json_doc **doc,
    struct err *e)
{
	char *path = ask_path(SESSIONS, key, "/transcript");
	int r = ask_server(cl, "GET", path, NULL, doc, e);

	free(path);
	if (r == 0 && *doc == NULL)
		return err_set(e, ERR_FAILED, "the transcript is empty");
	return r;
}
