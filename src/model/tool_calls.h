/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tool_calls.h - tool calls put together from fragments */

/*
 * Servers cut calls in many ways (providers 2.4). Each fragment finds its
 * call, or opens one; what is known is told at once, and at the end of the
 * answer every call is told whole, or as one that cannot be read.
 */

#ifndef MODEL_TOOL_CALLS_H
#define MODEL_TOOL_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct json;
struct model_call;
struct tool_call;

enum {
	TOOL_CALLS_MAX = 256,
	TOOL_ARGS_MAX = 16 * 1024 * 1024,
};

struct tool_calls {
	struct model_call *call;
	const char *asked;	/* the request: ids in it are taken */
	struct tool_call *list;
	size_t count;
};

void	tool_calls_init(struct tool_calls *tc, struct model_call *call,
	    const char *asked);
void	tool_calls_clear(struct tool_calls *tc);
/* An element of delta.tool_calls. */
void	tool_calls_fragment(struct tool_calls *tc, const struct json *frag);
/* A piece from a provider that cuts calls well. */
struct tool_piece {
	int64_t index;
	const char *id, *name;	/* NULL: said before */
	const char *args;
	size_t len;
	const char *metadata;	/* told with the whole call, or NULL */
};
void	tool_calls_piece(struct tool_calls *tc, const struct tool_piece *p);
/* Has one of this index begun? */
bool	tool_calls_has(const struct tool_calls *tc, int64_t index);
/* The whole arguments of a call, which win over its pieces. */
void	tool_calls_whole(struct tool_calls *tc, int64_t index,
	    const char *args, size_t len);
/* The end; how many calls were told, good or bad. cut: the output limit came;
 * one that never got a name is none. */
size_t	tool_calls_finish(struct tool_calls *tc, bool cut);

#endif
