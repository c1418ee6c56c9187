/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_priv.h - what the files of json share */

/*
 * A document is one block: its head, the first nodes, and its own copy of the
 * text, in which every string and number got a NUL behind it. No string becomes
 * longer than it was, and the NUL takes the place of a quote or of what stood
 * behind the number.
 *
 *	+----------+--------------+--------------------------------+
 *	| json_doc | nodes        | {"type\0:"start\0,"id\0:17\0... |
 *	+----------+--------------+--------------------------------+
 *	     more nodes, where needed: blocks of their own
 */

#ifndef BASE_JSON_PRIV_H
#define BASE_JSON_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

struct json {
	struct json *next;	/* in the container */
	const char *name;	/* NULL for an element */
	union {
		const char *str;	/* JSON_STRING, JSON_NUMBER */
		struct json *first;	/* JSON_ARRAY, JSON_OBJECT */
	} u;
	uint32_t name_len;
	uint32_t len;
	uint8_t type;
};

enum {
	/* a flag of json_parse() beside the public ones: WTF-8 is taken */
	JSON_TAKE_WTF8 = 0x100,
	/* objects with more members are looked through by sorting */
	JSON_SMALL = 16,
};

/* The members of an object by name, then by order; the caller frees. */
struct json_slot {
	struct json *node;
	size_t order;
};
struct json_slot *json_sorted(const struct json *obj);
bool	json_same_name(const struct json *a, const struct json *b);
/* strtod() whatever the locale says; text ends with a NUL. */
double	json_strtod(const char *text);

#endif
