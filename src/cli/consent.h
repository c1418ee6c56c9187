/* SPDX-License-Identifier: GPL-3.0-or-later */
/* consent.h - questions about calls that wait, one after the other */

/*
 * What is shown, what was typed, what comes of it; no input or output of its
 * own. When all calls of the message have been asked about, the answers go
 * out together.
 *
 *	y  once			a  for this session
 *	p  always (the rule)	n [REASON]  no
 *	e  edit the arguments, which are typed next
 */

#ifndef CLI_CONSENT_H
#define CLI_CONSENT_H

#include <stdbool.h>

#include "base/attr.h"

struct buf;
struct message;

struct consent;

/* NULL if none of its calls waits. */
struct consent	*consent_new(const struct message *m);
void		 consent_free(struct consent *c);
/* What is asked, in lines for a terminal. */
void		 consent_question(const struct consent *c, struct buf *out);
const char	*consent_prompt(const struct consent *c);
/* What stands in the line to be edited, or NULL. */
const char	*consent_text(const struct consent *c);
/* A line that was typed; what is wrong with it is added to say. True: all
 * has been answered. */
bool		 consent_take(struct consent *c, const char *line,
		    struct buf *say);
/* The message to send, its payload.chatd (may stay empty), and its id. */
void		 consent_write(const struct consent *c, struct buf *message,
		    struct buf *chatd);
const char	*consent_message_id(const struct consent *c);

#endif
