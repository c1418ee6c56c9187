/* SPDX-License-Identifier: GPL-3.0-or-later */
/* think.h - reasoning that stands between tags at the start of the text */

/*
 * For servers that leave <think>...</think> in the content (providers 2.5).
 * Tags may be cut anywhere. A missing end tag means that all is reasoning.
 */

#ifndef MODEL_THINK_H
#define MODEL_THINK_H

#include <stdbool.h>
#include <stddef.h>

struct model_call;

struct think {
	bool inside;		/* or still before the text */
	bool decided;		/* the start was looked at */
	bool trim;		/* blanks before the next text are dropped */
	char held[16];		/* what may become a tag */
	size_t held_len;
};

/* open: the prompt's template has written the start tag already. */
void	think_init(struct think *t, bool open);
void	think_feed(struct think *t, struct model_call *call, const char *s,
	    size_t len);
void	think_end(struct think *t, struct model_call *call);

#endif
