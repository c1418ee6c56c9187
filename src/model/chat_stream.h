/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat_stream.h - answers of the Chat Completions API, as events */

/*
 * Fed with one JSON document after the other (providers 2.3 to 2.6). What has
 * the wrong type is ignored. Nothing here knows where the bytes come from.
 */

#ifndef MODEL_CHAT_STREAM_H
#define MODEL_CHAT_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/fault.h"
#include "model/model.h"
#include "model/stencil.h"
#include "model/think.h"
#include "model/tool_calls.h"

struct chat_stream {
	struct model_call *call;
	struct tool_calls tools;
	struct think think;
	struct buf details;	/* OpenRouter's, elements without brackets */
	struct model_usage usage;
	char reason[64];	/* the last finish_reason */
	struct stencil same;	/* the last event, if there was only text */
	const struct json *only;	/* while it is looked at: that text */
	bool used;		/* usage is known */
	bool refused;
	bool output;		/* something came */
	bool done;		/* [DONE] */
};

/* asked: the request's body, borrowed. */
void	chat_stream_init(struct chat_stream *st, struct model_call *call,
	    const char *asked);
void	chat_stream_clear(struct chat_stream *st);
/* The data of one event, or a whole answer. -1: f says what is wrong. */
int	chat_stream_feed(struct chat_stream *st, const char *data, size_t len,
	    struct fault *f);
/* The body ended well: tell what is left and finish the call. */
int	chat_stream_end(struct chat_stream *st, struct fault *f);

#endif
