/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fault.h - why a try failed, and whether another one may help */

#ifndef MODEL_FAULT_H
#define MODEL_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct fetch;
struct fetch_result;
struct json;
struct model_entry;

struct fault {
	struct err err;
	bool retry;		/* providers 9.2 */
	bool refused;		/* nobody listens: that is known quickly */
	bool loading;		/* a local server reads its model */
	bool no_stream_options;	/* it does not know this field */
	int64_t wish_ms;	/* the server's, -1: none */
};
#define FAULT_INIT { .err = ERR_INIT, .wish_ms = -1 }

/* Headers of the answer that speak of retrying; call before the body. */
void	fault_headers(struct fault *f, const struct fetch *fetch,
	    bool *forced, bool *forbidden);
/* No answer, or one that broke off. */
void	fault_transfer(struct fault *f, const struct model_entry *en,
	    const struct fetch_result *res);
/* A status that is not 2xx, with what the server said. */
void	fault_status(struct fault *f, const struct model_entry *en,
	    const char *model, int status, const char *body, size_t len);
/* An error object within a 200 (providers 9.3). v is the whole document. */
void	fault_object(struct fault *f, const struct model_entry *en,
	    const struct json *v);
/* Is v one? */
bool	fault_is_object(const struct json *v);
/* "Retry-After: 3", or a date; milliseconds, -1 if neither. */
int64_t	fault_retry_after(const char *value, int64_t now_ms);

#endif
