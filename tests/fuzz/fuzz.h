/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz.h - what every fuzz target has */

#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* libFuzzer's name for it; returns 0 and aborts when something is wrong. */
int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An assertion that no build leaves out. */
#define FUZZ_CHECK(what) do {						\
	if (!(what)) {							\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,	\
		    #what);						\
		abort();						\
	}								\
} while (0)

#endif
