/* SPDX-License-Identifier: GPL-3.0-or-later */
/* editor.h - text in the editor of the person */

#ifndef CLI_EDITOR_H
#define CLI_EDITOR_H

#include "base/attr.h"

struct err;

/* $VISUAL, $EDITOR or vi, on a terminal that is free. What it left; caller
 * frees. NULL and why. */
char	*editor_run(const char *text, struct err *e) ATTR_MUST_USE;

#endif
