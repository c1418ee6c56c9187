/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_import.h - a session put in as another database had it */

/*
 * Ids, numbers and times stay as they were; an id or external id that is
 * taken is replaced, the latter by none. Nobody sees the session before the
 * commit, so no ownership is needed. All of it goes into the open transaction,
 * which a failing call spoils: the caller has checked what it gives.
 */

#ifndef STORE_STORE_IMPORT_H
#define STORE_STORE_IMPORT_H

#include <stdint.h>

#include "base/attr.h"
#include "store/channel.h"

struct err;
struct item;
struct store;
struct store_import;

struct store_import *store_import_begin(struct store *st,
		    const struct item *from, struct err *e) ATTR_MUST_USE;
/* In order; the number is the place in it. */
int	store_import_record(struct store_import *im, enum channel_dir dir,
	    const struct record *rec, struct err *e) ATTR_MUST_USE;
/* With its number: the caller has seen that there are no holes. */
int	store_import_side_record(struct store_import *im, const char *name,
	    enum channel_dir dir, const struct record *rec, struct err *e)
	    ATTR_MUST_USE;
/* out_seq: see store_put_message() */
int	store_import_message(struct store_import *im, const char *id,
	    const char *role, const char *json, const char *text,
	    int64_t out_seq, struct err *e) ATTR_MUST_USE;
/* in_seq: the cursor "agent", -1: none. Frees im in any case. */
int	store_import_end(struct store_import *im, int64_t in_seq,
	    struct item *out, struct err *e) ATTR_MUST_USE;
/* Instead of the end. */
void	store_import_drop(struct store_import *im);

#endif
