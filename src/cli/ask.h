/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ask.h - the requests that commands make, each until its answer is there */

#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "base/attr.h"
#include "wire/item.h"

struct buf;
struct client;
struct err;
struct json_doc;

/*
 * path is a format of already escaped pieces; doc may be NULL. body may be
 * NULL. The caller frees *doc.
 */
int	ask_server(struct client *cl, const char *method, const char *path,
	    const struct buf *body, struct json_doc **doc, struct err *e)
	    ATTR_MUST_USE;

/* What only a chatd can do: at others ERR_UNREACHABLE, "WHAT: ...". */
int	ask_only_chatd(struct client *cl, const char *method,
	    const char *path, const struct buf *body, struct json_doc **doc,
	    const char *what, struct err *e) ATTR_MUST_USE;

/* As people write it: id, external id, unique prefix, unique title. */
int	ask_resolve(struct client *cl, const char *word, struct item *it,
	    struct err *e) ATTR_MUST_USE;
/* The session with exactly this id or external id, as it is now. */
int	ask_get(struct client *cl, const char *key, struct item *it,
	    struct err *e) ATTR_MUST_USE;
/* The newest session that worked in dir; ERR_NOT_FOUND. */
int	ask_newest(struct client *cl, const char *dir, struct item *it,
	    struct err *e) ATTR_MUST_USE;

struct ask_new {
	const char *external_id;	/* or NULL */
	const char *task;		/* agent's name, NULL: chat */
	const char *chatd;		/* payload.chatd, JSON, or NULL */
	const char *metadata;		/* JSON object or NULL */
	bool remote;			/* another server: as its SDK would */
	const char *type, *config;	/* of one that has been there, or NULL */
};
int	ask_create(struct client *cl, const struct ask_new *n,
	    struct item *it, struct err *e) ATTR_MUST_USE;
/* The body that makes a session again which has vanished; NULL: none can.
 * Caller frees. */
char	*ask_create_again(const struct item *it);
/* {"data":[ITEM..]}, newest first. */
struct ask_list {
	int limit;
	bool all;			/* closed ones too */
	const char *tags;		/* any of "a,b", or NULL */
	const char *state;		/* its name, or NULL */
};
int	ask_list(struct client *cl, const struct ask_list *l,
	    struct json_doc **doc, struct err *e) ATTR_MUST_USE;
/* A copy up to and with a message (NULL: all). */
int	ask_fork(struct client *cl, const char *key, const char *at,
	    struct item *it, struct err *e) ATTR_MUST_USE;

/* {"messages":[..],"cursors":{..}} */
int	ask_transcript(struct client *cl, const char *key,
	    struct json_doc **doc, struct err *e) ATTR_MUST_USE;
/* The same with the answer that is being written, as far as it has come. */
int	ask_transcript_live(struct client *cl, const char *key,
	    struct json_doc **doc, struct err *e) ATTR_MUST_USE;

/* PREFIX + escaped word + SUFFIX; caller frees. */
char	*ask_path(const char *prefix, const char *word, const char *suffix);

#endif
