/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message_priv.h - what the files of message and reducer share */

#ifndef WIRE_MESSAGE_PRIV_H
#define WIRE_MESSAGE_PRIV_H

#include "wire/message.h"

/* What a type name says; PART_OTHER for unknown ones. */
enum part_type	 part_type_of(const char *name);
/* Does it have fields of its own here? The rest is kept in part->json. */
bool		 part_is_raw(enum part_type type);

struct part	*part_new(enum part_type type, const char *type_name);
/* A part of another type; json is taken over. */
struct part	*part_new_raw(const char *type_name, char *json);
struct part	*part_read(const struct json *json);
void		 part_free(struct part *p);
void		 message_push(struct message *m, struct part *p);
void		 message_remove(struct message *m, struct part *p);

/* "tool-NAME" or "dynamic-tool" */
void		 part_name_tool(struct part *p, const char *name);
/* The guess at a lazy input becomes the input. */
void		 part_settle(struct part *p);

enum { FLAG_ABSENT = -1 };

/* The fields of a tool part that are read and written alike. */
enum tool_field_kind {
	TOOL_STR,
	TOOL_JSON,
	TOOL_FLAG,
};
struct tool_field {
	const char *name;
	size_t offset;
	enum tool_field_kind kind;
};
enum { TOOL_FIELD_COUNT = 13 };
extern const struct tool_field tool_fields[TOOL_FIELD_COUNT];

/*
 * Deep merge of message metadata (ui-message-stream 4.2): base is JSON text
 * or NULL, *out new JSON text. ERR_INPUT where the original throws.
 */
int	metadata_merge(const char *base, const struct json *over, char **out,
	    struct err *e) ATTR_MUST_USE;

#endif
