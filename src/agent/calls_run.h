/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calls_run.h - the calls that run: started, heard, ended */

#ifndef AGENT_CALLS_RUN_H
#define AGENT_CALLS_RUN_H

struct call;
struct turn;

/* What the model is told of a call that a dead process had started. */
#define CALLS_BROKEN "interrupted: chatd ended while this call ran. What it " \
	"did is unknown; it was not run again."

enum {
	CALLS_PAUSE_MS = 200,	/* between two preliminary outputs, at least */
	/* a large one, kept with all others, waits longer: ms = bytes / this */
	CALLS_PAUSE_BYTES = 20,
};

/* Start what is ready, once all that was written so far is durable; then
 * turn_calls_done(), when nothing runs any more. */
void	calls_start(struct turn *t);
/* tool-output-error */
void	call_failed(struct call *c, const char *why);
/* It cannot go on before a person has answered (descriptor): what runs of it
 * is gone. */
void	call_park(struct call *c, const char *descriptor);
/* End it without a word. */
void	call_cancel(struct call *c);

#endif
