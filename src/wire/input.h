/* SPDX-License-Identifier: GPL-3.0-or-later */
/* input.h - what people write into `in` */

/*
 * The text of an `in` record (session-protocol 9): a message with its
 * trigger, or a stop. Unknown kinds are INPUT_OTHER and get consumed.
 *
 * A chatd client on the Unix socket may add payload.chatd, which says how
 * this turn is to run (struct turn_opts); server/auth removes it from what
 * strangers send.
 */

#ifndef WIRE_INPUT_H
#define WIRE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct buf;
struct err;
struct json;
struct json_doc;

enum input_kind {
	INPUT_OTHER,
	INPUT_MESSAGE,
	INPUT_STOP,
};

enum input_trigger {
	TRIGGER_OTHER,
	TRIGGER_SUBMIT,		/* submit-message */
	TRIGGER_REGENERATE,	/* regenerate-message */
	TRIGGER_ACTION,
	TRIGGER_PRELOAD,
	TRIGGER_CLOSE,
	TRIGGER_HANDOVER,	/* handover-prepare */
};

/* Values are borrowed from the document. */
struct input {
	struct json_doc *doc;
	enum input_kind kind;
	enum input_trigger trigger;
	const struct json *payload;
	const struct json *message;	/* UIMessage, or NULL */
	const char *message_id;		/* or NULL */
	const struct json *metadata;	/* client data, or NULL */
	const struct json *action;	/* or NULL */
	const struct json *chatd;	/* payload.chatd, or NULL */
};

/* Never fails: what cannot be read is INPUT_OTHER. */
void	input_read(struct input *in, const char *text, size_t len);
/* The same over a bare payload (basePayload of a create). */
void	input_read_payload(struct input *in, const struct json *payload);
void	input_clear(struct input *in);
const char	*input_trigger_name(enum input_trigger trigger);	/* or NULL */

struct input_message {
	const char *chat_id;
	enum input_trigger trigger;
	const char *message;	/* JSON text of a UIMessage, or NULL */
	const char *message_id;	/* or NULL */
	const char *metadata;	/* JSON text or NULL */
	const char *action;	/* JSON text or NULL */
	const char *chatd;	/* JSON text or NULL */
};
void	input_write_message(struct buf *b, const struct input_message *m);
void	input_write_stop(struct buf *b, const char *reason);

/*
 * How a turn is to run: payload.chatd. Strings are owned (turn_opts_clear);
 * NULL, 0 or < 0 mean "not said".
 */
struct turn_opts {
	char *model;		/* "openai:gpt-5" */
	char *agent;
	char *system;		/* replaces the system prompt */
	char *append_system;
	char *reasoning;	/* none, low, medium, high */
	char *json_schema;	/* JSON text */
	char *dir;		/* working directory */
	char *permission_mode;	/* default, accept-edits, plan, deny, ... */
	char *allowed;		/* rules, separated by commas */
	char *disallowed;	/* the same; each layer adds to it */
	char *sandbox;		/* read-only, workspace-write, off */
	char *steering;		/* inject, queue: messages during a turn */
	bool network;		/* a tool's child may use it */
	int max_steps;
	int max_seconds;
	int64_t max_tokens;	/* of input and output */
	int64_t compact_at;	/* tokens in the context: summarise */
	double max_cost;	/* USD */
};
void	turn_opts_clear(struct turn_opts *o);
void	turn_opts_read(struct turn_opts *o, const struct json *chatd);
/* Only maxSteps, maxSeconds, maxTokens, maxCost, compactAt. */
void	turn_limits_read(struct turn_opts *o, const struct json *v);
/* What is said in from replaces what is in o. */
void	turn_opts_merge(struct turn_opts *o, const struct turn_opts *from);
/* {} with only what is said. */
void	turn_opts_write(const struct turn_opts *o, struct buf *b);

#endif
