/* SPDX-License-Identifier: GPL-3.0-or-later */
/* err.c - what went wrong, in words and as a code */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

static const struct {
	const char *name;
	int exit_status;
	int http_status;
} codes[] = {
#define X(name, exit_status, http_status) { #name, exit_status, http_status },
	ERR_CODES(X)
#undef X
};

int
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL || e->code != ERR_NONE)
		return -1;
	e->code = code;
	e->hint[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_errno(struct err *e, enum err_code code, int errnum, const char *fmt, ...)
{
	va_list ap;
	size_t used;

	if (e == NULL || e->code != ERR_NONE)
		return -1;
	e->code = code;
	e->hint[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	used = strlen(e->text);
	snprintf(e->text + used, sizeof e->text - used, ": %s",
	    strerror(errnum));
	return -1;
}

int
err_hint(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL || e->code == ERR_NONE || e->hint[0] != '\0')
		return -1;
	va_start(ap, fmt);
	vsnprintf(e->hint, sizeof e->hint, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_pass(struct err *e, const struct err *from)
{
	if (e != NULL && e->code == ERR_NONE)
		*e = *from;
	return -1;
}

void
err_clear(struct err *e)
{
	if (e == NULL)
		return;
	e->code = ERR_NONE;
	e->text[0] = '\0';
	e->hint[0] = '\0';
}

bool
err_is_set(const struct err *e)
{
	return e != NULL && e->code != ERR_NONE;
}

int
err_exit_status(enum err_code code)
{
	return codes[code].exit_status;
}

int
err_http_status(enum err_code code)
{
	return codes[code].http_status;
}

const char *
err_code_name(enum err_code code)
{
	return codes[code].name;
}

enum err_code
err_code_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < NELEM(codes); i++)
		if (strcmp(codes[i].name, name) == 0)
			return (enum err_code)i;
	return ERR_FAILED;
}

enum err_code
err_code_of_http(int http_status)
{
	switch (http_status) {
	case 401:
		return ERR_AUTH;
	case 402:
	case 403:
		return ERR_FORBIDDEN;
	case 404:
	case 410:
		return ERR_NOT_FOUND;
	case 409:
		return ERR_CONFLICT;
	case 413:
		return ERR_TOO_BIG;
	case 422:
		return ERR_INVALID;
	case 429:
	case 503:
	case 529:
		return ERR_BUSY;
	}
	if (http_status == 0 || http_status >= 500)
		return ERR_UNREACHABLE;
	if (http_status >= 400)
		return ERR_REFUSED;
	return ERR_NONE;
}
