/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schema.h - does a JSON value fit a JSON Schema? */

/*
 * The part of JSON Schema (2020-12) that agents, tools and people use:
 * type, enum, const, properties, required, additionalProperties,
 * patternProperties, propertyNames, min/maxProperties, items, prefixItems,
 * contains, min/maxItems, uniqueItems, min/maxLength, pattern, minimum and its
 * kin, multipleOf, allOf, anyOf, oneOf, not, if/then/else, $ref to a local
 * pointer, true and false. "format" and what is unknown is not judged.
 *
 * Patterns are POSIX extended expressions with \d \w \s understood.
 */

#ifndef BASE_SCHEMA_H
#define BASE_SCHEMA_H

#include "base/attr.h"

struct err;
struct json;

/*
 * 0 when value fits. Otherwise -1 and an ERR_INPUT whose text names the place
 * by JSON pointer and what was wanted: "/city: a string is wanted, not 5".
 */
int	schema_check(const struct json *schema, const struct json *value,
	    struct err *e) ATTR_MUST_USE;
/* Is this a schema that schema_check() can use? ERR_CONFIG otherwise. */
int	schema_valid(const struct json *schema, struct err *e) ATTR_MUST_USE;

#endif
