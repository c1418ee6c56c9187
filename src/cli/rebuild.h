/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rebuild.h - a transcript from the records of a session's channels */

/*
 * For servers without a transcript endpoint, and for holders of a token that
 * does not open it. What a server has trimmed is not there any more
 * (session-protocol 8.4), unless this client has seen and kept it (keep.h).
 * The result has the form of the endpoint's answer
 * (16); its cursors stand behind the last complete turn, so that who follows
 * from there sees a running one from its beginning.
 */

#ifndef CLI_REBUILD_H
#define CLI_REBUILD_H

#include "base/attr.h"

struct client;
struct err;
struct json_doc;

int	rebuild_transcript(struct client *cl, const char *key,
	    struct json_doc **doc, struct err *e) ATTR_MUST_USE;
/* *doc has messages and no cursors: put cursors in. */
int	rebuild_cursors(struct client *cl, const char *key,
	    struct json_doc **doc, struct err *e) ATTR_MUST_USE;

#endif
