/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reducer_priv.h - what the files of the reducer share */

#ifndef WIRE_REDUCER_PRIV_H
#define WIRE_REDUCER_PRIV_H

#include "wire/chunk.h"
#include "wire/message_priv.h"

/* An id of a text or reasoning block that is open, and its part. */
struct open {
	TAILQ_ENTRY(open) entry;
	char *id;
	struct part *part;
};
TAILQ_HEAD(open_list, open);

/*
 * The input text of a tool call, kept by call id beside the message: it
 * outlives the part's input-streaming state, and a second part may go on with
 * it. synced is the part whose lazy text is equal to this one, so that a
 * delta only needs to be appended to both.
 */
struct call {
	char *id;
	char *name;
	char *encoding;
	char *title;
	char *metadata;
	bool dynamic;
	struct buf text;
	const struct part *synced;
};

/* A tool part of the message, to be found by its call id. */
struct tool_at {
	const char *id;
	struct part *part;
	unsigned step;
	struct tool_at *older;	/* of the same id, or NULL */
};

struct reducer {
	struct message *message;
	unsigned flags;
	bool started;			/* a start chunk was seen */
	char *finish_reason;
	struct open_list texts;		/* newest first */
	struct open_list reasonings;
	void *calls;			/* tree of struct call */
	void *tools;			/* tree of struct tool_at, the newest */
	unsigned step;			/* step-starts in the message */
};

/*
 * A handler applies one checked chunk. It looks first and changes then, so
 * that a failure leaves everything as it was.
 */
typedef int (*reduce_fn)(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e);

int	reduce_tool_input_start(struct reducer *r, const struct json *chunk,
	    struct reduce_result *res, struct err *e);
int	reduce_tool_input_delta(struct reducer *r, const struct json *chunk,
	    struct reduce_result *res, struct err *e);
int	reduce_tool_input_available(struct reducer *r,
	    const struct json *chunk, struct reduce_result *res,
	    struct err *e);
int	reduce_tool_input_error(struct reducer *r, const struct json *chunk,
	    struct reduce_result *res, struct err *e);
int	reduce_tool_output_available(struct reducer *r,
	    const struct json *chunk, struct reduce_result *res,
	    struct err *e);
int	reduce_tool_output_error(struct reducer *r, const struct json *chunk,
	    struct reduce_result *res, struct err *e);
int	reduce_tool_output_denied(struct reducer *r,
	    const struct json *chunk, struct reduce_result *res,
	    struct err *e);
int	reduce_tool_approval_request(struct reducer *r,
	    const struct json *chunk, struct reduce_result *res,
	    struct err *e);
int	reduce_tool_approval_response(struct reducer *r,
	    const struct json *chunk, struct reduce_result *res,
	    struct err *e);

/* Tool parts of a stored message, and calls whose input it was still
 * receiving. */
void	reducer_restore_tools(struct reducer *r);
void	reducer_forget_calls(struct reducer *r);
void	reducer_forget_tools(struct reducer *r);
/* The last part goes, which may be a tool's. */
void	reducer_drop_last(struct reducer *r);
/* The part changed: tell whoever watches. */
void	reducer_touch(struct part *p, struct reduce_result *res);

#endif
