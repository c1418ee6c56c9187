/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_call.c - calling a tool of an MCP server */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/schema.h"
#include "tool/mcp_priv.h"

enum {
	PROGRESS_US = 100 * 1000,	/* at most ten a second (mcp 4.3) */
	DECLINED_MAX = 1000,
};

struct call {
	struct mcp_request *request;
	int64_t progress_at;
	struct buf declined;	/* what it wanted to ask, or "" */
};

/* --------------------------------------------------------------- progress */

static void
progress(const struct json *params, void *arg)
{
	struct tool_run *run = arg;
	struct call *c = run->state;
	struct buf b = BUF_INIT;
	struct json_w w;

	if (clock_mono_us() - c->progress_at < PROGRESS_US)
		return;
	c->progress_at = clock_mono_us();
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kbool(&w, "running", true);
	json_w_kvalue(&w, "progress", json_get(params, "progress"));
	if (json_is_set(json_get(params, "total")))
		json_w_kvalue(&w, "total", json_get(params, "total"));
	if (json_is_set(json_get(params, "message")))
		json_w_kvalue(&w, "message", json_get(params, "message"));
	json_w_obj_end(&w);
	tool_run_output(run, b.data);
	buf_clear(&b);
}

/* Nobody is asked in the middle of a call (HACKING), but people hear of it. */
static void
declined(const struct json *params, void *arg)
{
	struct tool_run *run = arg;
	struct call *c = run->state;
	const char *message = json_get_str(params, "message");
	const char *url = json_get_str(params, "url");

	if (c->declined.len > 0)
		return;
	mcp_add_plain(&c->declined, message == NULL ? "?" : message,
	    DECLINED_MAX);
	if (url != NULL) {
		buf_addc(&c->declined, ' ');
		mcp_add_plain(&c->declined, url, DECLINED_MAX);
	}
}

/* ----------------------------------------------------------------- content */

/* annotations.audience without the assistant: not for the model. */
static bool
is_for_model(const struct json *item)
{
	const struct json *audience = json_path(item, "annotations",
	    "audience", NULL);

	return !json_is(audience, JSON_ARRAY) || json_len(audience) == 0 ||
	    json_lists(audience, "assistant");
}

static void
add_picture(struct tool_run *run, struct buf *model, const struct json *item)
{
	const struct json *data = json_get(item, "data");
	const char *type = json_get_str(item, "mimeType");
	struct buf bytes = BUF_INIT;

	if (type == NULL || !json_is(data, JSON_STRING) ||
	    base64_decode(&bytes, json_str(data), json_len(data)) == -1)
		buf_adds(model, "[content that cannot be read]");
	else if (bytes.len > TOOL_MEDIA_MAX)
		buf_addf(model, "[%s of %zu bytes, too big to be shown]",
		    type, bytes.len);
	else {
		tool_run_media(run, type, bytes.data, bytes.len);
		buf_addf(model, "[%s, %zu bytes, attached]", type, bytes.len);
	}
	buf_clear(&bytes);
}

static void
add_resource(struct buf *model, const struct json *item)
{
	const struct json *r = json_get(item, "resource");
	const struct json *text = json_get(r, "text");
	const char *uri = json_get_str(r, "uri");
	const char *type = json_get_str(r, "mimeType");

	buf_addf(model, "[resource %s]\n", uri == NULL ? "?" : uri);
	if (json_is(text, JSON_STRING))
		tool_add_text(model, json_str(text), json_len(text),
		    TOOL_MODEL_MAX);
	else
		buf_addf(model, "[%s, not text]", type == NULL ? "binary" :
		    type);
}

static void
add_link(struct buf *model, const struct json *item)
{
	const char *name = json_get_str(item, "name");
	const char *uri = json_get_str(item, "uri");

	buf_addf(model, "[link: %s %s]", name == NULL ? "" : name,
	    uri == NULL ? "" : uri);
}

