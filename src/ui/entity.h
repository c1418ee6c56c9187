/* SPDX-License-Identifier: GPL-3.0-or-later */
/* entity.h - "&amp;" and its like as characters */

#ifndef UI_ENTITY_H
#define UI_ENTITY_H

#include <stddef.h>

struct buf;

/* Append what the entity s stands for, safe for a terminal; one that is not
 * known stays as it is written. */
void	entity_add(struct buf *out, const char *s, size_t len);

#endif
