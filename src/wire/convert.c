/* SPDX-License-Identifier: GPL-3.0-or-later */
/* convert.c - UI messages to what a model is told */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "wire/convert.h"
#include "wire/message_priv.h"
#include "wire/url.h"

/* One conversion under way. */
struct conv {
	struct json_w w;		/* the array of model messages */
	bool ignore_incomplete;
	bool old;	/* the message stands before the last user message */
};

/* A run of parts between two step boundaries: [first, end). */
struct block {
	const struct json *first;
	const struct json *end;
};

static const char omitted[] =
    "Tool output omitted because the tool is no longer available.";

static const char *
type_of(const struct json *part)
{
	const char *name = json_get_str(part, "type");

	return name == NULL ? "" : name;
}

static enum part_type
kind_of(const struct json *part)
{
	return part_type_of(type_of(part));
}

static enum part_state
state_of(const struct json *part)
{
	return part_state_of(json_get_str(part, "state"));
}

static bool
flag(const struct json *part, const char *name)
{
	return json_bool(json_get(part, name), false);
}

/* Copy a member under a name, if it is there at all (even null). */
static void
copy(struct json_w *w, const char *as, const struct json *from,
    const char *name)
{
	const struct json *v = json_get(from, name);

	if (v != NULL)
		json_w_kvalue(w, as, v);
}

static void
copy_set(struct json_w *w, const char *as, const struct json *v)
{
	if (json_is_set(v))
		json_w_kvalue(w, as, v);
}

static const struct json *
set_or(const struct json *a, const struct json *b)
{
	return json_is_set(a) ? a : b;
}

static void
begin_message(struct conv *c, const char *role)
{
	json_w_obj(&c->w);
	json_w_kstr(&c->w, "role", role);
	json_w_key(&c->w, "content");
	json_w_arr(&c->w);
}

static void
end_message(struct conv *c)
{
	json_w_arr_end(&c->w);
	json_w_obj_end(&c->w);
}

static int
write_url(struct conv *c, const struct json *part, struct err *e)
{
	const struct json *url = json_get(part, "url");
	struct buf b = BUF_INIT;

	if (!json_is(url, JSON_STRING) ||
	    url_normalise(json_str(url), json_len(url), &b) == -1) {
		buf_clear(&b);
		return err_set(e, ERR_INPUT, "file part: \"%.128s\" is no URL",
		    json_is(url, JSON_STRING) ? json_str(url) : "");
	}
	json_w_key(&c->w, "data");
	json_w_obj(&c->w);
	json_w_kstr(&c->w, "type", "url");
	json_w_kstrn(&c->w, "url", b.data, b.len);
	json_w_obj_end(&c->w);
	buf_clear(&b);
	return 0;
}

static void
write_text(struct conv *c, const struct json *part)
{
	json_w_obj(&c->w);
	json_w_kstr(&c->w, "type", "text");
	copy(&c->w, "text", part, "text");
	copy_set(&c->w, "providerOptions",
	    json_get(part, "providerMetadata"));
	json_w_obj_end(&c->w);
}

static void
write_reference(struct conv *c, const struct json *reference)
{
	json_w_key(&c->w, "data");
	json_w_obj(&c->w);
	json_w_kstr(&c->w, "type", "reference");
	json_w_kvalue(&c->w, "reference", reference);
	json_w_obj_end(&c->w);
}

static int
write_file(struct conv *c, const struct json *part, struct err *e)
{
	const struct json *reference = json_get(part, "providerReference");

	json_w_obj(&c->w);
	json_w_kstr(&c->w, "type", "file");
	copy(&c->w, "mediaType", part, "mediaType");
	copy(&c->w, "filename", part, "filename");
	if (json_is_set(reference))
		write_reference(c, reference);
	else if (write_url(c, part, e) == -1)
		return -1;
	copy_set(&c->w, "providerOptions",
	    json_get(part, "providerMetadata"));
	json_w_obj_end(&c->w);
	return 0;
}

