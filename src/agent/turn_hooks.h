/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn_hooks.h - the hooks of a turn: at its beginning, at its end */

/*
 *	start  SessionStart, UserPromptSubmit  steps ..  Stop  finish
 *	TurnComplete  [turn-complete]
 *
 * What they give to the model is kept in the answer as other context is
 * (HISTORY_BACKGROUND), so a prompt that has been looked at is known by the
 * part data-chatd-hooked and is not looked at again after a crash. A prompt
 * that a hook denies is withdrawn: no model is ever told of it.
 */

#ifndef AGENT_TURN_HOOKS_H
#define AGENT_TURN_HOOKS_H

#include <stdbool.h>

#include "agent/hook_run.h"

struct buf;
struct json_w;
struct turn;

enum { TURN_STOPS_MAX = 5 };	/* so often Stop may ask for another step */

/* A hook runs; its end goes on with turn_go(). */
bool	turn_hooks_begin(struct turn *t);
/* The same with turn_settle(), or with one more step. */
bool	turn_hooks_stop(struct turn *t);
/* The same with the turn's commit. */
bool	turn_hooks_complete(struct turn *t);
void	turn_hooks_cancel(struct turn *t);

/* Its own hook runs: TURN_HOOKS until done() comes with the turn, which sets
 * t->hook to NULL. about is cleared. False: there is none. */
bool	turn_hook(struct turn *t, enum hook_event event, struct buf *about,
	    void (*done)(struct hook_outcome *o, void *turn));
/* Begin what a hook is told; the caller adds members and ends the object. */
void	turn_hooks_about(const struct turn *t, enum hook_event event,
	    struct json_w *w);
/* For struct hook_ask's say(), arg is the turn. */
void	turn_hooks_say(const char *json, void *turn);

#endif
