/* SPDX-License-Identifier: GPL-3.0-or-later */
/* strip.h - take out of a body what its sender may not say */

#ifndef SERVER_STRIP_H
#define SERVER_STRIP_H

struct buf;

/*
 * Remove the member at path (names, NULL-terminated), where it is and, if
 * value is given, is that string. Text that is no JSON stays as it is, and so
 * does every byte if there is nothing to remove.
 */
void	strip_member(struct buf *body, const char *const *path,
	    const char *value);

#endif
