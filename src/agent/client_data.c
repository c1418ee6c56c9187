/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client_data.c - what clients say of themselves with each message */

#include <stdlib.h>
#include <string.h>

#include "agent/agent_priv.h"
#include "agent/client_data.h"
#include "agent/turn.h"
#include "base/buf.h"
#include "base/json.h"
#include "wire/input.h"
#include "wire/item.h"

static struct json_doc *
copy_of(const struct json *v)
{
	char *text = json_text(v);
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);

	free(text);
	return doc;
}

/* A turn of a create has its record in basePayload. */
static struct json_doc *
data_of_create(const struct item *it)
{
	struct json_doc *config = it->config == NULL ? NULL :
	    json_parse(it->config, strlen(it->config), 0, NULL);
	const struct json *v = json_path(json_root(config), "basePayload",
	    "metadata", NULL);
	struct json_doc *doc = json_is_set(v) ? copy_of(v) : NULL;

	json_doc_free(config);
	return doc;
}

static struct json_doc *
data_of_record(const struct turn *t)
{
	struct input in = { 0 };
	struct json_doc *doc = NULL;

	if (inbox_read(&t->ag->inbox, t->in_seq, &in, NULL) == 0 &&
	    in.metadata != NULL)
		doc = copy_of(in.metadata);
	input_clear(&in);
	return doc;
}

struct json_doc *
client_data_of(const struct turn *t)
{
	struct item it = { 0 };
	struct json_doc *doc = NULL;

	if (agent_item(t->ag, &it, NULL) == 0) {
		doc = t->in_seq >= 0 ? data_of_record(t) :
		    data_of_create(&it);
		if (doc == NULL && it.metadata != NULL)
			doc = json_parse(it.metadata, strlen(it.metadata), 0,
			    NULL);
	}
	item_clear(&it);
	return doc;
}

static void
fill_one(struct buf *out, const char *name, size_t len,
    const struct json *data)
{
	const struct json *v = json_getn(data, name, len);
	char *text = v == NULL ? NULL : json_text(v);

	buf_adds(out, text != NULL ? text : "null");
	free(text);
}

void
client_data_fill(struct buf *out, const char *text, const struct json *data)
{
	static const char mark[] = "{{client.";
	const char *at, *name, *end;

	while ((at = strstr(text, mark)) != NULL) {
		name = at + sizeof(mark) - 1;
		end = strstr(name, "}}");
		if (end == NULL)
			break;
		buf_add(out, text, (size_t)(at - text));
		fill_one(out, name, (size_t)(end - name), data);
		text = end + 2;
	}
	buf_adds(out, text);
}
