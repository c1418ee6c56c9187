/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chunk_write.c - chunks of the UI message stream, written */

#include "base/buf.h"
#include "base/json.h"
#include "wire/chunk.h"

static void
begin(struct json_w *w, struct buf *b, enum chunk_type type)
{
	json_w_init(w, b);
	json_w_obj(w);
	json_w_kstr(w, "type", chunk_type_name(type));
}

static void
end(struct json_w *w)
{
	json_w_obj_end(w);
}

static void
str(struct json_w *w, const char *name, const char *s)
{
	json_w_kstr(w, name, s == NULL ? "" : s);
}

static void
opt_str(struct json_w *w, const char *name, const char *s)
{
	if (s != NULL)
		json_w_kstr(w, name, s);
}

static void
opt_raw(struct json_w *w, const char *name, const char *json)
{
	if (json != NULL)
		json_w_kraw(w, name, json);
}

void
chunk_start(struct buf *b, const char *message_id, const char *metadata)
{
	struct json_w w;

	begin(&w, b, CHUNK_START);
	opt_str(&w, "messageId", message_id);
	opt_raw(&w, "messageMetadata", metadata);
	end(&w);
}

void
chunk_finish(struct buf *b, const char *reason, const char *metadata)
{
	struct json_w w;

	begin(&w, b, CHUNK_FINISH);
	opt_str(&w, "finishReason", reason);
	opt_raw(&w, "messageMetadata", metadata);
	end(&w);
}

void
chunk_message_metadata(struct buf *b, const char *metadata)
{
	struct json_w w;

	begin(&w, b, CHUNK_MESSAGE_METADATA);
	json_w_kraw(&w, "messageMetadata", metadata);
	end(&w);
}

void
chunk_bare(struct buf *b, enum chunk_type type)
{
	struct json_w w;

	begin(&w, b, type);
	end(&w);
}

void
chunk_abort(struct buf *b, const char *reason)
{
	struct json_w w;

	begin(&w, b, CHUNK_ABORT);
	opt_str(&w, "reason", reason);
	end(&w);
}

void
chunk_error(struct buf *b, const char *text)
{
	struct json_w w;

	begin(&w, b, CHUNK_ERROR);
	str(&w, "errorText", text);
	end(&w);
}

void
chunk_block(struct buf *b, enum chunk_type type, const char *id,
    const char *pm)
{
	struct json_w w;

	begin(&w, b, type);
	str(&w, "id", id);
	opt_raw(&w, "providerMetadata", pm);
	end(&w);
}

void
chunk_delta(struct buf *b, enum chunk_type type, const char *id,
    const char *delta, size_t len, const char *pm)
{
	struct json_w w;

	begin(&w, b, type);
	str(&w, "id", id);
	json_w_kstrn(&w, "delta", delta, len);
	opt_raw(&w, "providerMetadata", pm);
	end(&w);
}

void
chunk_source_url(struct buf *b, const char *id, const char *url,
    const char *title)
{
	struct json_w w;

	begin(&w, b, CHUNK_SOURCE_URL);
	str(&w, "sourceId", id);
	str(&w, "url", url);
	opt_str(&w, "title", title);
	end(&w);
}

void
chunk_file(struct buf *b, const char *url, const char *media_type,
    const char *pm)
{
	struct json_w w;

	begin(&w, b, CHUNK_FILE);
	str(&w, "url", url);
	str(&w, "mediaType", media_type);
	opt_raw(&w, "providerMetadata", pm);
	end(&w);
}

void
chunk_data(struct buf *b, const char *name, const char *id, const char *data,
    bool transient)
{
	struct buf type = BUF_INIT;
	struct json_w w;

	buf_addf(&type, "%s%s", chunk_type_name(CHUNK_DATA), name);
	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_kstrn(&w, "type", type.data, type.len);
	opt_str(&w, "id", id);
	json_w_kraw(&w, "data", data);
	if (transient)
		json_w_kbool(&w, "transient", true);
	end(&w);
	buf_clear(&type);
}

/* named: also what the tool is; outputs find their part by the id alone. */
static void
begin_tool(struct json_w *w, struct buf *b, enum chunk_type type,
    const struct chunk_tool *t, bool named)
{
	begin(w, b, type);
	str(w, "toolCallId", t->call_id);
	if (named)
		str(w, "toolName", t->name);
}

static void
end_tool(struct json_w *w, const struct chunk_tool *t)
{
	opt_raw(w, "providerMetadata", t->provider_metadata);
	opt_raw(w, "toolMetadata", t->tool_metadata);
	if (t->provider_executed)
		json_w_kbool(w, "providerExecuted", true);
	if (t->dynamic)
		json_w_kbool(w, "dynamic", true);
	end(w);
}

void
chunk_tool_input_start(struct buf *b, const struct chunk_tool *t)
{
	struct json_w w;

	begin_tool(&w, b, CHUNK_TOOL_INPUT_START, t, true);
	opt_str(&w, "title", t->title);
	end_tool(&w, t);
}

void
chunk_tool_input_delta(struct buf *b, const char *call_id, const char *text,
    size_t len)
{
	struct json_w w;

	begin(&w, b, CHUNK_TOOL_INPUT_DELTA);
	str(&w, "toolCallId", call_id);
	json_w_kstrn(&w, "inputTextDelta", text, len);
	end(&w);
}

void
chunk_tool_input_available(struct buf *b, const struct chunk_tool *t,
    const char *input)
{
	struct json_w w;

	begin_tool(&w, b, CHUNK_TOOL_INPUT_AVAILABLE, t, true);
	json_w_kraw(&w, "input", input);
	opt_str(&w, "title", t->title);
	end_tool(&w, t);
}

void
chunk_tool_input_error(struct buf *b, const struct chunk_tool *t,
    const char *input, const char *text)
{
	struct json_w w;

	begin_tool(&w, b, CHUNK_TOOL_INPUT_ERROR, t, true);
	json_w_kraw(&w, "input", input);
	str(&w, "errorText", text);
	opt_str(&w, "title", t->title);
	end_tool(&w, t);
}

void
chunk_tool_approval_request(struct buf *b, const char *approval_id,
    const char *call_id, const char *descriptor)
{
	struct json_w w;

	begin(&w, b, CHUNK_TOOL_APPROVAL_REQUEST);
	str(&w, "approvalId", approval_id);
	str(&w, "toolCallId", call_id);
	opt_raw(&w, "approvalDescriptor", descriptor);
	end(&w);
}

void
chunk_tool_output_available(struct buf *b, const struct chunk_tool *t,
    const char *output, bool preliminary)
{
	struct json_w w;

	begin_tool(&w, b, CHUNK_TOOL_OUTPUT_AVAILABLE, t, false);
	json_w_kraw(&w, "output", output);
	if (preliminary)
		json_w_kbool(&w, "preliminary", true);
	end_tool(&w, t);
}

void
chunk_tool_output_error(struct buf *b, const struct chunk_tool *t,
    const char *text)
{
	struct json_w w;

	begin_tool(&w, b, CHUNK_TOOL_OUTPUT_ERROR, t, false);
	str(&w, "errorText", text);
	end_tool(&w, t);
}

void
chunk_tool_output_denied(struct buf *b, const char *call_id)
{
	struct json_w w;

	begin(&w, b, CHUNK_TOOL_OUTPUT_DENIED);
	str(&w, "toolCallId", call_id);
	end(&w);
}
