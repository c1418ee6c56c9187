/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lost.h - sessions that could not be written, to be taken up again */

/*
 * The disk is full, or another process kept the database locked: what a turn
 * said is gone with its agent, as in a crash. Its session is noted here and
 * tried again, at first after a second, when that does not help after twice
 * the time, up to half a minute. While nothing is noted nobody is woken.
 */

#ifndef AGENT_LOST_H
#define AGENT_LOST_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;

struct lost;

/* Try it: false, and it is to be tried again. */
typedef bool (*lost_fn)(const char *id, void *arg);

struct lost	*lost_new(struct event_base *base, lost_fn fn, void *arg);
void		 lost_free(struct lost *l);
void		 lost_add(struct lost *l, int64_t row, const char *id);
/* Somebody has taken it up. */
void		 lost_remove(struct lost *l, int64_t row);
bool		 lost_has(const struct lost *l, int64_t row);

#endif
