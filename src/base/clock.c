/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock.c - what time it is, replaceable in tests */

#include "config.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"
#include "base/clock.h"

static int64_t
clock_read(clockid_t which, int64_t per_second)
{
	struct timespec ts;

	clock_gettime(which, &ts);
	return (int64_t)ts.tv_sec * per_second +
	    ts.tv_nsec / (1000000000 / per_second);
}

int64_t
clock_ms(void)
{
	const char *fixed = getenv("CHATD_TEST_CLOCK");

	if (fixed != NULL)
		return strtoll(fixed, NULL, 10);
	return clock_read(CLOCK_REALTIME, 1000);
}

int64_t
clock_mono_us(void)
{
	return clock_read(CLOCK_MONOTONIC, 1000000);
}

/* Without printf: each line of a log begins with a time. */
static char *
put_digits(char *out, unsigned n, int width, char behind)
{
	for (int i = width; i-- > 0; n /= 10)
		out[i] = (char)('0' + n % 10);
	out[width] = behind;
	return out + width + 1;
}

char *
clock_iso(int64_t ms, char out[CLOCK_ISO_MAX])
{
	time_t seconds = (time_t)(ms / 1000);
	int rest = (int)(ms % 1000);
	struct tm tm;
	char *p = out;

	if (rest < 0) {
		rest += 1000;
		seconds--;
	}
	if (gmtime_r(&seconds, &tm) == NULL)
		memset(&tm, 0, sizeof tm);	/* no year has that */
	p = put_digits(p, (unsigned)(tm.tm_year + 1900), 4, '-');
	p = put_digits(p, (unsigned)(tm.tm_mon + 1), 2, '-');
	p = put_digits(p, (unsigned)tm.tm_mday, 2, 'T');
	p = put_digits(p, (unsigned)tm.tm_hour, 2, ':');
	p = put_digits(p, (unsigned)tm.tm_min, 2, ':');
	p = put_digits(p, (unsigned)tm.tm_sec, 2, '.');
	p = put_digits(p, (unsigned)rest, 3, 'Z');
	*p = '\0';
	return out;
}

/* "+01:30", "-0200", "Z": minutes east of UTC. */
static int
parse_zone(const char *s, int *minutes)
{
	int hours, mins, sign;

	if ((s[0] == 'Z' || s[0] == 'z') && s[1] == '\0') {
		*minutes = 0;
		return 0;
	}
	if (*s != '+' && *s != '-')
		return -1;
	sign = *s == '-' ? -1 : 1;
	if (sscanf(s + 1, "%2d:%2d", &hours, &mins) != 2 &&
	    sscanf(s + 1, "%2d%2d", &hours, &mins) != 2)
		return -1;
	*minutes = sign * (hours * 60 + mins);
	return 0;
}

int
clock_parse_iso(const char *s, int64_t *ms)
{
	struct tm tm = { 0 };
	int zone, millis = 0, digits = 0;
	const char *p;

	p = strptime(s, "%Y-%m-%d", &tm);
	if (p == NULL)
		return -1;
	if (*p == '\0') {
		*ms = (int64_t)timegm(&tm) * 1000;
		return 0;
	}
	if (*p != 'T' && *p != 't' && *p != ' ')
		return -1;
	p = strptime(p + 1, "%H:%M:%S", &tm);
	if (p == NULL)
		return -1;
	if (*p == '.') {
		for (p++; isdigit((unsigned char)*p); p++, digits++)
			if (digits < 3)
				millis = millis * 10 + (*p - '0');
		for (; digits < 3; digits++)
			millis *= 10;
	}
	if (parse_zone(p, &zone) == -1)
		return -1;
	*ms = ((int64_t)timegm(&tm) - zone * 60) * 1000 + millis;
	return 0;
}

static const struct {
	char unit;
	int64_t ms;
} spans[] = {
	{ 's', 1000 },
	{ 'm', 60 * 1000 },
	{ 'h', 60 * 60 * 1000 },
	{ 'd', 24 * 60 * 60 * 1000 },
	{ 'w', 7 * 24 * 60 * 60 * 1000 },
};

int64_t
clock_parse_span(const char *s)
{
	char *end;
	long long n;
	size_t i;

	if (!isdigit((unsigned char)*s))
		return -1;
	n = strtoll(s, &end, 10);
	if (n > INT64_MAX / spans[NELEM(spans) - 1].ms)
		return -1;
	if (*end == '\0')
		return n * 1000;
	for (i = 0; i < NELEM(spans); i++)
		if (*end == spans[i].unit && end[1] == '\0')
			return n * spans[i].ms;
	return -1;
}

void
clock_age(int64_t ms, int64_t now, char *out, size_t size)
{
	int64_t age = now > ms ? now - ms : 0;
	size_t i = NELEM(spans) - 1;

	while (i > 0 && age < spans[i].ms)
		i--;
	snprintf(out, size, "%" PRId64 "%c", age / spans[i].ms, spans[i].unit);
}
