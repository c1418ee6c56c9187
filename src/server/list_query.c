/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list_query.c - the query of E2 as a struct store_list */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "server/list_query.h"
#include "server/query.h"

static const struct { const char *name; enum store_status status; }
statuses[] = {
	{ "ACTIVE", STATUS_ACTIVE },
	{ "CLOSED", STATUS_CLOSED },
	{ "EXPIRED", STATUS_EXPIRED },
};

char **
list_query_split(const char *text)
{
	size_t n = 0;
	char **out;

	if (text == NULL)
		return NULL;
	out = xcalloc(strlen(text) + 2, sizeof(*out));
	for (;;) {
		size_t len = strcspn(text, ",");

		out[n++] = xstrndup(text, len);
		if (text[len] == '\0')
			return out;
		text += len + 1;
	}
}

void
list_query_free_names(char **names)
{
	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		free(names[i]);
	free(names);
}

static int
read_status(struct store_list *l, const char *text, struct err *e)
{
	char **names = list_query_split(text);
	int rc = 0;

	for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
		size_t s = 0;

		while (s < NELEM(statuses) &&
		    strcmp(statuses[s].name, names[i]) != 0)
			s++;
		if (s < NELEM(statuses))
			l->status |= statuses[s].status;
		else
			rc = err_set(e, ERR_REFUSED, "filter[status]: "
			    "ACTIVE, CLOSED or EXPIRED is wanted");
	}
	list_query_free_names(names);
	return rc;
}

static int
read_page(struct store_list *l, const struct query *q, struct err *e)
{
	int64_t size;

	if (query_int(q, "page[size]", 1, LIST_SIZE_MAX, LIST_SIZE,
	    &size) != 0)
		return err_set(e, ERR_REFUSED,
		    "page[size]: a number from 1 to %d is wanted",
		    LIST_SIZE_MAX);
	l->limit = (int)size;
	l->after = query_get(q, "page[after]");
	l->before = query_get(q, "page[before]");
	if (l->after != NULL && l->before != NULL)
		return err_set(e, ERR_REFUSED,
		    "page[after] and page[before] exclude each other");
	return 0;
}

static int
read_created(struct store_list *l, const struct query *q, int64_t now,
    struct err *e)
{
	const char *period = query_get(q, "filter[createdAt][period]");
	int64_t span = period == NULL ? -1 : clock_parse_span(period);

	if (query_int(q, "filter[createdAt][from]", 0, INT64_MAX, 0,
	    &l->created_from) != 0 ||
	    query_int(q, "filter[createdAt][to]", 0, INT64_MAX, 0,
	    &l->created_to) != 0)
		return err_set(e, ERR_REFUSED,
		    "filter[createdAt]: milliseconds since 1970 are wanted");
	if (span >= 0 && now - span > l->created_from)
		l->created_from = now - span;
	return 0;
}

int
list_query_read(struct list_query *lq, const struct query *q, int64_t now,
    struct err *e)
{
	struct store_list *l = &lq->list;

	memset(lq, 0, sizeof(*lq));
	l->state = -1;
	l->children = true;	/* here a session is a session */
	lq->types = list_query_split(query_get(q, "filter[type]"));
	lq->tasks = list_query_split(query_get(q, "filter[taskIdentifier]"));
	lq->tags = list_query_split(query_get(q, "filter[tags]"));
	l->types = (const char *const *)lq->types;
	l->tasks = (const char *const *)lq->tasks;
	l->tags = (const char *const *)lq->tags;
	l->external_id = query_get(q, "filter[externalId]");
	if (read_page(l, q, e) != 0 || read_created(l, q, now, e) != 0 ||
	    read_status(l, query_get(q, "filter[status]"), e) != 0)
		return -1;
	return 0;
}

void
list_query_clear(struct list_query *lq)
{
	list_query_free_names(lq->types);
	list_query_free_names(lq->tasks);
	list_query_free_names(lq->tags);
	memset(lq, 0, sizeof(*lq));
}
