/* SPDX-License-Identifier: GPL-3.0-or-later */
/* omit.h - fields of a request that a model turned out to refuse */

/*
 * No table knows every model: when a request is refused with a message that
 * names an optional field, it is sent once more without, and the model gets
 * the field no more (providers 3.1, 4.2).
 */

#ifndef MODEL_OMIT_H
#define MODEL_OMIT_H

#include <stdbool.h>

struct buf;
struct fault;
struct model;

/* Take out of a request what the model is known to refuse. */
void	omit_apply(const struct model *m, struct buf *request);
/* Does f name a field of the request that can go? Then it has gone. */
bool	omit_learn(struct model *m, const struct fault *f,
	    struct buf *request);

#endif
