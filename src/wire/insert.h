/* SPDX-License-Identifier: GPL-3.0-or-later */
/* insert.h - data parts of an answer that are words of others */

#ifndef WIRE_INSERT_H
#define WIRE_INSERT_H

#include <stdbool.h>

struct buf;
struct part;

/* A message that joined a running turn. */
#define INSERT_PENDING "data-pending-message-injected"

/* Of a data part: adds the words, and says in label what they are (NULL: a
 * person said them). False: it is something else, or empty. */
bool	insert_text(const struct part *p, struct buf *text,
	    const char **label);
/* Does this part (of any type) bring the message with this id? */
bool	insert_has(const struct part *p, const char *id);

#endif
