/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mem.c - memory that is there or the program ends */

#include "config.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
fatal(const char *func, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "chatd: %s: ", func);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

void *
xmalloc(size_t size)
{
	void *p = malloc(size == 0 ? 1 : size);

	if (p == NULL)
		fatal(__func__, "out of memory (%zu bytes)", size);
	return p;
}

void *
xcalloc(size_t count, size_t size)
{
	void *p;

	if (count == 0 || size == 0)
		count = size = 1;
	p = calloc(count, size);
	if (p == NULL)
		fatal(__func__, "out of memory (%zu x %zu bytes)", count, size);
	return p;
}

void *
xreallocarray(void *old, size_t count, size_t size)
{
	void *p;

	if (size != 0 && count > SIZE_MAX / size)
		fatal(__func__, "%zu x %zu bytes", count, size);
	p = realloc(old, count * size == 0 ? 1 : count * size);
	if (p == NULL)
		fatal(__func__, "out of memory (%zu x %zu bytes)", count, size);
	return p;
}

char *
xstrdup(const char *s)
{
	return xmemdup(s, strlen(s) + 1);
}

char *
xstrndup(const char *s, size_t len)
{
	char *copy = xmalloc(len + 1);

	if (len > 0)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

void *
xmemdup(const void *p, size_t len)
{
	void *copy = xmalloc(len);

	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		fatal(__func__, "out of memory");
	return s;
}

void
mem_wipe(void *p, size_t len)
{
#ifdef HAVE_EXPLICIT_BZERO
	explicit_bzero(p, len);
#else
	volatile unsigned char *c = p;

	while (len-- > 0)
		*c++ = 0;
#endif
}

void
str_replace(char **field, const char *s)
{
	char *copy = s == NULL ? NULL : xstrdup(s);

	free(*field);
	*field = copy;
}
