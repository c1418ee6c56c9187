/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base64.h - bytes as letters (RFC 4648, 4) */

#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

#include "base/attr.h"

struct buf;

void	base64_encode(struct buf *out, const void *bytes, size_t len);
/* -1 if it is none; blanks and line ends in it are passed over. */
int	base64_decode(struct buf *out, const char *s, size_t len)
	    ATTR_MUST_USE;

#endif
