/* SPDX-License-Identifier: GPL-3.0-or-later */
/* retry.c - when to ask again, and how long to wait before */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "model/fault.h"
#include "model/retry.h"

enum {
	WAIT_FIRST_MS = 1000,
	WAIT_REFUSED_MS = 100,	/* local: 100, 200, 400 */
	WAIT_LOADING_MS = 2000,
	WAIT_MAX_MS = 30 * 1000,
};

void
retry_init(struct retry *r, int tries, int64_t limit_ms, bool local)
{
	*r = (struct retry){
		.tries = tries > 0 ? tries : RETRY_TRIES,
		.limit_ms = limit_ms > 0 ? limit_ms : RETRY_MS,
		.local = local,
	};
}

static int64_t
backoff(const struct retry *r, int64_t first)
{
	int64_t ms = first;

	for (int i = 1; i < r->tried && ms < WAIT_MAX_MS; i++)
		ms *= 2;
	if (ms > WAIT_MAX_MS)
		ms = WAIT_MAX_MS;
	/* +-25 %: many clients must not come back together */
	return ms * 3 / 4 + id_random_below((uint32_t)(ms / 2 + 1));
}

static int64_t
wait_for(const struct retry *r, const struct fault *f)
{
	if (f->wish_ms >= 0)
		return f->wish_ms;
	if (f->loading)
		return WAIT_LOADING_MS;
	return backoff(r, f->refused && r->local ? WAIT_REFUSED_MS :
	    WAIT_FIRST_MS);
}

/* The server's wish does not fit: people decide whether to wait for it. */
static void
name_wish(struct fault *f)
{
	struct err e = f->err;
	char text[ERR_TEXT_MAX - 64];

	(void)snprintf(text, sizeof text, "%.*s", (int)sizeof text - 1,
	    e.text);
	err_clear(&f->err);
	err_set(&f->err, ERR_BUSY, "%s; it asks to wait %lld s", text,
	    (long long)(f->wish_ms + 999) / 1000);
	if (e.hint[0] != '\0')
		err_hint(&f->err, "%s", e.hint);
}

int64_t
retry_wait(struct retry *r, struct fault *f, int64_t took_ms)
{
	int64_t limit = r->limit_ms;

	r->spent_ms += took_ms;
	r->tried++;
	if (!f->retry)
		return -1;
	if (f->loading && limit < RETRY_LOADING_MS)
		limit = RETRY_LOADING_MS;
	else if (r->tried >= r->tries)
		return -1;
	int64_t wait = wait_for(r, f);
	if (r->spent_ms + wait > limit) {
		if (f->wish_ms >= 0)
			name_wish(f);
		return -1;
	}
	r->spent_ms += wait;
	return wait;
}

int64_t
retry_scale(int64_t ms)
{
	const char *second = getenv("CHATD_TEST_RETRY_MS");

	return second != NULL ? ms * strtol(second, NULL, 10) / 1000 : ms;
}