static int
write_reasoning_file(struct conv *c, const struct json *part, struct err *e)
{
	json_w_obj(&c->w);
	json_w_kstr(&c->w, "type", "reasoning-file");
	if (write_url(c, part, e) == -1)
		return -1;
	copy(&c->w, "mediaType", part, "mediaType");
	copy(&c->w, "providerOptions", part, "providerMetadata");
	json_w_obj_end(&c->w);
	return 0;
}

static void
write_reasoning(struct conv *c, const struct json *part)
{
	json_w_obj(&c->w);
	json_w_kstr(&c->w, "type", "reasoning");
	copy(&c->w, "text", part, "text");
	copy(&c->w, "providerOptions", part, "providerMetadata");
	json_w_obj_end(&c->w);
}

static void
write_custom(struct conv *c, const struct json *part)
{
	json_w_obj(&c->w);
	json_w_kstr(&c->w, "type", "custom");
	copy(&c->w, "kind", part, "kind");
	copy_set(&c->w, "providerOptions",
	    json_get(part, "providerMetadata"));
	json_w_obj_end(&c->w);
}

/* toolCallId and toolName, inside an object that is open */
static void
write_call_name(struct conv *c, const struct json *part)
{
	copy(&c->w, "toolCallId", part, "toolCallId");
	if (strcmp(type_of(part), "dynamic-tool") == 0)
		copy(&c->w, "toolName", part, "toolName");
	else
		json_w_kstr(&c->w, "toolName",
		    type_of(part) + strlen("tool-"));
}

static void
write_call(struct conv *c, const struct json *part)
{
	const struct json *input = json_get(part, "input");
	const struct json *options = json_get(part, "callProviderMetadata");

	if (state_of(part) == STATE_OUTPUT_ERROR) {
		input = set_or(input, json_get(part, "rawInput"));
		options = set_or(options,
		    json_get(part, "resultProviderMetadata"));
	}
	json_w_obj(&c->w);
	json_w_kstr(&c->w, "type", "tool-call");
	write_call_name(c, part);
	if (input != NULL)
		json_w_kvalue(&c->w, "input", input);
	copy(&c->w, "providerExecuted", part, "providerExecuted");
	copy_set(&c->w, "providerOptions", options);
	json_w_obj_end(&c->w);
}

static void
write_approval_request(struct conv *c, const struct json *part)
{
	const struct json *approval = json_get(part, "approval");

	json_w_obj(&c->w);
	json_w_kstr(&c->w, "type", "tool-approval-request");
	copy(&c->w, "approvalId", approval, "id");
	copy(&c->w, "toolCallId", part, "toolCallId");
	copy(&c->w, "isAutomatic", approval, "isAutomatic");
	copy_set(&c->w, "reason", json_get(approval, "requestReason"));
	copy(&c->w, "inputSchemaInput", approval, "inputSchemaInput");
	copy_set(&c->w, "signature", json_get(approval, "signature"));
	json_w_obj_end(&c->w);
}

/* {"type":TYPE,"value":VALUE}; absent is null */
static void
write_value(struct conv *c, const char *type, const struct json *value)
{
	json_w_kstr(&c->w, "type", type);
	json_w_key(&c->w, "value");
	if (value == NULL)
		json_w_null(&c->w);
	else
		json_w_value(&c->w, value);
}

static void
write_error_text(struct conv *c, const struct json *text)
{
	char *json;

	json_w_kstr(&c->w, "type", "error-text");
	json_w_key(&c->w, "value");
	if (json_is(text, JSON_STRING)) {
		json_w_value(&c->w, text);
	} else if (!json_is_set(text)) {
		json_w_str(&c->w, "unknown error");
	} else {
		json = json_text(text);
		json_w_str(&c->w, json);
		free(json);
	}
}

