/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pattern.h - regular expressions from strangers */

/*
 * What ECMA-262 patterns and POSIX extended expressions have in common, plus
 * \d \w \s and their opposites, \b, \n \t \r \f \v, \xhh, \uhhhh, (?:...) and
 * lazy quantifiers. Refused are back references, looking around, and what
 * would take much memory or time when compiled.
 */

#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct err;
struct pattern;

enum {
	PATTERN_MAX = 2048,		/* bytes of an expression */
	PATTERN_SUBJECT_MAX = 65536,	/* longer texts never match */
};

/* ERR_CONFIG if it cannot be used. */
struct pattern	*pattern_new(const char *text, struct err *e) ATTR_MUST_USE;
void		 pattern_free(struct pattern *p);
/* Is there a match anywhere in s? */
bool		 pattern_match(const struct pattern *p, const char *s,
		    size_t len);

#endif