static void
add_item(struct tool_run *run, struct buf *model, const struct json *item)
{
	const char *type = json_get_str(item, "type");
	const struct json *text = json_get(item, "text");

	if (type == NULL || !is_for_model(item))
		return;
	if (model->len > 0)
		buf_addc(model, '\n');
	if (strcmp(type, "text") == 0)
		tool_add_text(model, json_str(text) == NULL ? "" :
		    json_str(text), json_len(text), TOOL_MODEL_MAX);
	else if (strcmp(type, "image") == 0 || strcmp(type, "audio") == 0)
		add_picture(run, model, item);
	else if (strcmp(type, "resource") == 0)
		add_resource(model, item);
	else if (strcmp(type, "resource_link") == 0)
		add_link(model, item);
	else
		buf_adds(model, "[unsupported content]");
}

/* {"content":"..."} says nothing that the text does not. */
static bool
is_only(const struct json *structured, const struct json *text)
{
	const struct json *v = json_first(structured);

	return json_is(structured, JSON_OBJECT) && json_len(structured) == 1 &&
	    json_equal(v, text);
}

/* Does one of the texts hold the same JSON? */
static bool
is_told(const struct json *content, const struct json *structured)
{
	const struct json *item;
	bool told = false;

	JSON_EACH(item, content) {
		const struct json *text = json_get(item, "text");
		struct json_doc *doc;

		if (!json_is(text, JSON_STRING) || told)
			continue;
		doc = json_parse(json_str(text), json_len(text), 0, NULL);
		told = is_only(structured, text) || (doc != NULL &&
		    json_equal(json_root(doc), structured));
		json_doc_free(doc);
	}
	return told;
}

static void
add_structured(struct buf *model, const struct json *result)
{
	const struct json *s = json_get(result, "structuredContent");
	char *text;

	if (!json_is_set(s) || is_told(json_get(result, "content"), s))
		return;
	text = json_text(s);
	if (model->len > 0)
		buf_addc(model, '\n');
	tool_add_text(model, text, strlen(text), TOOL_MODEL_MAX);
	free(text);
}

/* Does it keep what the tool promised? A warning and no failure (mcp 4.2): the
 * tool has done its work, and made a failure of it might be done twice. */
static void
check_structured(const struct mcp_tool *t, const struct json *result,
    struct err *e)
{
	const struct json *s = json_get(result, "structuredContent");
	struct json_doc *schema;
	struct err why = ERR_INIT;

	if (t->output == NULL || json_bool(json_get(result, "isError"), false))
		return;
	schema = json_parse(t->output, strlen(t->output), 0, NULL);
	if (!json_is_set(s))
		err_set(e, ERR_INPUT, "the structured content that its output "
		    "schema promises is missing");
	else if (schema_check(json_root(schema), s, &why) == -1)
		err_set(e, ERR_INPUT, "its structured content does not fit "
		    "its output schema: %s", why.text);
	json_doc_free(schema);
}

/* The result for people: as it came, but for pictures, which are media. */
static void
write_item(struct json_w *w, const struct json *item)
{
	const struct json *v;

	json_w_obj(w);
	JSON_EACH(v, item) {
		if (strcmp(json_name(v), "data") == 0)
			json_w_kint(w, "base64Bytes", (int64_t)json_len(v));
		else
			json_w_kvalue(w, json_name(v), v);
	}
	json_w_obj_end(w);
}

