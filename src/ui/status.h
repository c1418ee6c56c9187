/* SPDX-License-Identifier: GPL-3.0-or-later */
/* status.h - the last line of the screen */

#ifndef UI_STATUS_H
#define UI_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct grid;

struct status {
	const char *model;	/* or NULL */
	const char *mode;	/* permission mode, or NULL: unknown */
	const char *sandbox;	/* likewise */
	const char *note;	/* what just happened; wins over the rest */
	bool note_bad;
	int64_t tokens;		/* of the session; -1 unknown */
	double context;		/* 0 .. 1 of the model's; < 0 unknown */
	double cost;		/* USD; < 0 unknown */
	bool running;
	int64_t elapsed_ms;
	unsigned spin;
	const char *doing;	/* "thinking" */
	int64_t retry_ms;	/* until the next try; < 0: connected */
	size_t below;		/* entries below what is seen; 0: none */
	bool scrolled;
	bool read_only;
	const char *company;	/* who else looks, or NULL */
};

void	status_draw(const struct status *s, struct grid *g, size_t row);
/* "950", "12.3k", "1.2M" */
void	status_count(char *out, size_t size, int64_t n);

#endif
