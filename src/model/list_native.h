/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list_native.h - what local servers tell of models in their own interface */

/*
 * Their GET /v1/models has names and little more. Behind the list as many
 * further requests are made as list_native_ask() wants; what they answer is
 * put into the list. One that fails is no error: the server is older.
 */

#ifndef MODEL_LIST_NATIVE_H
#define MODEL_LIST_NATIVE_H

#include <stdbool.h>
#include <stddef.h>

struct json;
struct model_entry;
struct model_info;

struct native_ask {
	char *url;
	char *body;		/* NULL: GET */
	size_t first, count;	/* the models that it is about */
};

/* The request number step for these models; false: no more. Caller frees url
 * and body. */
bool	list_native_ask(const struct model_entry *en,
	    const struct model_info *infos, size_t count, size_t step,
	    struct native_ask *ask);
/* Its answer, for one of the models that it is about. */
void	list_native_read(struct model_info *info, const struct json *answer);

#endif
