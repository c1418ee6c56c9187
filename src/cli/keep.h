/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keep.h - what we have seen of a session whose server keeps no transcript */

/*
 * A file for each such session, in the folder of state: the transcript as it
 * was put together last (rebuild.h). It is a memory of this client and no
 * more: what cannot be read or written is as if it were not there.
 */

#ifndef CLI_KEEP_H
#define CLI_KEEP_H

struct client;
struct json_doc;

/* NULL if there is none. Caller frees. */
struct json_doc	*keep_load(const struct client *cl, const char *key);
void		 keep_save(const struct client *cl, const char *key,
		    const struct json_doc *transcript);

#endif