static void
write_output(struct buf *out, const struct mcp_tool *t,
    const struct json *result, const char *asked, const struct err *misfit)
{
	const struct json *item;
	struct json_w w;

	json_w_init(&w, out);
	json_w_obj(&w);
	json_w_kstr(&w, "server", mcp_name(t->mcp));
	json_w_kstr(&w, "tool", t->original);
	json_w_key(&w, "content");
	json_w_arr(&w);
	JSON_EACH(item, json_get(result, "content"))
		write_item(&w, item);
	json_w_arr_end(&w);
	if (json_is_set(json_get(result, "structuredContent")))
		json_w_kvalue(&w, "structuredContent",
		    json_get(result, "structuredContent"));
	if (err_is_set(misfit))
		json_w_kstr(&w, "warning", misfit->text);
	if (*asked != '\0')
		json_w_kstr(&w, "declined", asked);
	json_w_kbool(&w, "isError", json_bool(json_get(result, "isError"),
	    false));
	json_w_obj_end(&w);
}

/* ---------------------------------------------------------------- the call */

static void
answered(struct mcp *m, const struct jsonrpc *msg, const struct err *e,
    void *arg)
{
	struct tool_run *run = arg;
	struct call *c = run->state;
	const struct mcp_tool *t = run->tool->arg;
	struct buf out = BUF_INIT, model = BUF_INIT;
	struct err misfit = ERR_INIT;
	const struct json *item;

	c->request = NULL;
	if (e != NULL || msg->kind == JSONRPC_ERROR) {
		tool_run_fail(run, e != NULL ? e->code : ERR_FAILED,
		    "%.100s of MCP server %.100s failed: %.300s", t->original,
		    mcp_name(m), e != NULL ? e->text : msg->message);
		return;
	}
	JSON_EACH(item, json_get(msg->params, "content"))
		add_item(run, &model, item);
	add_structured(&model, msg->params);
	check_structured(t, msg->params, &misfit);
	if (err_is_set(&misfit))
		buf_addf(&model, "%s[%s: %s]", model.len > 0 ? "\n" : "",
		    t->original, misfit.text);
	if (c->declined.len > 0)
		buf_addf(&model, "%s[The server wanted to ask the user: %s\n"
		    "chatd declined, since it asks nobody in the middle of a "
		    "call.]", model.len > 0 ? "\n" : "", c->declined.data);
	write_output(&out, t, msg->params, c->declined.data, &misfit);
	if (json_bool(json_get(msg->params, "isError"), false))
		err_set(&run->res.err, ERR_FAILED, "%s",
		    model.len > 0 ? model.data : "the tool failed");
	tool_run_give(run, &out, &model);
}

static void
call_stop(struct tool_run *run)
{
	struct call *c = run->state;

	if (c->request != NULL)
		mcp_request_cancel(c->request, "cancelled by the user");
	buf_clear(&c->declined);
	free(c);
}

static void
write_params(struct buf *b, const struct mcp_tool *t,
    const struct json *input)
{
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_kstr(&w, "name", t->original);
	json_w_key(&w, "arguments");
	if (json_is(input, JSON_OBJECT)) {
		json_w_value(&w, input);
	} else {
		json_w_obj(&w);
		json_w_obj_end(&w);
	}
	json_w_key(&w, "_meta");
	json_w_obj(&w);
	/* The id that the request is going to have. */
	json_w_kint(&w, "progressToken", t->mcp->next_id + 1);
	json_w_obj_end(&w);
	json_w_obj_end(&w);
}

struct tool_run *
mcp_call_start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns, struct err *e)
{
	struct tool_run *run = tool_run_new(tool, env, fns);
	struct call *c = xcalloc(1, sizeof *c);
	struct mcp_tool *t = tool->arg;
	struct buf params = BUF_INIT;
	long limit = t->mcp->opts.entry->timeout_ms;

	(void)e;
	buf_init(&c->declined);
	run->state = c;
	run->stop = call_stop;
	write_params(&params, t, input);
	c->request = mcp_request(t->mcp, "tools/call", params.data,
	    limit > 0 ? limit : MCP_CALL_MS, answered, run, &run->res.err);
	buf_clear(&params);
	if (c->request != NULL) {
		c->request->on_progress = progress;
		c->request->on_declined = declined;
	} else {
		tool_run_done(run);
	}
	return run;
}
