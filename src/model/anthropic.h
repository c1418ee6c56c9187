/* SPDX-License-Identifier: GPL-3.0-or-later */
/* anthropic.h - the Messages API: requests written, answers read */

/*
 * Writing is pure. Reading is fed with one document after the other
 * (providers 4.3); nothing in it knows where the bytes come from.
 */

#ifndef MODEL_ANTHROPIC_H
#define MODEL_ANTHROPIC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "model/anthropic_echo.h"
#include "model/fault.h"
#include "model/model.h"
#include "model/stencil.h"
#include "model/tool_calls.h"

struct json_w;
struct model;
struct turns;

/* Under this name its metadata stands at the parts, as in the AI SDK. */
#define ANTHROPIC_KEY "anthropic"

int	anthropic_request_write(const struct model *m,
	    const struct model_request *rq, struct buf *b, struct err *e)
	    ATTR_MUST_USE;
/* anthropic_messages.c: thinking: whether this request thinks */
void	anthropic_messages_read(const struct model *m,
	    const struct model_request *rq, bool thinking, struct turns *ts);

struct anthropic_stream {
	struct model_call *call;
	struct tool_calls tools;
	struct model_usage usage;
	struct model_usage earlier;	/* of answers that were paused */
	struct echo echo;
	struct buf signature;	/* of the thinking that is open */
	struct buf redacted;
	int64_t fresh;		/* input_tokens: without the cache */
	int64_t index;		/* of the block that text goes to */
	int64_t whole;		/* of a call whose arguments came at once */
	char reason[64];
	char category[64], explanation[256];	/* of a refusal */
	struct stencil same;	/* the last event, if there was only text */
	const struct json *only;	/* while it is looked at: that text */
	bool used;
	bool output;
	bool done;
};

void	anthropic_stream_init(struct anthropic_stream *st,
	    struct model_call *call, const char *asked);
void	anthropic_stream_clear(struct anthropic_stream *st);
int	anthropic_stream_feed(struct anthropic_stream *st, const char *data,
	    size_t len, struct fault *f);
/* It was paused: true if the request, changed, is to be asked again. */
bool	anthropic_stream_more(struct anthropic_stream *st,
	    struct buf *request);
int	anthropic_stream_end(struct anthropic_stream *st, struct fault *f);

#endif
