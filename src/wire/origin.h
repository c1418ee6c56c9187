/* SPDX-License-Identifier: GPL-3.0-or-later */
/* origin.h - which server a URL means */

#ifndef WIRE_ORIGIN_H
#define WIRE_ORIGIN_H

#include <stdbool.h>

/*
 * "https://host:port" of a URL, or the path of the Unix socket that is used
 * instead: what may stand in a message. Caller frees.
 */
char	*origin_of(const char *url, const char *unix_path);
/* Is it on this machine? A proxy of the environment cannot know that. */
bool	 origin_is_loopback(const char *origin);

#endif
