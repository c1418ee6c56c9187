/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list_cache.h - lists of models, kept for an hour */

/*
 * One file a provider below the state folder, with the address it came from.
 * An old list is not shown any more, but what it says about sizes and prices
 * still holds. Servers of this machine change often and answer quickly: theirs
 * are not kept.
 */

#ifndef MODEL_LIST_CACHE_H
#define MODEL_LIST_CACHE_H

#include <stdbool.h>
#include <stddef.h>

struct json;
struct model;
struct model_entry;
struct model_info;

/* Never fails: what cannot be written is asked for again. */
void	list_cache_write(struct model_entry *en,
	    const struct model_info *infos, size_t count);
/* The list if it is not older than an hour, or NULL; borrowed. */
const struct json *list_cache_fresh(struct model_entry *en);
/* What the list, of whatever age, says about a model, or NULL. */
const struct json *list_cache_find(const struct model *m);

#endif
