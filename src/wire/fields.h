/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fields.h - tables of what an object of the wire must look like */

/*
 * A table lists the fields of an object, FIELD_END behind them; fields that
 * it does not name are nobody's business. null is a value like others: an
 * optional string may be absent but not null.
 */

#ifndef WIRE_FIELDS_H
#define WIRE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

struct json;

enum field_kind {
	FIELD_STR,
	FIELD_BOOL,
	FIELD_TRUE,
	FIELD_FALSE,
	FIELD_NEVER,		/* must be absent */
	FIELD_ANY,
	FIELD_OBJECT,
	FIELD_META,		/* an object of objects */
	FIELD_STRINGS,		/* an object of strings */
	FIELD_INDEX,		/* a whole number from 0 */
	FIELD_ONE_OF,		/* more: names, NULL */
	FIELD_TABLE,		/* more: a table */
	FIELD_TABLES,		/* more: a table for each element of a list */
	FIELD_VARIANT,		/* more: struct variants */
	FIELD_VARIANTS,		/* the same for each element of a list */
};

struct field {
	const char *name;
	enum field_kind kind;
	bool required;
	const void *more;
};

#define REQ(name, kind)		{ name, FIELD_##kind, true, NULL }
#define OPT(name, kind)		{ name, FIELD_##kind, false, NULL }
#define REQ_OF(name, kind, of)	{ name, FIELD_##kind, true, of }
#define OPT_OF(name, kind, of)	{ name, FIELD_##kind, false, of }
#define FIELD_END		{ NULL, FIELD_ANY, false, NULL }

enum { VARIANT_FIELDS_MAX = 18 };

/* An object whose member key says which table it is to fit. */
struct variant {
	const char *name;	/* NULL: the end */
	struct field fields[VARIANT_FIELDS_MAX];
};
struct variants {
	const char *key;
	const struct variant *list;
};

extern const struct field citation_fields[];
extern const struct variants steering_parts;

/* v is an object that fits; if not, *bad is the field to blame, or "". */
bool	fields_fit(const struct json *v, const struct field *table,
	    const char **bad);
bool	fields_fit_variant(const struct json *v, const struct variants *vs,
	    const char **bad);

#endif
