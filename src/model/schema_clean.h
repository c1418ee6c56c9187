/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schema_clean.h - JSON Schemas in the shape that providers take */

/*
 * providers 11: the root is an object with properties, $schema and $id go,
 * a boolean schema becomes {}, the depth is capped; simple also drops what
 * grammars of local servers fail on (pattern, format, maxItems).
 */

#ifndef MODEL_SCHEMA_CLEAN_H
#define MODEL_SCHEMA_CLEAN_H

#include <stdbool.h>

struct json;
struct json_w;

void	schema_clean_write(struct json_w *w, const struct json *schema,
	    bool simple);
/* Every object names all its properties as required and takes no others. */
bool	schema_is_strict(const struct json *schema);

#endif
