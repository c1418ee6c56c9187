/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jsonrpc.c - JSON-RPC 2.0 messages */

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "wire/jsonrpc.h"

static void
read_error(struct jsonrpc *out, const struct json *error)
{
	out->kind = JSONRPC_ERROR;
	(void)json_int64(json_get(error, "code"), &out->code);
	out->message = json_get_str(error, "message");
	out->data = json_get(error, "data");
	if (out->message == NULL)
		out->message = "an error without a message";
}

int
jsonrpc_read(struct jsonrpc *out, const struct json *message, struct err *e)
{
	const struct json *id = json_get(message, "id");
	const struct json *error = json_get(message, "error");

	memset(out, 0, sizeof *out);
	if (!json_is(message, JSON_OBJECT) ||
	    !json_streq(json_get(message, "jsonrpc"), "2.0"))
		return err_set(e, ERR_INPUT, "not a JSON-RPC 2.0 message");
	out->id = json_is(id, JSON_STRING) || json_is(id, JSON_NUMBER) ? id :
	    NULL;
	out->method = json_get_str(message, "method");
	out->params = json_get(message, "params");
	if (out->method != NULL) {
		out->kind = out->id != NULL ? JSONRPC_REQUEST :
		    JSONRPC_NOTIFICATION;
	} else if (json_is(error, JSON_OBJECT)) {
		read_error(out, error);
	} else if (json_get(message, "result") != NULL && out->id != NULL) {
		out->kind = JSONRPC_RESULT;
		out->params = json_get(message, "result");
	} else {
		return err_set(e, ERR_INPUT, "a JSON-RPC message without "
		    "method, result or error");
	}
	return 0;
}

static void
begin(struct json_w *w, struct buf *out)
{
	json_w_init(w, out);
	json_w_obj(w);
	json_w_kstr(w, "jsonrpc", "2.0");
}

static void
add_method(struct json_w *w, const char *method, const char *params)
{
	json_w_kstr(w, "method", method);
	if (params != NULL)
		json_w_kraw(w, "params", params);
	json_w_obj_end(w);
}

void
jsonrpc_request(struct buf *out, int64_t id, const char *method,
    const char *params)
{
	struct json_w w;

	begin(&w, out);
	json_w_kint(&w, "id", id);
	add_method(&w, method, params);
}

void
jsonrpc_notification(struct buf *out, const char *method, const char *params)
{
	struct json_w w;

	begin(&w, out);
	add_method(&w, method, params);
}

void
jsonrpc_result(struct buf *out, const struct json *id, const char *result)
{
	struct json_w w;

	begin(&w, out);
	json_w_kvalue(&w, "id", id);
	json_w_kraw(&w, "result", result);
	json_w_obj_end(&w);
}

void
jsonrpc_error(struct buf *out, const struct json *id, int code,
    const char *message)
{
	struct json_w w;

	begin(&w, out);
	json_w_kvalue(&w, "id", id);
	json_w_key(&w, "error");
	json_w_obj(&w);
	json_w_kint(&w, "code", code);
	json_w_kstr(&w, "message", message);
	json_w_obj_end(&w);
	json_w_obj_end(&w);
}
