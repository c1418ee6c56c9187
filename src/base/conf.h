/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conf.h - YAML as JSON */

/*
 * Configuration files, front matter and data files are YAML; everything
 * behind this header sees a struct json. Plain scalars follow the YAML core
 * schema (true, null, numbers); anchors and merge keys are refused, and so
 * are duplicate keys. An error names the file, the line and the column
 * (ERR_CONFIG).
 */

#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stddef.h>

#include "base/attr.h"

struct buf;
struct err;
struct json;
struct json_doc;

enum { CONF_FILE_MAX = 1024 * 1024 };

struct json_doc	*conf_parse(const char *text, size_t len, const char *name,
		    struct err *e) ATTR_MUST_USE;
/* A missing file is ERR_NOT_FOUND, which callers may take as "empty". */
struct json_doc	*conf_read(const char *path, struct err *e) ATTR_MUST_USE;
/*
 * "---\nyaml\n---\nbody": *body is where the rest begins in text. Without
 * front matter *out is NULL and *body is text.
 */
int	conf_front_matter(const char *text, size_t len, const char *name,
	    struct json_doc **out, const char **body, struct err *e)
	    ATTR_MUST_USE;

#endif