/*
 * chatd's own tools say two things (toModelOutput): output for people, and
 * this for the model: a text, or a list of texts and pictures.
 */
static const struct json *
model_form(const struct json *part)
{
	return json_path(part, "resultProviderMetadata", "chatd", "model",
	    NULL);
}

static void
write_output(struct conv *c, const struct json *part, bool error_as_json)
{
	const struct json *output = json_get(part, "output");
	const struct json *told = model_form(part);
	const struct json *text = json_get(part, "errorText");

	json_w_key(&c->w, "output");
	json_w_obj(&c->w);
	if (state_of(part) == STATE_OUTPUT_ERROR && error_as_json) {
		write_value(c, "error-json", text);
	} else if (state_of(part) == STATE_OUTPUT_ERROR) {
		write_error_text(c, text);
	} else if (json_is_set(told)) {
		write_value(c, json_is(told, JSON_ARRAY) ? "content" : "text",
		    told);
	} else if (strcmp(type_of(part), "dynamic-tool") == 0 &&
	    json_is(json_get(part, "dynamic"), JSON_FALSE)) {
		json_w_kstr(&c->w, "type", "text");
		json_w_kstr(&c->w, "value", omitted);
	} else {
		write_value(c, json_is(output, JSON_STRING) ? "text" : "json",
		    output);
	}
	json_w_obj_end(&c->w);
}

static void
begin_result(struct conv *c, const struct json *part)
{
	json_w_obj(&c->w);
	json_w_kstr(&c->w, "type", "tool-result");
	write_call_name(c, part);
}

static void
end_result(struct conv *c, const struct json *options)
{
	copy_set(&c->w, "providerOptions", options);
	json_w_obj_end(&c->w);
}

static bool
is_over(const struct json *part)
{
	return state_of(part) == STATE_OUTPUT_AVAILABLE ||
	    state_of(part) == STATE_OUTPUT_ERROR;
}

/* A tool part within the assistant's message. */
static void
write_tool(struct conv *c, const struct json *part)
{
	if (state_of(part) == STATE_INPUT_STREAMING)
		return;
	write_call(c, part);
	if (json_is_set(json_get(part, "approval")))
		write_approval_request(c, part);
	if (!flag(part, "providerExecuted") || !is_over(part))
		return;
	begin_result(c, part);
	write_output(c, part, true);
	end_result(c, set_or(json_get(part, "resultProviderMetadata"),
	    json_get(part, "callProviderMetadata")));
}

static void
write_approval_response(struct conv *c, const struct json *part)
{
	const struct json *approval = json_get(part, "approval");

	json_w_obj(&c->w);
	json_w_kstr(&c->w, "type", "tool-approval-response");
	copy(&c->w, "approvalId", approval, "id");
	copy(&c->w, "approved", approval, "approved");
	copy(&c->w, "reason", approval, "reason");
	copy(&c->w, "providerExecuted", part, "providerExecuted");
	json_w_obj_end(&c->w);
}

static void
write_refused(struct conv *c, const struct json *part)
{
	begin_result(c, part);
	json_w_key(&c->w, "output");
	json_w_obj(&c->w);
	json_w_kstr(&c->w, "type", "execution-denied");
	copy(&c->w, "reason", json_get(part, "approval"), "reason");
	json_w_obj_end(&c->w);
	end_result(c, json_get(part, "callProviderMetadata"));
}

static void
write_denied(struct conv *c, const struct json *part)
{
	const struct json *reason = json_path(part, "approval", "reason",
	    NULL);

	if (json_get(part, "approval") == NULL)	/* a rule or a mode said no */
		reason = json_path(part, "toolMetadata", "chatd", "reason",
		    NULL);
	begin_result(c, part);
	json_w_key(&c->w, "output");
	json_w_obj(&c->w);
	json_w_kstr(&c->w, "type", "error-text");
	if (json_is_set(reason))
		json_w_kvalue(&c->w, "value", reason);
	else
		json_w_kstr(&c->w, "value", "Tool call execution denied.");
	json_w_obj_end(&c->w);
	end_result(c, json_get(part, "callProviderMetadata"));
}

