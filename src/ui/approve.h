/* SPDX-License-Identifier: GPL-3.0-or-later */
/* approve.h - the question whether a tool call may run */

/*
 * Asks about the first call of a message that waits for an answer, with every
 * byte of its arguments shown. Enter says nothing. Keys that were on their
 * way when the question appeared are dropped: it listens only when nothing
 * was typed for APPROVE_QUIET_US.
 *
 * What the server knows of the call comes with it, as the approval's
 * descriptor {"rule":R,"dir":D,"sandbox":S,"edit":true,"preview":{..}}: only then are "for
 * this session", "always" (with the rule in words) and "edit" offered. The
 * answer is the slim assistant message of session-protocol 10; what was
 * chosen beyond it goes into payload.chatd (agent/overlay.h).
 */

#ifndef UI_APPROVE_H
#define UI_APPROVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct grid;
struct message;
struct part;
struct style;

enum { APPROVE_QUIET_US = 250 * 1000 };

enum approve_state {
	APPROVE_NONE,		/* nothing to ask */
	APPROVE_ASK,
	APPROVE_REASON,		/* the composer is asked why not */
	APPROVE_EDIT,		/* the composer holds the arguments */
	APPROVE_LATER,		/* put aside with Esc */
};

enum approve_answer {
	ANSWER_NO_KEY,		/* not a key of ours */
	ANSWER_WAIT,		/* nothing is to be sent yet */
	ANSWER_SEND,		/* approve_write() has it */
	ANSWER_REASON,		/* ask for a line of text */
	ANSWER_EDIT,		/* let the arguments be edited */
};

struct approve {
	enum approve_state state;
	const struct message *m;
	struct part *part;
	struct message *sub;	/* what a sub-agent's call asks, or NULL */
	char *id;		/* of the approval */
	char *answered;		/* ids, each with a blank behind */
	char *rule, *dir, *sandbox;
	bool may_edit;
	char *diff, *path;	/* what it would change, or NULL */
	bool unfolded, unfolds;	/* details are seen; there are some */
	size_t first;		/* of its lines that is seen, behind the head */
	size_t hidden;		/* lines there was no room for */
	bool approved;
	const char *scope;
	char *reason, *input;
	size_t waiting;		/* calls that wait, with this one */
	int64_t quiet;		/* when it begins to listen */
	bool listening;
};

void	approve_init(struct approve *a);
void	approve_clear(struct approve *a);
/* m (or NULL) is the last answer: is there something to ask? True: a new
 * question is here, and keys that wait are to be dropped. */
bool	approve_look(struct approve *a, const struct message *m,
	    int64_t now_us);
/* Somebody has answered this one: the tool's name (caller frees) if it was
 * asked about here, else NULL. */
char	*approve_elsewhere(struct approve *a, const char *id);
/* Is the question to be seen? */
bool	approve_is_open(const struct approve *a);
/* Move in what does not fit. False: all of it is seen. */
bool	approve_scroll(struct approve *a, long lines);
enum approve_answer approve_key(struct approve *a, char key, int64_t now_us);
/* The text that was asked for. */
void	approve_text(struct approve *a, const char *text);
/* The arguments as they are, to be edited. */
void	approve_input(const struct approve *a, struct buf *out);
/* The message to send as JSON, and its payload.chatd, which stays empty when
 * there is nothing in it; it is answered from now on. */
void	approve_write(struct approve *a, struct buf *out, struct buf *chatd);

size_t	approve_rows(const struct approve *a, const struct style *st,
	    size_t cols, size_t max);
void	approve_draw(struct approve *a, const struct style *st,
	    struct grid *g, size_t top, size_t rows);

#endif
