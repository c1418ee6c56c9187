/* SPDX-License-Identifier: GPL-3.0-or-later */
/* url_host.h - the host of a URL */

#ifndef WIRE_URL_HOST_H
#define WIRE_URL_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf;

/*
 * Append the normal form of a host: a name, an IPv4 address in any of its
 * spellings, or an IPv6 address in brackets. -1 if it is none. Only special
 * URLs (http and its kin) have names that are looked into.
 */
int	url_host(struct buf *out, const char *s, size_t len, bool special)
	    ATTR_MUST_USE;

#endif
