/* SPDX-License-Identifier: GPL-3.0-or-later */
/* id.c - names that nobody else has */

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/mem.h"

enum { ID_TIME = 8, ID_RANDOM = 16 };

static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";

/* Tests that need the same ids each time; never a secret. */
static bool
random_seeded(void *out, size_t len)
{
	static uint64_t state;
	const char *seed = getenv("CHATD_TEST_SEED");
	unsigned char *p = out;

	if (seed == NULL)
		return false;
	if (state == 0)
		state = strtoull(seed, NULL, 10) * 2 + 1;
	while (len-- > 0) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		*p++ = (unsigned char)(state >> 56);
	}
	return true;
}

void
id_random(void *out, size_t len)
{
	unsigned char *p = out;

	if (random_seeded(out, len))
		return;
	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			fatal(__func__, "getrandom: %s", strerror(errno));
		p += n;
		len -= (size_t)n;
	}
}

uint32_t
id_random_below(uint32_t limit)
{
	uint32_t r, floor = -limit % limit;

	/* values below floor would favour the small results */
	do
		id_random(&r, sizeof r);
	while (r < floor);
	return r % limit;
}

void
id_make(const char *prefix, char out[ID_MAX])
{
	char tail[ID_TIME + ID_RANDOM + 1];
	unsigned char bytes[ID_RANDOM];
	int64_t now = clock_ms();
	int i;

	for (i = ID_TIME - 1; i >= 0; i--) {
		tail[i] = letters[now % 36];
		now /= 36;
	}
	id_random(bytes, sizeof bytes);
	for (i = 0; i < ID_RANDOM; i++)
		tail[ID_TIME + i] = letters[bytes[i] % 36];
	tail[ID_TIME + ID_RANDOM] = '\0';
	snprintf(out, ID_MAX, "%s_%s", prefix, tail);
}

void
id_uuid(char out[ID_MAX])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char b[16];
	size_t i;

	id_random(b, sizeof b);
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (i = 0; i < sizeof b; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = hex[b[i] >> 4];
		*out++ = hex[b[i] & 15];
	}
	*out = '\0';
}
