/* SPDX-License-Identifier: GPL-3.0-or-later */
/* validate.c - is this the message of a rule-abiding client? */

#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "wire/fields.h"
#include "wire/message_priv.h"

#define META	OPT("providerMetadata", META)

static const char *const block_states[] = { "streaming", "done", NULL };
static const char *const encodings[] = { "json", "text", NULL };
static const char *const roles[] = { "system", "user", "assistant", NULL };

static const struct variant plain_list[] = {
	{ "text", { REQ("text", STR),
	    OPT_OF("citations", TABLES, citation_fields),
	    OPT_OF("state", ONE_OF, block_states), META, FIELD_END } },
	{ "reasoning", { OPT("id", STR), REQ("text", STR),
	    OPT_OF("state", ONE_OF, block_states), META, FIELD_END } },
	{ "custom", { REQ("kind", STR), META, FIELD_END } },
	{ "source-url", { REQ("sourceId", STR), REQ("url", STR),
	    OPT("title", STR), META, FIELD_END } },
	{ "source-document", { REQ("sourceId", STR), REQ("mediaType", STR),
	    REQ("title", STR), OPT("filename", STR), META, FIELD_END } },
	{ "file", { REQ("mediaType", STR), OPT("filename", STR),
	    REQ("url", STR), OPT("providerReference", STRINGS), META,
	    FIELD_END } },
	{ "reasoning-file", { REQ("mediaType", STR), REQ("url", STR), META,
	    FIELD_END } },
	{ "steering-message", { REQ("id", STR),
	    REQ_OF("parts", VARIANTS, &steering_parts), FIELD_END } },
	{ "step-start", { FIELD_END } },
	{ NULL, { FIELD_END } },
};
static const struct variants plain_parts = { "type", plain_list };

static const struct field data_fields[] = {
	OPT("id", STR), REQ("data", ANY), FIELD_END
};

#define APPROVAL_COMMON							\
	REQ("id", STR), OPT("requestReason", STR),			\
	OPT("isAutomatic", BOOL), OPT("signature", STR)

static const struct field requested[] = {
	APPROVAL_COMMON, OPT("approved", NEVER), OPT("reason", NEVER),
	FIELD_END
};
static const struct field responded[] = {
	APPROVAL_COMMON, REQ("approved", BOOL), OPT("reason", STR), FIELD_END
};
static const struct field granted[] = {
	APPROVAL_COMMON, REQ("approved", TRUE), OPT("reason", STR), FIELD_END
};
static const struct field denied[] = {
	APPROVAL_COMMON, REQ("approved", FALSE), OPT("reason", STR), FIELD_END
};

#define TOOL_COMMON							\
	REQ("toolCallId", STR), OPT("title", STR),			\
	OPT("toolMetadata", OBJECT), OPT("providerExecuted", BOOL),	\
	OPT("callProviderMetadata", META)
#define HAS_INPUT	REQ("input", ANY)
#define NO_OUTPUT	OPT("output", NEVER)
#define NO_ERROR	OPT("errorText", NEVER)
#define RESULT_META	OPT("resultProviderMetadata", META)

/* The table of states in ui-message-stream 3. */
static const struct variant tool_list[] = {
	{ "input-streaming", { TOOL_COMMON, NO_OUTPUT, NO_ERROR,
	    OPT("rawInput", STR), OPT_OF("inputEncoding", ONE_OF, encodings),
	    OPT("approval", NEVER), FIELD_END } },
	{ "input-available", { TOOL_COMMON, HAS_INPUT, NO_OUTPUT,
	    NO_ERROR, OPT("approval", NEVER), FIELD_END } },
	{ "approval-requested", { TOOL_COMMON, HAS_INPUT, NO_OUTPUT,
	    NO_ERROR, REQ_OF("approval", TABLE, requested), FIELD_END } },
	{ "approval-responded", { TOOL_COMMON, HAS_INPUT, NO_OUTPUT,
	    NO_ERROR, REQ_OF("approval", TABLE, responded), FIELD_END } },
	{ "output-available", { TOOL_COMMON, HAS_INPUT, REQ("output", ANY),
	    NO_ERROR, RESULT_META, OPT("preliminary", BOOL), OPT_OF("approval", TABLE, granted),
	    FIELD_END } },
	{ "output-error", { TOOL_COMMON, NO_OUTPUT, REQ("errorText", STR),
	    RESULT_META, OPT_OF("approval", TABLE, granted), FIELD_END } },
	{ "output-denied", { TOOL_COMMON, HAS_INPUT, NO_OUTPUT,
	    NO_ERROR, REQ_OF("approval", TABLE, denied), FIELD_END } },
	{ NULL, { FIELD_END } },
};
static const struct variants tool_states = { "state", tool_list };

static const struct field dynamic_fields[] = {
	REQ("toolName", STR), OPT("dynamic", FALSE), FIELD_END
};

static const struct field message_fields[] = {
	REQ("id", STR), REQ_OF("role", ONE_OF, roles), FIELD_END
};

static bool
part_fits(const struct json *part, const char **bad)
{
	const char *name = json_get_str(part, "type");

	*bad = "type";
	if (name == NULL)
		return false;
	switch (part_type_of(name)) {
	case PART_DATA:
		return fields_fit(part, data_fields, bad);
	case PART_TOOL:
		return fields_fit_variant(part, &tool_states, bad) &&
		    (strcmp(name, "dynamic-tool") != 0 ||
		    fields_fit(part, dynamic_fields, bad));
	default:
		return fields_fit_variant(part, &plain_parts, bad);
	}
}

static int
validate_message(const struct json *message, size_t n, struct err *e)
{
	const struct json *parts = json_get(message, "parts"), *part;
	const char *bad;
	size_t i = 0;

	if (!fields_fit(message, message_fields, &bad))
		return err_set(e, ERR_INPUT, "messages[%zu]: %s is missing "
		    "or wrong", n, *bad == '\0' ? "the message" : bad);
	if (!json_is(parts, JSON_ARRAY))
		return err_set(e, ERR_INPUT, "messages[%zu]: no parts", n);
	if (json_len(parts) == 0 &&
	    !json_streq(json_get(message, "role"), "assistant"))
		return err_set(e, ERR_INPUT,
		    "messages[%zu]: at least one part is wanted", n);
	JSON_EACH(part, parts) {
		if (!part_fits(part, &bad))
			return err_set(e, ERR_INPUT,
			    "messages[%zu].parts[%zu]: %s is missing or "
			    "wrong", n, i, *bad == '\0' ? "the part" : bad);
		i++;
	}
	return 0;
}

int
message_validate(const struct json *list, struct err *e)
{
	const struct json *message;
	size_t n = 0;

	if (!json_is(list, JSON_ARRAY) || json_len(list) == 0)
		return err_set(e, ERR_INPUT, "messages: none");
	JSON_EACH(message, list)
		if (validate_message(message, n++, e) == -1)
			return -1;
	return 0;
}
