/* SPDX-License-Identifier: GPL-3.0-or-later */
/* card.h - a tool call as lines: what, with what, how long, what came */

#ifndef UI_CARD_H
#define UI_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct lines;
struct message;
struct part;
struct style;

enum {
	CARD_FOLDED = 6,	/* lines of output that are shown folded */
	CARD_MAX = 2000,	/* and not */
};

struct card_look {
	const struct style *style;
	size_t width;
	bool unfolded;
	int64_t ms;		/* how long it ran or runs; -1 unknown */
	const struct message *inside;	/* of its sub-agent, or NULL */
};

void	card_lines(struct lines *out, struct part *p,
	    const struct card_look *look);
/* The call in a line: "ls -la" of {"command":"ls -la"}; not filtered. */
void	card_summary(struct buf *out, struct part *p);
/* The arguments, one below the other, every byte shown (SAFE_SHOW). */
void	card_arguments(struct lines *out, struct part *p,
	    const struct card_look *look);
/* What an edit would change, as a diff; false if it is no edit. */
bool	card_diff(struct lines *out, struct part *p,
	    const struct card_look *look);
/* "0.4s", "12s", "3m05s" */
void	card_time(struct buf *out, int64_t ms);

#endif
