/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_output.h - what a run prints while it goes on, and at its end */

#ifndef CLI_RUN_OUTPUT_H
#define CLI_RUN_OUTPUT_H

#include <stdint.h>

#include "base/attr.h"

struct err;
struct event_base;
struct item;
struct json;
struct opts;
struct reduce_result;
struct result;

struct run_output;

struct run_output *run_output_new(const struct opts *o,
	    struct event_base *base);
void	run_output_free(struct run_output *ro);
/* The session is known. */
int	run_output_session(struct run_output *ro, const struct item *it,
	    struct err *e) ATTR_MUST_USE;
/* A chunk that has been applied to res's view. */
int	run_output_chunk(struct run_output *ro, int64_t seq,
	    const struct json *chunk, const struct result *res,
	    struct err *e) ATTR_MUST_USE;
int	run_output_control(struct run_output *ro, int64_t seq,
	    const char *subtype, int64_t in_seq, struct err *e)
	    ATTR_MUST_USE;
/* A line of ours comes in between: what is open ends its line. */
void	run_output_break(struct run_output *ro);
/* The server cannot be reached and is asked again; NULL: it is there. */
void	run_output_away(struct run_output *ro, const struct err *why);
/* The terminal has another size. */
void	run_output_resize(struct run_output *ro);
/* A turn is complete. */
int	run_output_turn_end(struct run_output *ro, struct err *e)
	    ATTR_MUST_USE;
/* Whatever happened: the last that is printed on stdout. */
int	run_output_result(struct run_output *ro, const struct result *res,
	    const struct item *it, struct err *e) ATTR_MUST_USE;

#endif
