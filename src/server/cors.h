/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cors.h - what a browser wants to read before it shows an answer */

#ifndef SERVER_CORS_H
#define SERVER_CORS_H

struct buf;
struct http_head;

/*
 * origins: those that are let in, NULL-terminated, or NULL for all.
 * Header lines for an answer; without an Origin that is let in none but
 * expose, what a stream lets be read (NULL: the usual).
 */
void	cors_headers(struct buf *b, const struct http_head *head,
	    const char *const *origins, const char *expose);
/* What the answer to a preflight has beside those. */
void	cors_preflight(struct buf *b, const struct http_head *head,
	    const char *const *origins);

#endif
