/* SPDX-License-Identifier: GPL-3.0-or-later */
/* attach_file.h - a file as a part of a user message */

/*
 * Images and PDFs become file parts with a data: URL, everything else that is
 * UTF-8 a text part: the file's name and its content in a fence.
 */

#ifndef CLI_ATTACH_FILE_H
#define CLI_ATTACH_FILE_H

#include "base/attr.h"

struct err;
struct json_w;

/* ERR_NOT_FOUND if it cannot be read, ERR_INPUT if it is of no such kind. */
int	attach_file(struct json_w *w, const char *path, struct err *e)
	    ATTR_MUST_USE;

#endif
