/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turns.h - messages in turns: the user's and the model's, by blocks */

/*
 * Anthropic and Gemini want user and model to take turns, so neighbours of
 * one side become one, and a side that said nothing is not there. The last
 * block of each turn stays open until it is written: it can still be given
 * a mark.
 */

#ifndef MODEL_TURNS_H
#define MODEL_TURNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"

struct turn {
	bool user;
	struct buf buf;		/* its blocks, without brackets */
	struct json_w w;
};

struct turns {
	struct turn *list;
	size_t count;
};

void	turns_clear(struct turns *ts);
/* Begin a block of this side; the caller adds members and does not close. */
struct json_w *turns_block(struct turns *ts, bool user);
/* Close turn i and write it as an array; mark: cache_control of its last
 * block, JSON text, or NULL. Once for each. */
void	turns_write(const struct turns *ts, size_t i, struct json_w *w,
	    const char *mark);

#endif
