/* SPDX-License-Identifier: GPL-3.0-or-later */
/* url.h - URLs as browsers write them */

#ifndef WIRE_URL_H
#define WIRE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf;

/*
 * Append the normal form of an absolute URL, as the href of the WHATWG
 * parser. -1 (and nothing appended) if it is none. Names of hosts outside
 * ASCII become Punycode, mapped to lower case for the Latin, Greek and
 * Cyrillic letters only.
 */
int	url_normalise(const char *s, size_t len, struct buf *out)
	    ATTR_MUST_USE;
/* Append where `to` (of a Location header) leads from base, both in normal
 * form; -1 if nowhere. */
int	url_join(struct buf *out, const char *base, const char *to)
	    ATTR_MUST_USE;
/* "https://host:port", of addresses in normal form */
bool	url_same_origin(const char *a, const char *b);

#endif
