/* SPDX-License-Identifier: GPL-3.0-or-later */
/* background.h - a server half that finishes what a session has to do */

/*
 * `chatd serve --background ID` owns the session, runs its turns and leaves by
 * itself when no client is connected and nothing runs.
 */

#ifndef CLI_BACKGROUND_H
#define CLI_BACKGROUND_H

#include <sys/types.h>

#include "base/attr.h"

struct err;
struct halves;
struct item;
struct opts;

int	background_start(const char *id, struct err *e) ATTR_MUST_USE;
/* One for no session in particular, which takes those it is asked about: for
 * a screen. Its socket (caller frees) may not be there yet. */
int	background_any(pid_t *pid, char **path, struct err *e) ATTR_MUST_USE;
/* Unless another process owns the session already, start one that does, and
 * wait until it is there. */
int	background_own(struct halves *h, const struct item *it, struct err *e)
	    ATTR_MUST_USE;
/* What that process runs. */
int	background_serve(struct opts *o, struct err *e);

#endif
