/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock.h - what time it is, replaceable in tests */

#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Milliseconds since 1970, UTC. CHATD_TEST_CLOCK=ms fixes it (tests). */
int64_t	clock_ms(void);
/* Microseconds of a clock that never goes back. */
int64_t	clock_mono_us(void);

enum { CLOCK_ISO_MAX = 32 };
/* "2026-01-01T00:00:00.000Z" */
char	*clock_iso(int64_t ms, char out[CLOCK_ISO_MAX]);
/* The reverse; also without milliseconds and with +hh:mm. -1 if it is none. */
int	clock_parse_iso(const char *s, int64_t *ms);
/* "15m", "1h", "7d", "30s", "2w", plain seconds; milliseconds, or -1. */
int64_t	clock_parse_span(const char *s);
/* "3s", "12m", "5h", "2d": how long ago, for people. */
void	clock_age(int64_t ms, int64_t now, char *out, size_t size);

#endif
