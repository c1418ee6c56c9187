/* SPDX-License-Identifier: GPL-3.0-or-later */
/* anthropic_echo.h - an answer's blocks as they came, to be sent back */

/*
 * A turn that the API pauses (tools that it runs itself took too long) goes on
 * when the same is asked with what was said so far behind it, unchanged
 * (providers 4.3). Nothing of it is kept in the session.
 */

#ifndef MODEL_ANTHROPIC_ECHO_H
#define MODEL_ANTHROPIC_ECHO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"

struct json;

struct echo_block {
	char *start;		/* content_block, as it began */
	struct buf text;	/* or thinking: what its deltas added */
	struct buf signature;
	struct buf input;
	struct buf citations;	/* with commas between */
};

struct echo {
	bool on;
	struct echo_block *list;	/* by index; start NULL: none */
	size_t count;
	char container[128];	/* where its programs run, or "" */
};

void	echo_clear(struct echo *ec);
void	echo_start(struct echo *ec, size_t index, const struct json *block);
void	echo_delta(struct echo *ec, size_t index, const struct json *delta);
/* A delta of text that needed no parsing. */
void	echo_text(struct echo *ec, size_t index, const char *s, size_t len);
void	echo_container(struct echo *ec, const struct json *container);
/* Put it behind the messages of a request. False: there is nothing. */
bool	echo_append(const struct echo *ec, struct buf *request) ATTR_MUST_USE;

#endif
