/* SPDX-License-Identifier: GPL-3.0-or-later */
/* err.h - what went wrong, in words and as a code */

/*
 * An error of the world (a missing file, a wrong peer, a full disk) is a
 * return of -1 or NULL and a filled struct err: a code and one sentence that
 * names the thing. Low layers fill it, high layers decide; only cli prints.
 *
 * Every function that takes a struct err * accepts NULL. The first error
 * stays: err_set() on an err that is already set does nothing, so that the
 * place that knows most has said it.
 */

#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/*
 * name, exit status (cli.md 4), HTTP status
 */
#define ERR_CODES(X)						\
	X(NONE,		0,	200)				\
	X(FAILED,	1,	500)	/* could not go on */	\
	X(REFUSED,	1,	400)	/* a request that is wrong */ \
	X(CONFLICT,	1,	409)				\
	X(TOO_BIG,	1,	413)				\
	X(INVALID,	1,	422)				\
	X(USAGE,	2,	400)				\
	X(DENIED,	3,	403)	/* a tool call was denied */ \
	X(LIMIT,	4,	429)	/* --max-steps, --max-cost */ \
	X(INPUT,	65,	400)	/* input that cannot be read */ \
	X(NOT_FOUND,	66,	404)				\
	X(UNREACHABLE,	69,	502)				\
	X(IO,		74,	500)	/* disk, database */	\
	X(BUSY,		75,	503)	/* rate limited, overloaded */ \
	X(AUTH,		77,	401)	/* key missing or refused */ \
	X(FORBIDDEN,	77,	403)				\
	X(CONFIG,	78,	500)				\
	X(TIMEOUT,	124,	504)				\
	X(INTERRUPTED,	130,	500)				\
	X(TERMINATED,	143,	500)

enum err_code {
#define X(name, exit_status, http_status) ERR_##name,
	ERR_CODES(X)
#undef X
};

enum {
	ERR_TEXT_MAX = 512,	/* bytes, with the final NUL */
};

struct err {
	enum err_code code;
	char text[ERR_TEXT_MAX];	/* "what: why", no full stop */
	char hint[ERR_TEXT_MAX];	/* what the user can do, or "" */
};

#define ERR_INIT { .code = ERR_NONE }

/* Fill e unless it is set already. Always returns -1. */
int	err_set(struct err *e, enum err_code code, const char *fmt, ...)
	    ATTR_PRINTF(3, 4);
/* The same with ": " and strerror(errnum) behind it. */
int	err_errno(struct err *e, enum err_code code, int errnum,
	    const char *fmt, ...) ATTR_PRINTF(4, 5);
/* Add a hint (a second line for people) to a set error; returns -1. */
int	err_hint(struct err *e, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* What from says, with its hint, unless e is set already; returns -1. */
int	err_pass(struct err *e, const struct err *from);
void	err_clear(struct err *e);
bool	err_is_set(const struct err *e);

int	err_exit_status(enum err_code code);
int	err_http_status(enum err_code code);
/* "NOT_FOUND" and back; unknown words are ERR_FAILED. */
const char	*err_code_name(enum err_code code);
enum err_code	 err_code_by_name(const char *name);
/* The nearest code for an HTTP status that a peer gave (0 = no answer). */
enum err_code	 err_code_of_http(int http_status);

#endif
