/* SPDX-License-Identifier: GPL-3.0-or-later */
/* insert.c - data parts of an answer that are words of others */

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/json.h"
#include "wire/insert.h"
#include "wire/message.h"

/* What came in between: words of people, context, a summary. */
static const struct {
	const char *type;
	const char *list;	/* of objects with a text, or NULL */
	const char *text;	/* else this member is it */
	const char *label;	/* NULL: a person said it */
} inserts[] = {
	{ INSERT_PENDING, "messages", NULL, NULL },
	{ "data-background-injected", "messages", NULL, "context" },
	{ "data-chatd-compaction", NULL, "summary", "summary" },
};

bool
insert_text(const struct part *p, struct buf *text, const char **label)
{
	struct json_doc *doc;
	const struct json *v;
	size_t i = 0;

	while (i < NELEM(inserts) && strcmp(p->type_name, inserts[i].type) != 0)
		i++;
	if (i == NELEM(inserts))
		return false;
	*label = inserts[i].label;
	doc = json_parse(p->data, strlen(p->data), 0, NULL);
	if (inserts[i].list == NULL) {
		const char *s = json_get_str(json_root(doc), inserts[i].text);

		buf_adds(text, s != NULL ? s : "");
	} else {
		JSON_EACH(v, json_get(json_root(doc), inserts[i].list)) {
			const char *s = json_get_str(v, "text");

			buf_addf(text, "%s%s", text->len > 0 ? "\n" : "",
			    s != NULL ? s : "");
		}
	}
	json_doc_free(doc);
	return text->len > 0;
}

bool
insert_has(const struct part *p, const char *id)
{
	struct json_doc *doc;
	const struct json *v;
	bool has = false;

	if (p->type != PART_DATA ||
	    strcmp(p->type_name, INSERT_PENDING) != 0)
		return false;
	doc = json_parse(p->data, strlen(p->data), 0, NULL);
	JSON_EACH(v, json_get(json_root(doc), "messageIds"))
		has = has || json_streq(v, id);
	json_doc_free(doc);
	return has;
}
