/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list_query.h - the query of E2 as a struct store_list */

#ifndef SERVER_LIST_QUERY_H
#define SERVER_LIST_QUERY_H

#include <stdint.h>

#include "base/attr.h"
#include "store/store.h"

struct err;
struct query;

enum { LIST_SIZE_MAX = 100, LIST_SIZE = 20 };

struct list_query {
	struct store_list list;
	/* what list points to */
	char **types, **tasks, **tags;
};

/* session-protocol 5.5; ERR_REFUSED says which rule was broken. */
int	list_query_read(struct list_query *lq, const struct query *q,
	    int64_t now, struct err *e) ATTR_MUST_USE;
void	list_query_clear(struct list_query *lq);

/* "a,b" as a list that ends in NULL; NULL for NULL. */
char	**list_query_split(const char *text);
void	list_query_free_names(char **names);

#endif
