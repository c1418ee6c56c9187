/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn_priv.h - what the files of the turn share */

/*
 *	turn.c		the flow: which step comes next
 *	turn_ask.c	what the model is asked, whether its answer fits
 *	turn_tools.c	what the turn may use
 *	turn_end.c	every way to end, each with one commit
 *	relay.c		the same flow with a program in the model's place
 */

#ifndef AGENT_TURN_PRIV_H
#define AGENT_TURN_PRIV_H

#include "agent/turn.h"
#include "base/attr.h"
#include "wire/item.h"

struct model;

/* Ask for one step; its events go to fn with the turn. */
int	turn_ask(struct turn *t, struct model *m, model_event_fn fn,
	    struct err *e) ATTR_MUST_USE;
/* What it is told: t->told. */
int	turn_tell(struct turn *t, struct err *e) ATTR_MUST_USE;
/* The next step comes with the loop. */
void	turn_next(struct turn *t);
/* 0: the last step's text fits the schema asked for, or none was.
 * ERR_INPUT: the model may correct it. */
int	turn_check_answer(struct turn *t, struct err *e) ATTR_MUST_USE;
/* The next step says what was wrong with the answer. */
void	turn_ask_correction(struct turn *t, const struct err *why);

/* What the next owner finds if this one dies. */
void	turn_put_state(struct turn *t, int attempts, enum item_state state);
void	turn_finish_step(struct turn *t);
/* Is there no step left? Then e says which limit. */
bool	turn_at_limit(struct turn *t, struct err *e);
/* One more step, unless a limit is reached. */
void	turn_again(struct turn *t);
/* The answer is whole. */
void	turn_settle(struct turn *t);
/* turn-complete and all that belongs to it; finish or abort is written. It
 * waits while another process keeps the database locked. */
void	turn_commit(struct turn *t);
/* What waited for that has been written; the turn is given. */
void	turn_caught_up(void *arg);
/* The same once TurnComplete has been heard. */
void	turn_close(struct turn *t);
/* message-metadata, for when somebody else writes the finish. */
void	turn_write_metadata(struct turn *t);

#endif
