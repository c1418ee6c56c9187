/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message.h - UI messages, and the one reducer that builds them from chunks */

/*
 * A message is what a screen shows and the transcript stores
 * (ui-message-stream 3). It owns its parts; JSON values in it (input, output,
 * metadata) are kept as compact JSON text, so nothing is rewritten.
 *
 * The reducer applies chunks to a message (ui-message-stream 4). It is the
 * only code that does: the agent stores with it, every client shows with it.
 * Appending a delta costs the same however long the answer is.
 */

#ifndef WIRE_MESSAGE_H
#define WIRE_MESSAGE_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"

struct err;
struct json;
struct json_w;

enum message_role {
	ROLE_SYSTEM,
	ROLE_USER,
	ROLE_ASSISTANT,
};
const char	*message_role_name(enum message_role role);

enum part_type {
	PART_TEXT,
	PART_REASONING,
	PART_TOOL,		/* "tool-NAME" and "dynamic-tool" */
	PART_STEP_START,
	PART_DATA,		/* "data-NAME" */
	PART_FILE,
	PART_SOURCE_URL,
	PART_SOURCE_DOCUMENT,
	PART_REASONING_FILE,
	PART_CUSTOM,
	PART_STEERING,
	PART_OTHER,		/* kept as it came */
};

enum part_state {
	STATE_NONE,
	STATE_STREAMING,		/* text, reasoning */
	STATE_DONE,
	STATE_INPUT_STREAMING,		/* tools */
	STATE_INPUT_AVAILABLE,
	STATE_APPROVAL_REQUESTED,
	STATE_APPROVAL_RESPONDED,
	STATE_OUTPUT_AVAILABLE,
	STATE_OUTPUT_ERROR,
	STATE_OUTPUT_DENIED,
};
const char	*part_state_name(enum part_state state);	/* NULL: NONE */

/*
 * Of a tool part; NULL pointers are absent fields. JSON text: input, output,
 * raw_input, tool_metadata, call_metadata, result_metadata, approval.
 *
 * While the input streams, its text so far is in part->text and lazy is set:
 * raw_input is that text, and the guess at what it means is only made when
 * somebody looks. So read input by part_tool_input().
 */
struct part_tool {
	char *call_id;
	char *name;
	bool dynamic;
	char *title;
	char *input;
	char *input_encoding;
	char *output;
	char *raw_input;
	char *error_text;
	char *tool_metadata;
	char *call_metadata;
	char *result_metadata;
	char *approval;		/* the whole approval object */
	int8_t provider_executed;	/* -1 absent, else 0 or 1 */
	int8_t preliminary;
	int8_t dynamic_flag;	/* v7 "dynamic": false on dynamic-tool */
	bool lazy;
};

struct part {
	TAILQ_ENTRY(part) entry;
	enum part_type type;
	char *type_name;	/* as on the wire: "tool-Bash", "data-x" */
	enum part_state state;
	struct buf text;	/* text, reasoning; a lazy tool's input */
	char *id;		/* reasoning, data; or NULL */
	char *metadata;		/* providerMetadata, JSON text or NULL */
	char *data;		/* data part: JSON text of "data" */
	struct part_tool *tool;	/* PART_TOOL only */
	char *citations;	/* text: JSON text or NULL */
	char *json;		/* all other types: the part as JSON text */
	char *extra;		/* fields unknown here, as a JSON object */
	unsigned version;	/* grows with every change (for screens) */
};
TAILQ_HEAD(part_list, part);

struct message {
	char *id;
	enum message_role role;
	char *metadata;		/* JSON text or NULL */
	struct part_list parts;
	size_t part_count;
};

struct message	*message_new(const char *id, enum message_role role);
void		 message_free(struct message *m);
/* A user message of one text part. */
struct message	*message_user_text(const char *id, const char *text,
		    size_t len);
/* Takes any role and any part; what is no message at all is ERR_INPUT. */
struct message	*message_read(const struct json *json, struct err *e)
		    ATTR_MUST_USE;
void		 message_write(const struct message *m, struct json_w *w);
/* Add a part given as JSON, as it is. */
int		 message_add_part(struct message *m, const struct json *json,
		    struct err *e) ATTR_MUST_USE;
/* All text parts, joined by a blank line; not those marked interrupted
 * (providerMetadata.chatd.interrupted). */
void		 message_text(const struct message *m, struct buf *out);
/* What a person answered ({id, approved, reason}), known before the agent
 * says what came of it. False: the message has no such question. */
bool		 message_approval(struct message *m,
		    const struct json *answer);
/* How many tool calls of it wait for a person. */
int		 message_waiting(const struct message *m);
/* Is this the message of a rule-abiding client? (validateUIMessages, the
 * whole list.) ERR_INPUT says what is wrong. */
int		 message_validate(const struct json *list, struct err *e)
		    ATTR_MUST_USE;
/* The auto-send predicates (ui-message-stream 8), over the list's last. */
bool		 message_complete_with_tools(const struct json *list);
bool		 message_complete_with_approvals(const struct json *list);

enum part_state	 part_state_of(const char *name);	/* STATE_NONE: none */
void		 part_write(const struct part *p, struct json_w *w);
/* Text that an interrupted turn left behind and another went on with
 * (providerMetadata.chatd.interrupted). */
bool		 part_is_interrupted(const struct part *p);
/* The input of a tool part as JSON text, a guess while it streams, or NULL.
 * Borrowed, until the part changes. */
const char	*part_tool_input(struct part *p);

/* the reducer */

struct reducer;

enum reduce_flags {
	/* a start with another id discards what was there (4.1) */
	REDUCE_RESET_ON_START = 1,
	/* the first start discards whatever its id (v7 replaying resume) */
	REDUCE_REPLAY = 2,
};

enum reduce_layer {
	REDUCE_SCHEMA,		/* the chunk is none */
	REDUCE_STATE,		/* it does not fit the message */
};

struct reduce_result {
	bool updated;			/* something visible may have changed */
	enum reduce_layer layer;	/* of a failure */
	const char *error_text;		/* an error chunk's text, borrowed */
	struct part *part;		/* the part changed, or NULL */
};

/* Takes over initial (role assistant is continued in place; NULL or another
 * role starts an empty assistant message with initial's id or ""). */
struct reducer	*reducer_new(struct message *initial, unsigned flags);
void		 reducer_free(struct reducer *r);
/* -1: the chunk failed and changed nothing. res may be NULL. */
int		 reducer_apply(struct reducer *r, const struct json *chunk,
		    struct reduce_result *res, struct err *e) ATTR_MUST_USE;
/* Borrowed; stays valid (and changes) while the reducer lives. */
struct message	*reducer_message(struct reducer *r);
struct message	*reducer_take(struct reducer *r);
/* finishReason of the finish chunk seen, or NULL. */
const char	*reducer_finish_reason(const struct reducer *r);
/* Ids of blocks still open, so that a turn can close them: calls fn for each
 * with CHUNK_TEXT_END or CHUNK_REASONING_END. */
typedef void (*reducer_open_fn)(int chunk_type, const char *id, void *arg);
void		 reducer_each_open(const struct reducer *r,
		    reducer_open_fn fn, void *arg);

#endif
