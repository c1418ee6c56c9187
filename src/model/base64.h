/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base64.h - base64 read */

#ifndef MODEL_BASE64_H
#define MODEL_BASE64_H

#include <stddef.h>

struct buf;

/* Append what s says; what is no base64 is skipped. */
void	base64_decode(const char *s, size_t len, struct buf *b);

#endif
