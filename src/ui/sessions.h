/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sessions.h - the list of sessions on the screen */

#ifndef UI_SESSIONS_H
#define UI_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/item.h"

struct grid;
struct json;

struct sessions {
	struct item *list;
	size_t count;
	size_t chosen, first;
	char *query;		/* search: hits are shown, or NULL */
	char **snippets;	/* of hits, one for each, or NULL */
	bool loaded;
};

void	sessions_init(struct sessions *ib);
void	sessions_clear(struct sessions *ib);
/* {"data":[ITEM..]}; what was chosen stays chosen. */
void	sessions_load(struct sessions *ib, const struct json *answer);
/* [{"session":ITEM,"snippet":..}..] */
void	sessions_load_hits(struct sessions *ib, const struct json *answer,
	    const char *query);
void	sessions_move(struct sessions *ib, long by);
/* Choose the session with this id. */
void	sessions_choose(struct sessions *ib, const char *id);
const struct item *sessions_chosen(const struct sessions *ib);
/* current: the id of the session that is open, or NULL. */
void	sessions_draw(struct sessions *ib, struct grid *g, size_t top, size_t rows,
	    const char *current, int64_t now_ms);

#endif
