/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chunk.c - the vocabulary of the UI message stream, checked */

#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "wire/chunk.h"
#include "wire/fields.h"

static const char *const type_names[] = {
#define X(id, name) [CHUNK_##id] = name,
	CHUNK_TYPES(X)
#undef X
};

static const char *const finish_reasons[] = {
	"stop", "length", "content-filter", "tool-calls", "error",
	"interrupted", "other", NULL
};
static const char *const encodings[] = { "json", "text", NULL };

#define META		OPT("providerMetadata", META)
#define TOOL_MORE	OPT("providerExecuted", BOOL), META,		\
			OPT("toolMetadata", OBJECT), OPT("dynamic", BOOL)

enum { FIELDS_MAX = 11 };

/*
 * ui-message-stream 2. A required field that may hold anything is OPT(.., ANY)
 * here: writers send null, and a reader may take absence as undefined.
 */
static const struct field fields[CHUNK_TYPE_COUNT][FIELDS_MAX] = {
	[CHUNK_START] = { OPT("messageId", STR),
	    OPT("messageMetadata", ANY), FIELD_END },
	[CHUNK_FINISH] = { OPT_OF("finishReason", ONE_OF, finish_reasons),
	    OPT("messageMetadata", ANY), FIELD_END },
	[CHUNK_MESSAGE_METADATA] = { OPT("messageMetadata", ANY), FIELD_END },
	[CHUNK_START_STEP] = { FIELD_END },
	[CHUNK_FINISH_STEP] = { FIELD_END },
	[CHUNK_RESET_STEP] = { FIELD_END },
	[CHUNK_ABORT] = { OPT("reason", STR), FIELD_END },
	[CHUNK_ERROR] = { REQ("errorText", STR), FIELD_END },
	[CHUNK_TEXT_START] = { REQ("id", STR), META, FIELD_END },
	[CHUNK_TEXT_DELTA] = { REQ("id", STR), REQ("delta", STR), META,
	    FIELD_END },
	[CHUNK_TEXT_END] = { REQ("id", STR), META,
	    OPT_OF("citations", TABLES, citation_fields), FIELD_END },
	[CHUNK_REASONING_START] = { REQ("id", STR), META, FIELD_END },
	[CHUNK_REASONING_DELTA] = { REQ("id", STR), REQ("delta", STR), META,
	    FIELD_END },
	[CHUNK_REASONING_END] = { REQ("id", STR), META, FIELD_END },
	[CHUNK_CUSTOM] = { REQ("kind", STR), META, FIELD_END },
	[CHUNK_SOURCE_URL] = { REQ("sourceId", STR), REQ("url", STR),
	    OPT("title", STR), META, FIELD_END },
	[CHUNK_SOURCE_DOCUMENT] = { REQ("sourceId", STR),
	    REQ("mediaType", STR), REQ("title", STR), OPT("filename", STR),
	    META, FIELD_END },
	[CHUNK_FILE] = { REQ("url", STR), REQ("mediaType", STR), META,
	    FIELD_END },
	[CHUNK_REASONING_FILE] = { REQ("url", STR), REQ("mediaType", STR),
	    META, FIELD_END },
	[CHUNK_STEERING_MESSAGE] = { REQ("id", STR),
	    REQ_OF("parts", VARIANTS, &steering_parts), FIELD_END },
	[CHUNK_TOOL_INPUT_START] = { REQ("toolCallId", STR),
	    REQ("toolName", STR), TOOL_MORE, OPT("title", STR),
	    OPT_OF("inputEncoding", ONE_OF, encodings), FIELD_END },
	[CHUNK_TOOL_INPUT_DELTA] = { REQ("toolCallId", STR),
	    REQ("inputTextDelta", STR), FIELD_END },
	[CHUNK_TOOL_INPUT_AVAILABLE] = { REQ("toolCallId", STR),
	    REQ("toolName", STR), OPT("input", ANY), TOOL_MORE,
	    OPT("title", STR), FIELD_END },
	[CHUNK_TOOL_INPUT_ERROR] = { REQ("toolCallId", STR),
	    REQ("toolName", STR), OPT("input", ANY), REQ("errorText", STR),
	    TOOL_MORE, OPT("title", STR), FIELD_END },
	[CHUNK_TOOL_APPROVAL_REQUEST] = { REQ("approvalId", STR),
	    REQ("toolCallId", STR), OPT("approvalDescriptor", ANY),
	    OPT("inputSchemaInput", ANY), OPT("reason", STR),
	    OPT("isAutomatic", BOOL), OPT("signature", STR), FIELD_END },
	[CHUNK_TOOL_APPROVAL_RESPONSE] = { REQ("approvalId", STR),
	    REQ("approved", BOOL), OPT("reason", STR),
	    OPT("providerExecuted", BOOL), META, FIELD_END },
	[CHUNK_TOOL_OUTPUT_AVAILABLE] = { REQ("toolCallId", STR),
	    OPT("output", ANY), TOOL_MORE, OPT("preliminary", BOOL), FIELD_END },
	[CHUNK_TOOL_OUTPUT_ERROR] = { REQ("toolCallId", STR),
	    REQ("errorText", STR), TOOL_MORE, FIELD_END },
	[CHUNK_TOOL_OUTPUT_DENIED] = { REQ("toolCallId", STR), FIELD_END },
	[CHUNK_DATA] = { OPT("data", ANY), OPT("id", STR),
	    OPT("transient", BOOL), FIELD_END },
};

const char *
chunk_type_name(enum chunk_type type)
{
	return type_names[type];
}

int
chunk_type_of(const struct json *json, enum chunk_type *type)
{
	const struct json *name = json_get(json, "type");
	size_t i;

	if (!json_is(name, JSON_STRING))
		return -1;
	for (i = 0; i < CHUNK_DATA; i++) {
		if (json_streq(name, type_names[i])) {
			*type = (enum chunk_type)i;
			return 0;
		}
	}
	if (strncmp(json_str(name), type_names[CHUNK_DATA],
	    strlen(type_names[CHUNK_DATA])) != 0)
		return -1;
	*type = CHUNK_DATA;
	return 0;
}

int
chunk_check(const struct json *json, enum chunk_type *type, struct err *e)
{
	const char *bad;

	if (!json_is(json, JSON_OBJECT))
		return err_set(e, ERR_INPUT, "chunk: not an object");
	if (chunk_type_of(json, type) == -1)
		return err_set(e, ERR_INPUT, "chunk: unknown type \"%.64s\"",
		    json_get_str(json, "type") == NULL ? "" :
		    json_get_str(json, "type"));
	if (!fields_fit(json, fields[*type], &bad))
		return err_set(e, ERR_INPUT,
		    "chunk %s: \"%s\" is missing or of a wrong type",
		    type_names[*type], bad);
	return 0;
}
