/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client_data.h - what clients say of themselves with each message */

/*
 * Client data (payload.metadata) comes with each record; where one brings
 * none, the session's counts. It fits the agent's schema when a turn runs
 * (setup_check_data()).
 */

#ifndef AGENT_CLIENT_DATA_H
#define AGENT_CLIENT_DATA_H

struct buf;
struct json;
struct json_doc;
struct turn;

/* That of the record that began the turn; NULL: none. json_doc_free(). */
struct json_doc	*client_data_of(const struct turn *t);
/*
 * The text with each {{client.NAME}} replaced by that member of data, as JSON:
 * so a string ends where its quotes do. What is not there is null.
 */
void		 client_data_fill(struct buf *out, const char *text,
		    const struct json *data);

#endif
