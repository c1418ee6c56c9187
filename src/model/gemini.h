/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gemini.h - Gemini's generateContent: requests written, answers read */

/*
 * Writing is pure. A thought signature may ride on any part and goes back on
 * that very part (providers 5.4). Reading is fed with one document after the
 * other, each with new parts (providers 5.3).
 */

#ifndef MODEL_GEMINI_H
#define MODEL_GEMINI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "model/stencil.h"
#include "model/fault.h"
#include "model/model.h"
#include "model/tool_calls.h"

struct json_w;
struct model;

#define GEMINI_KEY "google"
/* For calls that Gemini did not make (providers 5.4). */
#define GEMINI_UNSIGNED "skip_thought_signature_validator"

int	gemini_request_write(const struct model *m,
	    const struct model_request *rq, struct buf *b, struct err *e)
	    ATTR_MUST_USE;
/* Does this model check the signatures of calls? */
bool	gemini_checks(const struct model *m);
/* The request was refused for a signature: the dummy for all of them, now and
 * in later requests. */
bool	gemini_unsign(struct model *m, struct buf *request);
bool	gemini_refused(const struct model *m, const char *signature);
/* gemini_contents.c: the value of "contents" */
void	gemini_contents_write(const struct model *m,
	    const struct model_request *rq, struct json_w *w);

struct gemini_stream {
	struct model_call *call;
	struct tool_calls tools;
	struct model_usage usage;
	char reason[64];
	char model_said[160];	/* finishMessage */
	struct stencil same;
	struct buf late;	/* the last event that fitted: not yet counted */
	bool used;
	bool blocked;		/* the prompt was refused */
	bool output;
};

void	gemini_stream_init(struct gemini_stream *st, struct model_call *call,
	    const char *asked);
void	gemini_stream_clear(struct gemini_stream *st);
int	gemini_stream_feed(struct gemini_stream *st, const char *data,
	    size_t len, struct fault *f);
int	gemini_stream_end(struct gemini_stream *st, struct fault *f);

#endif
