/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls.h - TLS 1.2 and newer over a non-blocking socket */

/*
 * The one module that knows OpenSSL; it is loaded by tls_new(), so that who
 * serves without a certificate does not pay for it. Reading and writing are
 * as read(2) and send(2) are, the handshake is made on the way.
 */

#ifndef SERVER_TLS_H
#define SERVER_TLS_H

#include <sys/types.h>

#include "base/attr.h"

struct err;

struct tls;		/* a certificate and its key */
struct tls_conn;

/* PEM files, the certificate with its chain. ERR_CONFIG. */
struct tls	*tls_new(const char *cert, const char *key, struct err *e)
		    ATTR_MUST_USE;
/* The files have changed: for new connections; -1: all stays as it was. */
int		 tls_reload(struct tls *t, const char *cert, const char *key,
		    struct err *e) ATTR_MUST_USE;
void		 tls_free(struct tls *t);

struct tls_conn	*tls_accept(struct tls *t, int fd);
/* The socket stays open. */
void		 tls_conn_free(struct tls_conn *c);
/* -1 with errno, EAGAIN as usual; 0: the peer has ended it. */
ssize_t		 tls_read(struct tls_conn *c, void *bytes, size_t len);
ssize_t		 tls_write(struct tls_conn *c, const void *bytes, size_t len);
/* Say that nothing more will come. */
void		 tls_end(struct tls_conn *c);

#endif