/* What the tool message says about one tool part. */
static void
write_tool_answer(struct conv *c, const struct json *part)
{
	const struct json *approved = json_path(part, "approval", "approved",
	    NULL);

	if (json_is_set(approved))
		write_approval_response(c, part);
	if (state_of(part) == STATE_APPROVAL_RESPONDED &&
	    json_is(approved, JSON_FALSE))
		write_refused(c, part);
	if (flag(part, "providerExecuted"))
		return;		/* its result is in the assistant's message */
	if (state_of(part) == STATE_OUTPUT_DENIED) {
		write_denied(c, part);
	} else if (is_over(part)) {
		begin_result(c, part);
		write_output(c, part, false);
		end_result(c, json_get(part, "callProviderMetadata"));
	}
}

/* Calls that nobody will answer any more, or that are not finished. */
static bool
is_dropped(const struct conv *c, const struct json *part)
{
	enum part_state state = state_of(part);

	if (kind_of(part) != PART_TOOL)
		return false;
	if (state == STATE_APPROVAL_REQUESTED && c->old)
		return true;
	return c->ignore_incomplete && state != STATE_APPROVAL_RESPONDED &&
	    state != STATE_OUTPUT_ERROR && state != STATE_OUTPUT_DENIED &&
	    (state != STATE_OUTPUT_AVAILABLE || flag(part, "preliminary"));
}

static int
write_assistant_part(struct conv *c, const struct json *part, struct err *e)
{
	switch (kind_of(part)) {
	case PART_TEXT:
		write_text(c, part);
		return 0;
	case PART_CUSTOM:
		write_custom(c, part);
		return 0;
	case PART_FILE:
		return write_file(c, part, e);
	case PART_REASONING_FILE:
		return write_reasoning_file(c, part, e);
	case PART_REASONING:
		write_reasoning(c, part);
		return 0;
	case PART_TOOL:
		write_tool(c, part);
		return 0;
	default:
		return 0;
	}
}

/* A message without content is taken back. */
static void
end_unless_empty(struct conv *c, size_t before, bool comma)
{
	bool empty = !c->w.comma;

	end_message(c);
	if (empty) {
		buf_cut(c->w.buf, before);
		c->w.comma = comma;
	}
}

static int
write_block(struct conv *c, struct block b, struct err *e)
{
	size_t before = c->w.buf->len;
	bool comma = c->w.comma;
	const struct json *part;

	begin_message(c, "assistant");
	for (part = b.first; part != b.end; part = json_next(part))
		if (!is_dropped(c, part) &&
		    write_assistant_part(c, part, e) == -1)
			return -1;
	end_unless_empty(c, before, comma);
	before = c->w.buf->len;
	comma = c->w.comma;
	begin_message(c, "tool");
	for (part = b.first; part != b.end; part = json_next(part))
		if (kind_of(part) == PART_TOOL && !is_dropped(c, part))
			write_tool_answer(c, part);
	end_unless_empty(c, before, comma);
	return 0;
}

static int
write_user(struct conv *c, const struct json *parts, struct err *e)
{
	const struct json *part;

	begin_message(c, "user");
	JSON_EACH(part, parts) {
		if (kind_of(part) == PART_TEXT)
			write_text(c, part);
		else if (kind_of(part) == PART_FILE &&
		    write_file(c, part, e) == -1)
			return -1;
	}
	end_message(c);
	return 0;
}

