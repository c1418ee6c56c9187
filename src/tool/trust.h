/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trust.h - what of a project a person has agreed to run */

/*
 * A project's files may name programs and servers. None of them is started
 * before a person has seen it and said yes (architecture.md 6). The answer is
 * kept for the folder, the kind, the name and the SHA-256 of all that says
 * what it is: whatever changes, it is asked anew.
 */

#ifndef TOOL_TRUST_H
#define TOOL_TRUST_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/sha256.h"

struct buf;
struct err;

enum trust {
	TRUST_UNKNOWN,	/* nobody was asked, or it changed since */
	TRUST_YES,
	TRUST_NO,
};

struct trust_key {
	const char *kind;	/* "mcp", "tool", "hook", "agent" */
	const char *dir;	/* the folder whose file names it */
	const char *name;
	char sum[SHA256_HEX];
};

/* If word names a file (from root, if it is no absolute path) that lies below
 * root: what is in it, added to what is summed up. */
void		 trust_add_file(struct buf *seen, const char *root,
		    const char *word);
/* The same for all that look like one in a command for the shell. */
void		 trust_add_command(struct buf *seen, const char *root,
		    const char *command);
/* An unreadable record of answers is no answer. */
enum trust	 trust_get(const struct trust_key *key);
int		 trust_set(const struct trust_key *key, bool yes,
		    struct err *e) ATTR_MUST_USE;
const char	*trust_name(enum trust trust);	/* "not asked", "yes", "no" */

#endif
