/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane.h - the messages of a session as lines one can scroll in */

/*
 * Entries in order: messages, notes of ours, and at the end those messages
 * that are sent and not yet taken up ("pending"). Messages are borrowed and
 * must stay where they are. Nothing is laid out before it is looked at, and
 * only what changed is laid out again.
 *
 *	|  message 41	|	top: entry 42, line 3
 *	|  message 42	|
 *	+---------------+ <- line 3 of it
 *	|  what is seen	|
 *	|  message 43	|
 *	+---------------+
 *
 * Following, the end is seen, whatever comes; else the top stays.
 */

#ifndef UI_PANE_H
#define UI_PANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct grid;
struct message;
struct style;
struct subs;
struct pane;

struct pane *pane_new(const struct style *style);
void	pane_free(struct pane *t);
/* No entries; the messages may go. */
void	pane_reset(struct pane *t);

/* A settled message, or one that follows now: before the pending ones. */
void	pane_add(struct pane *t, const struct message *m);
/* Older ones in front of all. */
void	pane_prepend(struct pane *t,
	    const struct message *const *list, size_t count);
void	pane_add_pending(struct pane *t, const struct message *m);
/* In front of the entry of `before` (one that came late). */
void	pane_insert(struct pane *t, const struct message *m,
	    const struct message *before);
/* The oldest pending one is taken up; false if there is none. */
bool	pane_take_up(struct pane *t, const char *id);
/* The message of this id and all behind it go, but not pending ones. */
void	pane_cut(struct pane *t, const char *id);
void	pane_drop_pending(struct pane *t, const char *id);
size_t	pane_pending(const struct pane *t);
/* A sentence of ours, in a style; filtered. */
void	pane_note(struct pane *t, const char *text,
	    unsigned bits);
/* Only this one is written to (NULL: none). */
void	pane_live(struct pane *t, const struct message *m);
/* Sub-agents of its calls; borrowed. */
void	pane_subs(struct pane *t, const struct subs *subs);
/* This one has changed. */
void	pane_touch(struct pane *t, const struct message *m);
bool	pane_has(const struct pane *t, const char *id);
size_t	pane_count(const struct pane *t);
/* The message of entry i, NULL for a note. */
const struct message *pane_message(const struct pane *t,
	    size_t i);

void	pane_fold(struct pane *t, bool reasoning, bool output);
bool	pane_reasoning(const struct pane *t);
bool	pane_output(const struct pane *t);
/* The style has changed (theme, size): lay all out anew. */
void	pane_forget(struct pane *t);

/* Into rows of the grid from top on, and tell it that they scroll. */
void	pane_draw(struct pane *t, struct grid *g, size_t top,
	    size_t rows, int64_t now_us);
/* Does something on it count seconds? */
bool	pane_ticks(const struct pane *t);

/* Lines: > 0 is down. */
void	pane_scroll(struct pane *t, long lines);
void	pane_home(struct pane *t);
void	pane_end(struct pane *t);
/* Those it was last drawn in. */
size_t	pane_rows(const struct pane *t);
bool	pane_following(const struct pane *t);
/* Is the first entry to be seen? Then older ones are wanted. */
bool	pane_at_start(const struct pane *t);
/* Entries below what is seen. */
size_t	pane_below(const struct pane *t);

/* Go to the next line with words (upwards, or down); they are marked until
 * words is NULL. False: there is none. */
bool	pane_find(struct pane *t, const char *words, bool up);

#endif
