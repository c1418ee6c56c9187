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
};
int	ask_create(struct client *cl, const struct ask_new *n,
	    struct item *it, struct err *e) ATTR_MUST_USE;
/* A copy up to and with a message (NULL: all). */
int	ask_fork(struct client *cl, const char *key, const char *at,
	    struct item *it, struct err *e) ATTR_MUST_USE;

/* {"messages":[..],"cursors":{..}} */
int	ask_transcript(struct client *cl, const char *key,
	    struct json_doc **doc, struct err *e) ATTR_MUST_USE;

/* PREFIX + escaped word + SUFFIX; caller frees. */
char	*ask_path(const char *prefix, const char *word, const char *suffix);

#endif
