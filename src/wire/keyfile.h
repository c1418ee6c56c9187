/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keyfile.h - the secret keys of a server (cli.md 6) */

/*
 * A text file: one key a line, `#` starts a comment line. The first key signs
 * and all are accepted, so that a new key goes on top and an old one stays
 * below until its tokens have run out.
 *
 * Tokens name an environment (session-protocol 3.5). It must outlive every
 * key, so it does not come from one: the file that chatd makes holds it in the
 * line "# environment env_..."; a file without one means KEYFILE_ENV.
 */

#ifndef WIRE_KEYFILE_H
#define WIRE_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct err;

#define KEYFILE_ENV	"env_default"

enum {
	KEYFILE_MAX = 64 * 1024,	/* bytes of the file */
	KEYFILE_KEY_MAX = 1024,		/* bytes of a key */
};

struct keyfile {
	char *env;
	char **keys;	/* NULL-terminated, at least one */
	size_t count;
	unsigned version;	/* counted up by who reads it again */
};

/*
 * Read it. A file that others can read is refused, for a key there is no
 * secret any more. ERR_NOT_FOUND if there is none.
 */
int	keyfile_open(struct keyfile *k, const char *path, struct err *e)
	    ATTR_MUST_USE;
/*
 * The same, but a missing one is made first, mode 0600, with one new key in
 * it. *made says so. Of two processes that make it at once one wins and both
 * read the same.
 */
int	keyfile_ensure(struct keyfile *k, const char *path, bool *made,
	    struct err *e) ATTR_MUST_USE;
/* The keys are overwritten. */
void	keyfile_clear(struct keyfile *k);
/* Is it one of ours? Takes as long for a wrong key as for a right one. */
bool	keyfile_has(const struct keyfile *k, const char *key);

#endif
