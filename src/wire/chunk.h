/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chunk.h - the vocabulary of the UI message stream, checked and written */

/*
 * A chunk is one JSON object of an answer (ui-message-stream 2). The list
 * below is the whole vocabulary of AI SDK 5 to 7; the table of fields in
 * chunk.c is what chunk_check() goes by. chunk_*() writers append one compact
 * JSON object to a buf; what may be NULL is left out.
 *
 * Only the version 6 set is ever written (providers 1.5).
 */

#ifndef WIRE_CHUNK_H
#define WIRE_CHUNK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf;
struct err;
struct json;

#define CHUNK_TYPES(X)							\
	X(START, "start") X(FINISH, "finish")				\
	X(MESSAGE_METADATA, "message-metadata")				\
	X(START_STEP, "start-step") X(FINISH_STEP, "finish-step")	\
	X(RESET_STEP, "reset-step") X(ABORT, "abort") X(ERROR, "error")	\
	X(TEXT_START, "text-start") X(TEXT_DELTA, "text-delta")		\
	X(TEXT_END, "text-end")						\
	X(REASONING_START, "reasoning-start")				\
	X(REASONING_DELTA, "reasoning-delta")				\
	X(REASONING_END, "reasoning-end")				\
	X(CUSTOM, "custom") X(SOURCE_URL, "source-url")			\
	X(SOURCE_DOCUMENT, "source-document") X(FILE, "file")		\
	X(REASONING_FILE, "reasoning-file")				\
	X(STEERING_MESSAGE, "steering-message")				\
	X(TOOL_INPUT_START, "tool-input-start")				\
	X(TOOL_INPUT_DELTA, "tool-input-delta")				\
	X(TOOL_INPUT_AVAILABLE, "tool-input-available")			\
	X(TOOL_INPUT_ERROR, "tool-input-error")				\
	X(TOOL_APPROVAL_REQUEST, "tool-approval-request")		\
	X(TOOL_APPROVAL_RESPONSE, "tool-approval-response")		\
	X(TOOL_OUTPUT_AVAILABLE, "tool-output-available")		\
	X(TOOL_OUTPUT_ERROR, "tool-output-error")			\
	X(TOOL_OUTPUT_DENIED, "tool-output-denied")			\
	X(DATA, "data-")	/* a prefix */

enum chunk_type {
#define X(id, name) CHUNK_##id,
	CHUNK_TYPES(X)
#undef X
	CHUNK_TYPE_COUNT
};

const char	*chunk_type_name(enum chunk_type type);
/* -1 when json has no known "type". */
int	chunk_type_of(const struct json *json, enum chunk_type *type);
/* Known type, required fields there, no field of a wrong type. ERR_INPUT. */
int	chunk_check(const struct json *json, enum chunk_type *type,
	    struct err *e) ATTR_MUST_USE;

/* pm: provider metadata as JSON text, or NULL */
void	chunk_start(struct buf *b, const char *message_id,
	    const char *metadata);
void	chunk_finish(struct buf *b, const char *reason, const char *metadata);
void	chunk_message_metadata(struct buf *b, const char *metadata);
/* A chunk of nothing but its type: start-step, finish-step. */
void	chunk_bare(struct buf *b, enum chunk_type type);
void	chunk_abort(struct buf *b, const char *reason);
void	chunk_error(struct buf *b, const char *text);
/* TEXT_START, TEXT_END, REASONING_START, REASONING_END */
void	chunk_block(struct buf *b, enum chunk_type type, const char *id,
	    const char *pm);
/* TEXT_DELTA, REASONING_DELTA */
void	chunk_delta(struct buf *b, enum chunk_type type, const char *id,
	    const char *delta, size_t len, const char *pm);
void	chunk_source_url(struct buf *b, const char *id, const char *url,
	    const char *title);
void	chunk_file(struct buf *b, const char *url, const char *media_type,
	    const char *pm);
/* data: JSON text; id NULL for none */
void	chunk_data(struct buf *b, const char *name, const char *id,
	    const char *data, bool transient);

struct chunk_tool {
	const char *call_id;
	const char *name;
	bool dynamic;
	const char *title;		/* or NULL */
	const char *provider_metadata;	/* JSON text or NULL */
	const char *tool_metadata;	/* JSON text or NULL */
	bool provider_executed;		/* left out when false */
};
void	chunk_tool_input_start(struct buf *b, const struct chunk_tool *t);
void	chunk_tool_input_delta(struct buf *b, const char *call_id,
	    const char *text, size_t len);
/* input: JSON text */
void	chunk_tool_input_available(struct buf *b, const struct chunk_tool *t,
	    const char *input);
void	chunk_tool_input_error(struct buf *b, const struct chunk_tool *t,
	    const char *input, const char *text);
/* descriptor: JSON text or NULL */
void	chunk_tool_approval_request(struct buf *b, const char *approval_id,
	    const char *call_id, const char *descriptor);
/* output: JSON text */
void	chunk_tool_output_available(struct buf *b, const struct chunk_tool *t,
	    const char *output, bool preliminary);
void	chunk_tool_output_error(struct buf *b, const struct chunk_tool *t,
	    const char *text);
void	chunk_tool_output_denied(struct buf *b, const char *call_id);

#endif
