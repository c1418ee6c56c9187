/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keep.c - remembers transcripts of other servers, a file each */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "cli/keep.h"
#include "client/client.h"

enum { KEEP_MAX = 64 * 1024 * 1024 };

static uint64_t
add_hash(uint64_t hash, const char *s)
{
	for (; *s != '\0'; s++)
		hash = (hash ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return hash;
}

static char *
keep_path(const struct client *cl, const char *key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	char name[64];

	hash = add_hash(hash, client_url(cl));
	hash = add_hash(hash, " ");
	/* a session has two names, and here is one file */
	if (client_session(cl) != NULL)
		key = client_session(cl);
	hash = add_hash(hash, key);
	snprintf(name, sizeof(name), "remote/%016" PRIx64 ".json", hash);
	return path_state(name);
}

struct json_doc *
keep_load(const struct client *cl, const char *key)
{
	char *path = keep_path(cl, key);
	struct buf b = BUF_INIT;
	struct json_doc *doc = NULL;

	if (buf_read_file(&b, path, KEEP_MAX, NULL) == 0)
		doc = json_parse(b.data, b.len, 0, NULL);
	buf_clear(&b);
	free(path);
	return doc;
}

void
keep_save(const struct client *cl, const char *key,
    const struct json_doc *transcript)
{
	char *path = keep_path(cl, key);
	char *text = json_text(json_root(transcript));

	struct err e = ERR_INIT;

	if (path_make_parent(path, &e) != 0 ||
	    path_write_whole(path, text, strlen(text), 0600, &e) != 0)
		log_msg(LOG_CLIENT, LOG_WARN, "%s", e.text);
	free(text);
	free(path);
}
