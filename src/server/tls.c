/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls.c - TLS 1.2 and newer over a non-blocking socket */

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "server/tls.h"

/* What ERR_ and SSL_ macros come down to. */
#define TLS_FUNCTIONS(X)						\
	X(TLS_server_method) X(SSL_CTX_new) X(SSL_CTX_free)		\
	X(SSL_CTX_ctrl) X(SSL_CTX_set_options)				\
	X(SSL_CTX_use_certificate_chain_file)				\
	X(SSL_CTX_use_PrivateKey_file) X(SSL_CTX_check_private_key)	\
	X(SSL_new) X(SSL_free) X(SSL_set_fd) X(SSL_set_accept_state)	\
	X(SSL_read) X(SSL_write) X(SSL_get_error) X(SSL_shutdown)	\
	X(SSL_is_init_finished)						\
	X(ERR_clear_error) X(ERR_peek_last_error)			\
	X(ERR_reason_error_string)

struct tls {
	void *handle;
	SSL_CTX *ctx;
#define X(name) __typeof__(name) *name;
	TLS_FUNCTIONS(X)
#undef X
};

struct tls_conn {
	const struct tls *lib;
	SSL *ssl;
	bool failed;	/* then nothing may be said any more, not the end too */
};

static int
load(struct tls *t, struct err *e)
{
	/* libssl brings libcrypto, whose names are found through it */
	t->handle = dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);
	if (t->handle == NULL)
		goto failed;
#define X(name)								\
	t->name = (__typeof__(name) *)dlsym(t->handle, #name);		\
	if (t->name == NULL)						\
		goto failed;
	TLS_FUNCTIONS(X)
#undef X
	return 0;
failed:
	err_set(e, ERR_CONFIG, "cannot load libssl.so.3, for TLS");
	return err_hint(e, "install libssl3 (Debian) or openssl");
}

static int
fail(const struct tls *t, const char *what, struct err *e)
{
	const char *why = t->ERR_reason_error_string(
	    t->ERR_peek_last_error());

	return err_set(e, ERR_CONFIG, "%s: %s", what,
	    why != NULL ? why : "it cannot be used for TLS");
}

static int
set_up(struct tls *t, const char *cert, const char *key, struct err *e)
{
	t->ERR_clear_error();
	t->ctx = t->SSL_CTX_new(t->TLS_server_method());
	if (t->ctx == NULL || t->SSL_CTX_ctrl(t->ctx,
	    SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL) != 1)
		return fail(t, "TLS", e);
	t->SSL_CTX_set_options(t->ctx, SSL_OP_NO_RENEGOTIATION |
	    SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	/* our buffer of what is unsent moves when it grows; an idle reader
	 * needs none */
	(void)t->SSL_CTX_ctrl(t->ctx, SSL_CTRL_MODE,
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS,
	    NULL);
	if (t->SSL_CTX_use_certificate_chain_file(t->ctx, cert) != 1)
		return fail(t, cert, e);
	if (t->SSL_CTX_use_PrivateKey_file(t->ctx, key, SSL_FILETYPE_PEM) !=
	    1 || t->SSL_CTX_check_private_key(t->ctx) != 1)
		return fail(t, key, e);
	return 0;
}

struct tls *
tls_new(const char *cert, const char *key, struct err *e)
{
	struct tls *t = xcalloc(1, sizeof(*t));

	if (load(t, e) == 0 && set_up(t, cert, key, e) == 0)
		return t;
	tls_free(t);
	return NULL;
}

/* Connections that are there keep what they were accepted with. */
int
tls_reload(struct tls *t, const char *cert, const char *key, struct err *e)
{
	struct tls fresh = *t;

	fresh.ctx = NULL;
	if (set_up(&fresh, cert, key, e) == -1) {
		if (fresh.ctx != NULL)
			t->SSL_CTX_free(fresh.ctx);
		return -1;
	}
	t->SSL_CTX_free(t->ctx);
	t->ctx = fresh.ctx;
	return 0;
}

/* The library stays: it has handlers for the process's end. */
void
tls_free(struct tls *t)
{
	if (t != NULL && t->ctx != NULL)
		t->SSL_CTX_free(t->ctx);
	free(t);
}

struct tls_conn *
tls_accept(struct tls *t, int fd)
{
	struct tls_conn *c = xcalloc(1, sizeof(*c));

	c->lib = t;
	c->ssl = t->SSL_new(t->ctx);
	if (c->ssl == NULL || t->SSL_set_fd(c->ssl, fd) != 1)
		fatal(__func__, "no memory");
	t->SSL_set_accept_state(c->ssl);
	return c;
}

void
tls_conn_free(struct tls_conn *c)
{
	if (c == NULL)
		return;
	c->lib->SSL_free(c->ssl);
	free(c);
}

/* The result of an operation as that of a system call. */
static ssize_t
result(struct tls_conn *c, int n)
{
	if (n > 0)
		return n;
	switch (c->lib->SSL_get_error(c->ssl, n)) {
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		errno = EAGAIN;
		return -1;
	default:
		c->failed = true;
		errno = ECONNRESET;
		return -1;
	}
}

static int
at_most(size_t len)
{
	return len > INT_MAX ? INT_MAX : (int)len;
}

ssize_t
tls_read(struct tls_conn *c, void *bytes, size_t len)
{
	c->lib->ERR_clear_error();
	return result(c, c->lib->SSL_read(c->ssl, bytes, at_most(len)));
}

ssize_t
tls_write(struct tls_conn *c, const void *bytes, size_t len)
{
	c->lib->ERR_clear_error();
	return result(c, c->lib->SSL_write(c->ssl, bytes, at_most(len)));
}

void
tls_end(struct tls_conn *c)
{
	c->lib->ERR_clear_error();
	if (!c->failed && c->lib->SSL_is_init_finished(c->ssl))
		(void)c->lib->SSL_shutdown(c->ssl);	/* no answer is awaited */
}
