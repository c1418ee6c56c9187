/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_elicit.c - what a server wants to know from a person (mcp 4.4) */

/*
 * Only where somebody said beforehand that the server's own defaults will do
 * (chatd mcp call --yes). In a turn nobody can be asked in the middle of a
 * call, and the ability is not declared: servers then do without, and one
 * that asks all the same hears that it was declined.
 */

#include "config.h"

#include "tool/mcp_priv.h"

/* A form that has a default for all that it requires. */
static bool
has_defaults(const struct json *schema)
{
	const struct json *properties = json_get(schema, "properties"), *v;

	JSON_EACH(v, json_get(schema, "required"))
		if (json_str(v) == NULL || json_get(json_get(properties,
		    json_str(v)), "default") == NULL)
			return false;
	return true;
}

static void
write_content(struct json_w *w, const struct json *schema)
{
	const struct json *v;

	json_w_key(w, "content");
	json_w_obj(w);
	JSON_EACH(v, json_get(schema, "properties"))
		if (json_get(v, "default") != NULL)
			json_w_kvalue(w, json_name(v), json_get(v, "default"));
	json_w_obj_end(w);
}

void
mcp_elicit_answer(struct buf *out, const struct json *params, bool may)
{
	const struct json *schema = json_get(params, "requestedSchema");
	bool accept = may && has_defaults(schema);
	struct json_w w;

	json_w_init(&w, out);
	json_w_obj(&w);
	json_w_kstr(&w, "action", accept ? "accept" : "decline");
	if (accept)
		write_content(&w, schema);
	json_w_obj_end(&w);
}
