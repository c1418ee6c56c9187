/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list_query.c - the rules of session-protocol 5.5 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/err.h"
#include "server/list_query.h"
#include "server/query.h"

enum { NOW = 1000 * 1000 * 1000 };

static int
read_query(const char *text, struct list_query *lq, struct query **q)
{
	*q = query_new(text);
	return list_query_read(lq, *q, NOW, NULL);
}

static void
done(struct list_query *lq, struct query *q)
{
	list_query_clear(lq);
	query_free(q);
}

static void
has_defaults(void **state)
{
	struct list_query lq;
	struct query *q;

	(void)state;
	assert_int_equal(read_query("", &lq, &q), 0);
	assert_int_equal(lq.list.limit, 20);
	assert_int_equal(lq.list.state, -1);
	assert_int_equal(lq.list.status, 0);
	assert_null(lq.list.types);
	assert_false(lq.list.by_activity);
	done(&lq, q);
}

static void
splits_filters(void **state)
{
	struct list_query lq;
	struct query *q;

	(void)state;
	assert_int_equal(read_query("filter%5Btags%5D=a,b%20c&filter[type]=t"
	    "&filter[taskIdentifier]=x&filter[status]=CLOSED,EXPIRED"
	    "&filter[externalId]=e,f&page[size]=100&page[after]=session_1",
	    &lq, &q), 0);
	assert_string_equal(lq.list.tags[0], "a");
	assert_string_equal(lq.list.tags[1], "b c");
	assert_null(lq.list.tags[2]);
	assert_string_equal(lq.list.types[0], "t");
	assert_string_equal(lq.list.tasks[0], "x");
	assert_int_equal(lq.list.status, STATUS_CLOSED | STATUS_EXPIRED);
	assert_string_equal(lq.list.external_id, "e,f");
	assert_string_equal(lq.list.after, "session_1");
	done(&lq, q);
}

static void
refuses(void **state)
{
	static const char *const bad[] = {
		"page[size]=0", "page[size]=101", "page[size]=x",
		"page[size]=", "page[after]=a&page[before]=b",
		"filter[status]=OPEN", "filter[status]=ACTIVE,",
		"filter[createdAt][from]=yesterday",
	};
	struct list_query lq;
	struct query *q;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(read_query(bad[i], &lq, &q), -1);
		done(&lq, q);
	}
}

static void
reads_times(void **state)
{
	struct list_query lq;
	struct query *q;

	(void)state;
	assert_int_equal(read_query("filter[createdAt][from]=5"
	    "&filter[createdAt][to]=9", &lq, &q), 0);
	assert_int_equal(lq.list.created_from, 5);
	assert_int_equal(lq.list.created_to, 9);
	done(&lq, q);
	assert_int_equal(read_query("filter[createdAt][period]=1h", &lq, &q),
	    0);
	assert_int_equal(lq.list.created_from, NOW - 3600 * 1000);
	done(&lq, q);
	/* unparsable: as if it were not there */
	assert_int_equal(read_query("filter[createdAt][period]=soon", &lq,
	    &q), 0);
	assert_int_equal(lq.list.created_from, 0);
	done(&lq, q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_defaults),
		cmocka_unit_test(splits_filters),
		cmocka_unit_test(refuses),
		cmocka_unit_test(reads_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
