/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schema_priv.h - the keywords of JSON Schema, for the files of schema */

#ifndef BASE_SCHEMA_PRIV_H
#define BASE_SCHEMA_PRIV_H

#include <stdbool.h>

struct json;

/*
 * Sorted by name: the keyword, the shape of what stands behind it in a
 * schema that is well made, and the function of schema.c that obeys it.
 */
#define SCHEMA_KEYWORDS(X)						\
	X("$defs", schema_map, NULL)					\
	X("$ref", ref, check_ref)					\
	X("additionalProperties", schema, check_additional)		\
	X("allOf", schema_list, check_all)				\
	X("anyOf", schema_list, check_any)				\
	X("const", any, check_const)					\
	X("contains", schema, check_contains)				\
	X("definitions", schema_map, NULL)				\
	X("else", schema, NULL)						\
	X("enum", list, check_enum)					\
	X("exclusiveMaximum", number, check_under)			\
	X("exclusiveMinimum", number, check_over)			\
	X("if", schema, check_if)					\
	X("items", schema_or_list, check_items)				\
	X("maxContains", count, NULL)					\
	X("maxItems", count, check_max_items)				\
	X("maxLength", count, check_max_length)				\
	X("maxProperties", count, check_max_members)			\
	X("maximum", number, check_maximum)				\
	X("minContains", count, NULL)					\
	X("minItems", count, check_min_items)				\
	X("minLength", count, check_min_length)				\
	X("minProperties", count, check_min_members)			\
	X("minimum", number, check_minimum)				\
	X("multipleOf", number, check_multiple)				\
	X("not", schema, check_not)					\
	X("oneOf", schema_list, check_one)				\
	X("pattern", pattern, check_pattern)				\
	X("patternProperties", pattern_map, check_pattern_properties)	\
	X("prefixItems", schema_list, check_prefix)			\
	X("properties", schema_map, check_properties)			\
	X("propertyNames", schema, check_names)				\
	X("required", names, check_required)				\
	X("then", schema, NULL)						\
	X("type", type, check_type)					\
	X("uniqueItems", bool, check_unique)

/* The schema that "#/a/0/b" means below root, or NULL. */
const struct json *schema_resolve(const struct json *root, const char *ref);
/* "string" and its kin. */
bool	schema_is_type_name(const struct json *name);

#endif
