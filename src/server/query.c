/* SPDX-License-Identifier: GPL-3.0-or-later */
/* query.c - percent-decoding, and what stands behind the "?" */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "server/query.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

char *
query_decode(const char *s, size_t len, bool plus_is_space)
{
	char *out = xmalloc(len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (c == '+' && plus_is_space)
			c = ' ';
		if (c == '%') {
			int hi = i + 2 < len ? hex(s[i + 1]) : -1;
			int lo = i + 2 < len ? hex(s[i + 2]) : -1;

			if (hi < 0 || lo < 0 || (hi | lo) == 0) {
				free(out);
				return NULL;
			}
			c = (char)(hi << 4 | lo);
			i += 2;
		}
		out[n++] = c;
	}
	out[n] = '\0';
	return out;
}

static void
add_pair(struct query *q, const char *s, size_t len)
{
	const char *eq = memchr(s, '=', len);
	size_t name_len = eq == NULL ? len : (size_t)(eq - s);
	char *name, *value;

	if (len == 0 || q->count == QUERY_PAIRS_MAX)
		return;
	name = query_decode(s, name_len, true);
	value = eq == NULL ? xstrdup("") :
	    query_decode(eq + 1, len - name_len - 1, true);
	if (name == NULL || value == NULL) {
		free(name);
		free(value);
		return;
	}
	q->pair[q->count].name = name;
	q->pair[q->count++].value = value;
}

struct query *
query_new(const char *text)
{
	struct query *q;

	if (*text == '\0')
		return NULL;	/* most requests have none */
	q = xcalloc(1, sizeof(*q));
	while (*text != '\0') {
		size_t len = strcspn(text, "&");

		add_pair(q, text, len);
		text += len;
		if (*text == '&')
			text++;
	}
	return q;
}

void
query_free(struct query *q)
{
	if (q == NULL)
		return;
	for (size_t i = 0; i < q->count; i++) {
		free(q->pair[i].name);
		free(q->pair[i].value);
	}
	free(q);
}

const char *
query_get(const struct query *q, const char *name)
{
	for (size_t i = 0; q != NULL && i < q->count; i++) {
		if (strcmp(q->pair[i].name, name) == 0)
			return q->pair[i].value;
	}
	return NULL;
}

int
query_int(const struct query *q, const char *name, int64_t min, int64_t max,
    int64_t otherwise, int64_t *out)
{
	const char *s = query_get(q, name);
	char *end;
	long long n;

	*out = otherwise;
	if (s == NULL)
		return 0;
	errno = 0;
	n = strtoll(s, &end, 10);
	if (s[0] < '0' || s[0] > '9' || *end != '\0' || errno != 0 ||
	    n < min || n > max)
		return -1;
	*out = n;
	return 0;
}

bool
query_flag(const struct query *q, const char *name)
{
	const char *s = query_get(q, name);

	return s != NULL && strcmp(s, "0") != 0 && strcmp(s, "false") != 0;
}
