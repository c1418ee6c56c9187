/* SPDX-License-Identifier: GPL-3.0-or-later */
/* realname.h - which file a path means in the end */

#ifndef TOOL_REALNAME_H
#define TOOL_REALNAME_H

/* Absolute path without ".", ".." and double slashes, by the text alone;
 * caller frees. */
char	*realname_clean(const char *path);
/*
 * Symlinks resolved in the longest prefix that exists, also where the last
 * one points to nothing yet; the rest by the text. What cannot be resolved
 * (more than 40 links) gives a path below "/dev/null/", which no file has.
 * Caller frees.
 */
char	*realname(const char *path);

#endif
