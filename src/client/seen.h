/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seen.h - which of the last few thousand ids were there already */

#ifndef CLIENT_SEEN_H
#define CLIENT_SEEN_H

#include <stdbool.h>

/* The window of session-protocol 7.2. Ids are compared by a 64-bit hash. */
enum { SEEN_MAX = 5000 };

struct seen;

struct seen	*seen_new(void);
void		 seen_free(struct seen *s);
void		 seen_reset(struct seen *s);
/* Was it there? It is from now on. */
bool		 seen_add(struct seen *s, const char *id);

#endif
