/* SPDX-License-Identifier: GPL-3.0-or-later */
/* convert.h - UI messages to what a model is told */

/*
 * As convertToModelMessages of AI SDK 7 (ui-message-stream 7). The answer is
 * a JSON array of ModelMessages, which model/ turns into a provider's form.
 */

#ifndef WIRE_CONVERT_H
#define WIRE_CONVERT_H

#include <stdbool.h>

#include "base/attr.h"

struct buf;
struct err;
struct json;

struct convert_opts {
	bool ignore_incomplete_tool_calls;
	const struct json *options;	/* of a vector, or NULL */
};

/* Appends to out. ERR_INPUT for an unknown role, an invalid file URL. */
int	convert_messages(const struct json *ui_messages,
	    const struct convert_opts *opts, struct buf *out, struct err *e)
	    ATTR_MUST_USE;

#endif
