/* SPDX-License-Identifier: GPL-3.0-or-later */
/* responses.h - the Responses API: requests written, answers read */

/*
 * Writing is pure, and stateless: nothing is stored at the provider, so
 * reasoning goes back encrypted, as it came (providers 3.1). Reading is fed
 * with one document after the other (providers 3.2).
 */

#ifndef MODEL_RESPONSES_H
#define MODEL_RESPONSES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "model/fault.h"
#include "model/model.h"
#include "model/stencil.h"
#include "model/tool_calls.h"

struct json_w;
struct model;

#define RESPONSES_KEY "openai"

int	responses_request_write(const struct model *m,
	    const struct model_request *rq, struct buf *b, struct err *e)
	    ATTR_MUST_USE;
/* responses_input.c: the value of "input"; reasons: the model does */
void	responses_input_write(const struct model *m,
	    const struct model_request *rq, bool reasons, struct json_w *w);

struct responses_stream {
	struct model_call *call;
	struct tool_calls tools;
	struct model_usage usage;
	int64_t item;		/* output_index of the text that is open */
	int64_t summary;	/* and its summary_index */
	char reason[64];
	struct stencil same;	/* the last event, if there was only text */
	const struct json *only;	/* while it is looked at: that text */
	bool thought, spoke;	/* pieces of the open item were told */
	bool used;
	bool refused;
	bool output;
	bool incomplete;
	bool done;
};

void	responses_stream_init(struct responses_stream *st,
	    struct model_call *call, const char *asked);
void	responses_stream_clear(struct responses_stream *st);
int	responses_stream_feed(struct responses_stream *st, const char *data,
	    size_t len, struct fault *f);
int	responses_stream_end(struct responses_stream *st, struct fault *f);

#endif
