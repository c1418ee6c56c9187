/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reads.h - which files the model has seen, and as they were then */

/*
 * Edit and Write refuse a file that the model has not read, or that has
 * changed since: otherwise it would overwrite what it does not know of. What
 * counts is the resolved path and the content, not the time of change: a
 * formatter that changed nothing is no reason to read again.
 */

#ifndef TOOL_READS_H
#define TOOL_READS_H

#include <stdbool.h>
#include <stddef.h>

struct reads;

enum reads_state {
	READS_NEVER,
	READS_CHANGED,
	READS_CURRENT,
};

struct reads	*reads_new(void);
void		 reads_free(struct reads *r);
/* The model has seen this content, or has written it. */
void		 reads_note(struct reads *r, const char *path,
		    const char *content, size_t len);
enum reads_state reads_look(const struct reads *r, const char *path,
		    const char *content, size_t len);
void		 reads_forget(struct reads *r);

#endif
