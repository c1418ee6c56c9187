/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mem.h - memory that is there or the program ends */

/*
 * None of these returns NULL. Memory whose size a stranger chooses does not
 * come from here but from a struct buf with a ceiling (base/buf.h).
 */

#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

#include "base/attr.h"

void	*xmalloc(size_t size);
void	*xcalloc(size_t count, size_t size);
void	*xreallocarray(void *old, size_t count, size_t size);
char	*xstrdup(const char *s);
char	*xstrndup(const char *s, size_t len);	/* always NUL-terminated */
void	*xmemdup(const void *p, size_t len);
char	*xasprintf(const char *fmt, ...) ATTR_PRINTF(1, 2);

/* Overwrite a secret so that the compiler cannot drop it. */
void	 mem_wipe(void *p, size_t len);

/* Replace *field by a copy of s (NULL allowed), freeing the old one. */
void	 str_replace(char **field, const char *s);

/* What cannot be: say so and abort(). */
void	 fatal(const char *func, const char *fmt, ...)
	    ATTR_PRINTF(2, 3) ATTR_NORETURN;

#endif
