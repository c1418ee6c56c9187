/* SPDX-License-Identifier: GPL-3.0-or-later */
/* result.h - what came of a run: its JSON and its exit status (cli.md 3, 4) */

#ifndef CLI_RESULT_H
#define CLI_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "wire/message.h"

struct item;
struct json;
struct json_w;
struct view;

struct result {
	struct view *view;	/* of this run's turns only */
	struct reduce_result changed;	/* by the chunk applied last */
	struct err err;
	struct buf denied;	/* JSON objects, separated by commas */
	int denied_count;
	char *denied_id;	/* the message that was looked at last */
	size_t denied_before;	/* what denied and its count were before */
	int count_before;
	bool pending;		/* one of them waits for an answer */
	bool begun, finished;	/* start, finish were seen in this turn */
	int64_t begun_us;
};

void	result_init(struct result *r);
void	result_clear(struct result *r);
/* A chunk has come: it is applied to the view. */
void	result_chunk(struct result *r, const struct json *chunk);
/* The turn is complete; by us when we stopped it. */
void	result_turn_end(struct result *r, bool by_us);
/* The answer's text. */
void	result_text(const struct result *r, struct buf *out);
/* The same into a file; path NULL: nowhere. */
int	result_keep(const struct result *r, const char *path, struct err *e)
	    ATTR_MUST_USE;
/* The members of the result object; the caller has opened it. */
void	result_write(const struct result *r, const struct item *it,
	    struct json_w *w);
/* --json-schema: the agent asks the model for it, here the answer is looked
 * at. told is the payload.chatd that says which. Sets err. */
void	result_check_schema(struct result *r, const char *told);

#endif
