/* SPDX-License-Identifier: GPL-3.0-or-later */
/* who.h - what others on the same session see of us */

#ifndef CLI_WHO_H
#define CLI_WHO_H

struct opts;

/* "anna pts/3"; at another server "anna@host pts/3". Caller frees. */
char	*who_am_i(const struct opts *o);

#endif
