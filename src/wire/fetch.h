/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fetch.h - HTTP requests within the event loop; the one user of libcurl */

/*
 * libcurl is loaded when the first request starts (dlopen of libcurl.so.4):
 * linked, it would cost every start of the program 6 ms. A pool keeps
 * connections open between requests.
 *
 * A request has three clocks (providers 1.1) and no total timeout. Callbacks
 * come from the loop, never from within fetch_start(); after done() the
 * handle is gone. fetch_cancel() ends it without a further callback.
 */

#ifndef WIRE_FETCH_H
#define WIRE_FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct event_base;

struct fetch_pool;
struct fetch;

/* The head is complete. Header names are lower case. */
struct fetch_head {
	int status;
	const char *content_type;	/* "" if none */
	const struct fetch *fetch;	/* for fetch_header() */
};

struct fetch_result {
	int status;		/* 0: no answer */
	/* ERR_NONE: the body came whole (whatever the status). Else what
	 * broke: UNREACHABLE, TIMEOUT (text says which clock), ... */
	struct err err;
	bool body_begun;	/* some body bytes had come */
};

/* Return -1 to end the transfer: done() then has ERR_FAILED "stopped". */
typedef int (*fetch_head_fn)(const struct fetch_head *head, void *arg);
typedef int (*fetch_body_fn)(const char *bytes, size_t len, void *arg);
typedef void (*fetch_done_fn)(const struct fetch_result *res, void *arg);

struct fetch_opts {
	const char *method;		/* NULL: GET, or POST with a body */
	const char *url;
	const char *unix_path;		/* connect to this socket, or NULL */
	const char *const *headers;	/* "Name: value", NULL-terminated */
	const char *body;		/* copied */
	size_t body_len;
	const char *ca_file;		/* or NULL: the system's */
	/* Refuse addresses of this machine and of private networks, judged
	 * when connecting, so that no name can hide one. No proxy is used. */
	bool public_only;
	long connect_ms;		/* 0: 10 s */
	long first_byte_ms;		/* 0: 120 s, < 0: none */
	long idle_ms;			/* between bytes; 0: 120 s, < 0: none */
	fetch_head_fn on_head;		/* may be NULL */
	fetch_body_fn on_body;
	fetch_done_fn on_done;
	void *arg;
};

struct fetch_pool *fetch_pool_new(struct event_base *base);
/* libcurl is loaded by the first transfer, which takes milliseconds: for who
 * has to wait before that anyway. */
void		 fetch_pool_load(struct fetch_pool *pool);
/* Cancels what is under way. */
void		 fetch_pool_free(struct fetch_pool *pool);
struct fetch	*fetch_start(struct fetch_pool *pool,
		    const struct fetch_opts *opts, struct err *e)
		    ATTR_MUST_USE;
void		 fetch_cancel(struct fetch *f);
/* A header of the answer (lower-case name), or NULL. */
const char	*fetch_header(const struct fetch *f, const char *name);
/* Percent-encode one path segment or query value; caller frees. */
char		*fetch_escape(const char *s);
/* "libcurl/7.88.1 OpenSSL/3.0" for doctor, or NULL and why. */
const char	*fetch_version(struct err *e);

#endif
