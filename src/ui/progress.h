/* SPDX-License-Identifier: GPL-3.0-or-later */
/* progress.h - the status line of a running turn on stderr */

/*
 * Spinner, what is done, elapsed seconds, tokens: one line that is drawn
 * over itself and erased without a trace. Nothing at all is written unless
 * the descriptor is a terminal that can move its cursor. The timer runs only
 * between start and stop, and not while hidden.
 */

#ifndef UI_PROGRESS_H
#define UI_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct event_base;
struct style;

struct progress;

struct progress *progress_new(struct event_base *base, int fd,
	    const struct style *style);
void	progress_free(struct progress *p);
/* Begin to count from zero; word ("thinking") is copied and made safe. */
void	progress_start(struct progress *p, const char *word);
void	progress_word(struct progress *p, const char *word);
/* About so many have come; shown with the next frame. */
void	progress_tokens(struct progress *p, int64_t tokens);
/* Erase it and end. */
void	progress_stop(struct progress *p);
/* Out of the way of other output, and back; no effect when stopped. */
void	progress_hide(struct progress *p);
void	progress_show(struct progress *p);

#endif
