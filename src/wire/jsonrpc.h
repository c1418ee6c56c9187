/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jsonrpc.h - JSON-RPC 2.0 messages */

#ifndef WIRE_JSONRPC_H
#define WIRE_JSONRPC_H

#include <stdint.h>

#include "base/attr.h"

struct buf;
struct err;
struct json;

enum jsonrpc_kind {
	JSONRPC_REQUEST,
	JSONRPC_NOTIFICATION,
	JSONRPC_RESULT,
	JSONRPC_ERROR,
};

enum jsonrpc_code {
	JSONRPC_NO_METHOD = -32601,
	JSONRPC_BAD_PARAMS = -32602,
};

/* Everything borrowed from the document. */
struct jsonrpc {
	enum jsonrpc_kind kind;
	const struct json *id;		/* NULL: none */
	const char *method;
	const struct json *params;	/* or the result */
	int64_t code;
	const char *message;		/* of an error; never NULL there */
	const struct json *data;
};

/* ERR_INPUT if it is no message. The order of keys does not matter. */
int	jsonrpc_read(struct jsonrpc *out, const struct json *message,
	    struct err *e) ATTR_MUST_USE;

/* Append one message, without a line end; params is JSON text or NULL. */
void	jsonrpc_request(struct buf *out, int64_t id, const char *method,
	    const char *params);
void	jsonrpc_notification(struct buf *out, const char *method,
	    const char *params);
void	jsonrpc_result(struct buf *out, const struct json *id,
	    const char *result);
void	jsonrpc_error(struct buf *out, const struct json *id, int code,
	    const char *message);

#endif
