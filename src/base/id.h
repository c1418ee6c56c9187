/* SPDX-License-Identifier: GPL-3.0-or-later */
/* id.h - names that nobody else has */

#ifndef BASE_ID_H
#define BASE_ID_H

#include <stddef.h>
#include <stdint.h>

enum { ID_MAX = 64 };	/* bytes, with the NUL */

/*
 * "session_" + 24 of [a-z0-9]: the first 8 tell the time of making, so that
 * ids sort by age; the rest is random. CHATD_TEST_SEED fixes it (tests).
 */
void	id_make(const char *prefix, char out[ID_MAX]);
/* A random UUID (version 4), for X-Part-Id. */
void	id_uuid(char out[ID_MAX]);
void	id_random(void *out, size_t len);
uint32_t id_random_below(uint32_t limit);	/* 0 .. limit-1 */

#endif
