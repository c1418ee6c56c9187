/* SPDX-License-Identifier: GPL-3.0-or-later */
/* key.h - a provider's key that a command tells */

/*
 * key_command of the configuration is run without a shell when its key is
 * first wanted, and again when what it told is five minutes old or was
 * refused. Who waits for the same key waits for the same run. What it tells is
 * kept in memory only, and goes into no message and no log.
 */

#ifndef MODEL_KEY_H
#define MODEL_KEY_H

#include <stdbool.h>

#include "base/attr.h"

struct err;
struct json;
struct key_wait;
struct model_entry;
struct models;

/* What the configuration says: words, or a list of them. */
void	key_conf(struct model_entry *en, const struct json *v);
/* Must the command be run before a request? */
bool	key_wanted(const struct model_entry *en);
/* What it told was refused. */
void	key_forget(struct model_entry *en);

/* fn is called once, from the loop: NULL, or why there is no key. */
typedef void (*key_fn)(const struct err *e, void *arg);
struct key_wait	*key_ask(struct models *ms, struct model_entry *en, key_fn fn,
		    void *arg, struct err *e) ATTR_MUST_USE;
void		 key_cancel(struct key_wait *w);
/* End what runs, tell nobody, forget all. */
void		 key_clear(struct model_entry *en);

#endif
