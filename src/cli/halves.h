/* SPDX-License-Identifier: GPL-3.0-or-later */
/* halves.h - server half and client half of one process, put together */

/*
 * The parts that a command needs, in one event loop: the server half listens
 * on a Unix socket of its own (PID.sock in the runtime directory), the client
 * half is connected to it as to any other server. Sessions that another
 * process owns are passed on by the server half, so commands need not know.
 *
 * SIGINT, SIGTERM and SIGHUP remove the socket and end the program, unless
 * the command takes them with halves_on_signal().
 */

#ifndef CLI_HALVES_H
#define CLI_HALVES_H

#include <stdbool.h>

#include "base/attr.h"

struct agent_host;
struct client;
struct err;
struct event_base;
struct fetch_pool;
struct json;
struct models;
struct opts;
struct server;
struct store;

enum halves_parts {
	HALVES_LOOP,		/* event loop, fetch, configuration, models */
	HALVES_SERVER,		/* and store, agents, server, client; with
				   --remote only the client, of that server */
	HALVES_SERVE,		/* and keys: remote callers, options as defaults */
};

struct halves {
	struct event_base *base;
	struct fetch_pool *fetch;
	const struct json *config;	/* or NULL */
	struct models *models;
	struct store *store;
	struct agent_host *agents;
	struct server *server;
	struct client *client;
	struct halves_priv *priv;
};

int	halves_open(struct halves *h, enum halves_parts parts,
	    const struct opts *o, struct err *e) ATTR_MUST_USE;
void	halves_close(struct halves *h);
/* Where the server half can be reached. */
const char	*halves_socket(const struct halves *h);

typedef void (*halves_signal_fn)(int sig, void *arg);
void	halves_on_signal(struct halves *h, halves_signal_fn fn, void *arg);
/* fn hears of each session whose turn could not be kept (agent.h). */
typedef void (*halves_lost_fn)(const char *id, const struct err *e,
	    void *arg);
void	halves_on_lost(struct halves *h, halves_lost_fn fn, void *arg);
/* Leave SIGINT to somebody else (ui/line). */
void	halves_release_sigint(struct halves *h);

bool	halves_is_idle(const struct halves *h);
/* When nothing runs and no client is connected: fn (serve --background). */
void	halves_on_idle(struct halves *h, void (*fn)(void *arg), void *arg);

/*
 * Others may have put messages into a session that we own: run their turns to
 * the end before we leave. A signal ends it at once.
 */
void	halves_finish(struct halves *h, const char *id);

/* of HALVES_SERVE: the key file, whether it was made, and reading it again;
 * after -1 the keys are those of before */
const char	*halves_key_path(const struct halves *h);
bool		 halves_key_made(const struct halves *h);
int		 halves_read_keys(struct halves *h, struct err *e) ATTR_MUST_USE;
/* The same for the certificate, where there is one. */
int		 halves_read_tls(struct halves *h, const struct opts *o,
		    struct err *e) ATTR_MUST_USE;
/* Which key file the options mean. Caller frees. */
char		*halves_default_keys(const struct opts *o);

/* The path of the configuration. Caller frees. */
char	*halves_config_path(void);

#endif