static int
write_assistant(struct conv *c, const struct json *parts, struct err *e)
{
	struct block b = { json_first(parts), NULL };
	const struct json *part;

	JSON_EACH(part, parts) {
		if (kind_of(part) != PART_STEP_START &&
		    kind_of(part) != PART_STEERING)
			continue;
		b.end = part;
		if (write_block(c, b, e) == -1)
			return -1;
		b.first = json_next(part);
		if (kind_of(part) == PART_STEERING &&
		    write_user(c, json_get(part, "parts"), e) == -1)
			return -1;
	}
	b.end = NULL;
	return write_block(c, b, e);
}

/* The later part wins for each provider, which keeps its first place. */
static const struct json *
last_options(const struct json *parts, const struct json *like)
{
	const struct json *part, *v, *found = NULL;

	JSON_EACH(part, parts) {
		if (kind_of(part) != PART_TEXT)
			continue;
		v = json_getn(json_get(part, "providerMetadata"),
		    json_name(like), json_name_len(like));
		if (v != NULL)
			found = v;
	}
	return found;
}

static void
write_system_options(struct conv *c, const struct json *parts)
{
	const struct json *part, *v;
	struct buf b = BUF_INIT;
	struct json_w w;

	/* the parser keeps the last of equal keys at the first one's place */
	json_w_init(&w, &b);
	json_w_obj(&w);
	JSON_EACH(part, parts) {
		if (kind_of(part) != PART_TEXT)
			continue;
		JSON_EACH(v, json_get(part, "providerMetadata")) {
			if (last_options(parts, v) != v)
				continue;
			json_w_keyn(&w, json_name(v), json_name_len(v));
			json_w_value(&w, v);
		}
	}
	json_w_obj_end(&w);
	if (b.len > strlen("{}"))
		json_w_kraw(&c->w, "providerOptions", b.data);
	buf_clear(&b);
}

static int
write_system(struct conv *c, const struct json *parts,
    struct err *e ATTR_UNUSED)
{
	struct buf text = BUF_INIT;
	const struct json *part, *v;

	JSON_EACH(part, parts) {
		v = json_get(part, "text");
		if (kind_of(part) == PART_TEXT && json_is(v, JSON_STRING))
			buf_add(&text, json_str(v), json_len(v));
	}
	json_w_obj(&c->w);
	json_w_kstr(&c->w, "role", "system");
	json_w_kstrn(&c->w, "content", text.data, text.len);
	write_system_options(c, parts);
	json_w_obj_end(&c->w);
	buf_clear(&text);
	return 0;
}

static const struct {
	const char *role;
	int (*write)(struct conv *, const struct json *, struct err *);
} roles[] = {
	{ "system", write_system },
	{ "user", write_user },
	{ "assistant", write_assistant },
};

static int
write_message(struct conv *c, const struct json *message, struct err *e)
{
	const struct json *parts = json_get(message, "parts");
	size_t i;

	for (i = 0; i < NELEM(roles); i++) {
		if (!json_streq(json_get(message, "role"), roles[i].role))
			continue;
		if (!json_is(parts, JSON_ARRAY))
			return err_set(e, ERR_INPUT, "message: no parts");
		return roles[i].write(c, parts, e);
	}
	return err_set(e, ERR_INPUT, "message: unknown role");
}

int
convert_messages(const struct json *ui_messages,
    const struct convert_opts *opts, struct buf *out, struct err *e)
{
	const struct json *message, *last_user = NULL;
	size_t before = out->len;
	struct conv c = { .ignore_incomplete = opts != NULL &&
	    (opts->ignore_incomplete_tool_calls ||
	    flag(opts->options, "ignoreIncompleteToolCalls")) };

	JSON_EACH(message, ui_messages)
		if (json_streq(json_get(message, "role"), "user"))
			last_user = message;
	c.old = last_user != NULL;
	json_w_init(&c.w, out);
	json_w_arr(&c.w);
	JSON_EACH(message, ui_messages) {
		if (message == last_user)
			c.old = false;
		if (write_message(&c, message, e) == -1) {
			buf_cut(out, before);
			return -1;
		}
	}
	json_w_arr_end(&c.w);
	return 0;
}
