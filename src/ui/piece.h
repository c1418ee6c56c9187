/* SPDX-License-Identifier: GPL-3.0-or-later */
/* piece.h - one part of a message, laid out as lines */

/*
 * A text that grows is fed on into its markdown stream, so that a delta
 * costs as much at the end of a long answer as at its start.
 */

#ifndef UI_PIECE_H
#define UI_PIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/lines.h"

struct md_stream;
struct part;
struct style;
struct subs;

struct piece_look {
	const struct style *style;	/* with marks */
	size_t width;
	bool reasoning, output;		/* unfolded */
	int64_t now_us;
	bool live;			/* it is being written now */
	bool plain;			/* a person's text: no markdown */
	const struct subs *subs;	/* of running calls, or NULL */
};

struct piece {
	struct lines done, open;
	struct md_stream *ms;
	size_t fed;		/* bytes of text that ms has */
	unsigned version;
	bool laid;
	bool gap;		/* a blank line stands before it */
	int64_t began, ended;	/* us; 0: not seen */
};

void	piece_init(struct piece *pc);
void	piece_clear(struct piece *pc);
/* Lay it out anew when asked the next time (width, folding). */
void	piece_forget(struct piece *pc);
/* Bring it up to date with p. True: its lines may have changed. */
bool	piece_update(struct piece *pc, struct part *p,
	    const struct piece_look *look);
size_t	piece_height(const struct piece *pc);
const char *piece_line(const struct piece *pc, size_t i, size_t *len);
/* Does its look change with time alone? */
bool	piece_ticks(const struct piece *pc, const struct part *p);

#endif
