/* SPDX-License-Identifier: GPL-3.0-or-later */
/* title.h - what a session is called until somebody names it */

#ifndef AGENT_TITLE_H
#define AGENT_TITLE_H

#include <stddef.h>

struct message;

enum { TITLE_MAX = 60 };	/* code points */

/* The first words of a text: one line, cut at a word; "" if it has none. */
char	*title_of_text(const char *text, size_t len);	/* caller frees */
char	*title_of_message(const struct message *m);

#endif
