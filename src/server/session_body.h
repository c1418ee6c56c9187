/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session_body.h - what clients may say about a session */

/*
 * The bodies of create and update, checked against session-protocol 4.1, 4.3,
 * 5.1 and 5.3. Errors are ERR_REFUSED with a readable sentence.
 */

#ifndef SERVER_SESSION_BODY_H
#define SERVER_SESSION_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct err;
struct json;

struct session_body {
	char *type, *task;
	char *external_id;	/* trimmed; NULL: none */
	char *config, *tags, *metadata;	/* JSON; NULL: not said */
	int64_t expires_at;	/* -1: not said */
	bool has_external_id;	/* said, perhaps as null */
	const struct json *payload;	/* basePayload, of the document */
};

int	session_body_create(struct session_body *b, const struct json *json,
	    struct err *e) ATTR_MUST_USE;
int	session_body_update(struct session_body *b, const struct json *json,
	    struct err *e) ATTR_MUST_USE;
void	session_body_clear(struct session_body *b);

#endif
