/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compose.h - the composer: readline's editing, our drawing */

/*
 * Bytes that ui/keys does not know go to readline through compose_bytes();
 * readline never reads the terminal, never writes to it and never waits. What
 * is typed is drawn into the grid. Long pastes are held back and stand in the
 * line as "[pasted 120 lines]" until it is sent.
 *
 * One in a process, because readline has one state.
 */

#ifndef UI_COMPOSE_H
#define UI_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "ui/complete.h"

struct err;
struct grid;

struct compose;

struct compose_opts {
	struct complete_table table;
	const char *history;		/* a file, or NULL */
	/* A whole entry; not empty. True: the history keeps it. */
	bool (*submit)(void *arg, const char *text);
	void *arg;
};

struct compose *compose_new(const struct compose_opts *opts, struct err *e)
	    ATTR_MUST_USE;
void	compose_free(struct compose *c);

void	compose_bytes(struct compose *c, const char *s, size_t len);
void	compose_paste(struct compose *c, const char *s, size_t len);
void	compose_newline(struct compose *c);
/* Enter: sends, or ends a search, or is a newline behind a backslash. */
void	compose_enter(struct compose *c);
/* A line up or down; false if the cursor is in the first or last. */
bool	compose_line(struct compose *c, bool up);
/* Complete, or the next candidate. */
void	compose_tab(struct compose *c);
bool	compose_is_empty(const struct compose *c);
/* Is it vi mode, where Esc is readline's? */
bool	compose_is_vi(const struct compose *c);
/* The same, and keys are commands. */
bool	compose_is_command(const struct compose *c);
/* Is readline in the middle of something (a search, a numeric argument)? */
bool	compose_is_busy(const struct compose *c);
/* Throw away what is typed; false if nothing is. */
bool	compose_discard(struct compose *c);
/* The same, but Up brings it back until the program ends. */
bool	compose_put_by(struct compose *c);
void	compose_set(struct compose *c, const char *text);
/* As it would be sent. Caller frees. */
char	*compose_text(const struct compose *c);
/* What is offered goes, until something is typed; false if nothing is. */
bool	compose_dismiss(struct compose *c);
const char *const *compose_candidates(const struct compose *c,
	    size_t *count, size_t *chosen);

/* Rows it wants at this width, at most max. */
size_t	compose_rows(struct compose *c, size_t cols, size_t max);
void	compose_draw(struct compose *c, struct grid *g, size_t top,
	    size_t rows);

#endif
