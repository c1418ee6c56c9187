/* SPDX-License-Identifier: GPL-3.0-or-later */
/* complete.c - may a client send its last message back by itself? */

#include <string.h>

#include "base/json.h"
#include "wire/message_priv.h"

/* ui-message-stream 8: the first part of the last step of the last message,
 * which must be the assistant's. */
static bool
last_step(const struct json *list, const struct json **first)
{
	const struct json *last = NULL, *v;

	JSON_EACH(v, list)
		last = v;
	if (!json_streq(json_get(last, "role"), "assistant"))
		return false;
	*first = json_first(json_get(last, "parts"));
	JSON_EACH(v, json_get(last, "parts"))
		if (json_streq(json_get(v, "type"), "step-start"))
			*first = json_next(v);
	return true;
}

static bool
is_tool(const struct json *part)
{
	const char *name = json_get_str(part, "type");

	return name != NULL && part_type_of(name) == PART_TOOL;
}

static enum part_state
state_of(const struct json *part)
{
	return part_state_of(json_get_str(part, "state"));
}

static bool
is_final(const struct json *part)
{
	return state_of(part) == STATE_OUTPUT_ERROR ||
	    (state_of(part) == STATE_OUTPUT_AVAILABLE &&
	    !json_bool(json_get(part, "preliminary"), false));
}

bool
message_complete_with_tools(const struct json *list)
{
	const struct json *part;
	bool some = false, open_text = false;

	if (!last_step(list, &part))
		return false;
	for (; part != NULL; part = json_next(part)) {
		if (json_streq(json_get(part, "type"), "text") &&
		    state_of(part) != STATE_DONE)
			open_text = true;
		if (!is_tool(part) ||
		    json_bool(json_get(part, "providerExecuted"), false))
			continue;
		if (!is_final(part))
			return false;
		some = true;
		open_text = false;	/* only text behind the last counts */
	}
	return some && !open_text;
}

bool
message_complete_with_approvals(const struct json *list)
{
	const struct json *part;
	bool some = false;

	if (!last_step(list, &part))
		return false;
	for (; part != NULL; part = json_next(part)) {
		if (!is_tool(part))
			continue;
		if (state_of(part) == STATE_APPROVAL_RESPONDED)
			some = true;
		else if (!is_final(part) &&
		    state_of(part) != STATE_OUTPUT_DENIED)
			return false;
	}
	return some;
}
