/* SPDX-License-Identifier: GPL-3.0-or-later */
/* halves.c - composes loop, store, agents, server and client */

#include <event2/event.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/leftover.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/proc.h"
#include "cli/config_file.h"
#include "cli/halves.h"
#include "cli/opts.h"
#include "cli/session.h"
#include "client/client.h"
#include "model/model.h"
#include "server/auth.h"
#include "server/server.h"
#include "server/tls.h"
#include "store/store.h"
#include "tool/child.h"
#include "tool/mcp_pool.h"
#include "wire/fetch.h"
#include "wire/keyfile.h"

enum {
	RATE_LIMIT = 60 * 1000,		/* requests a minute */
	DROPPED_MS = 500,		/* for children that end when we do */
};

static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP };

struct halves_priv {
	struct json_doc *config;
	struct turn_opts defaults;
	int64_t warm_ms;	/* of programs that are agents; -1: not said */
	char *socket;
	struct keyfile keys;	/* with HALVES_SERVE */
	char *key_path;
	bool key_made;
	bool ephemeral;
	int held;	/* leftover_hold() */
	const char **origins;
	struct tls *tls;
	struct mcp_pool *mcp;	/* starts nothing before a turn does */
	struct event *signals[NELEM(ending_signals)];
	halves_signal_fn on_signal;
	void *signal_arg;
	halves_lost_fn on_lost;
	void *lost_arg;
	int clients;
	void (*on_idle)(void *arg);
	void *idle_arg;
	void (*agents_idle)(void *arg);	/* arg: the halves */
};

char *
halves_config_path(void)
{
	return path_config("config.yaml");
}

char *
halves_default_keys(const struct opts *o)
{
	return o->key_file != NULL ? xstrdup(o->key_file) :
	    path_config("keys");
}

const char *
halves_key_path(const struct halves *h)
{
	return h->priv->key_path;
}

bool
halves_key_made(const struct halves *h)
{
	return h->priv->key_made;
}

int
halves_read_keys(struct halves *h, struct err *e)
{
	struct keyfile now;

	if (keyfile_open(&now, h->priv->key_path, e) != 0)
		return -1;
	now.version = h->priv->keys.version + 1;
	keyfile_clear(&h->priv->keys);
	h->priv->keys = now;
	return 0;
}

const char *
halves_socket(const struct halves *h)
{
	return h->priv->socket;
}

static int
read_config(struct halves *h, struct err *e)
{
	char *path = halves_config_path();
	struct err why = ERR_INIT;
	double warm;

	h->priv->warm_ms = -1;
	h->priv->config = config_file_read(path, &why);
	free(path);
	if (h->priv->config != NULL) {
		h->config = json_root(h->priv->config);
		str_replace(&h->priv->defaults.model,
		    json_get_str(h->config, "model"));
		str_replace(&h->priv->defaults.agent,
		    json_get_str(h->config, "agent"));
		str_replace(&h->priv->defaults.steering,
		    json_get_str(h->config, "steering"));
		str_replace(&h->priv->defaults.permission_mode,
		    json_get_str(h->config, "permissionMode"));
		str_replace(&h->priv->defaults.sandbox,
		    json_get_str(h->config, "sandbox"));
		turn_limits_read(&h->priv->defaults, h->config);
		if (json_double(json_get(h->config, "warm"), &warm) == 0)
			h->priv->warm_ms = (int64_t)(warm * 1000);
		return 0;
	}
	if (why.code == ERR_NOT_FOUND)
		return 0;	/* no file is an empty one */
	return err_pass(e, &why);
}

static void
signal_came(evutil_socket_t sig, short what, void *arg)
{
	struct halves *h = arg;
	struct sigaction sa;

	(void)what;
	if (h->priv->on_signal != NULL) {
		h->priv->on_signal((int)sig, h->priv->signal_arg);
		return;
	}
	/* as if we had not looked, but without leaving the socket behind */
	if (h->priv->socket != NULL)
		unlink(h->priv->socket);
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	sigaction((int)sig, &sa, NULL);
	raise((int)sig);
}

void
halves_on_signal(struct halves *h, halves_signal_fn fn, void *arg)
{
	h->priv->on_signal = fn;
	h->priv->signal_arg = arg;
}

void
halves_on_lost(struct halves *h, halves_lost_fn fn, void *arg)
{
	h->priv->on_lost = fn;
	h->priv->lost_arg = arg;
}

static void
turn_is_lost(const char *id, const struct err *e, void *arg)
{
	struct halves *h = arg;

	if (h->server != NULL)
		server_lost(h->server, id, e);
	if (h->priv->on_lost != NULL)
		h->priv->on_lost(id, e, h->priv->lost_arg);
}

void
halves_release_sigint(struct halves *h)
{
	if (h->priv->signals[0] != NULL)
		event_free(h->priv->signals[0]);
	h->priv->signals[0] = NULL;
}

static void
open_loop(struct halves *h)
{
	h->base = event_base_new();
	if (h->base == NULL)
		fatal(__func__, "no event loop");
	/* with two, the default would be the lowest (architecture.md 4) */
	event_base_priority_init(h->base, 3);
	for (size_t i = 0; i < NELEM(ending_signals); i++) {
		h->priv->signals[i] = evsignal_new(h->base,
		    ending_signals[i], signal_came, h);
		event_add(h->priv->signals[i], NULL);
	}
	h->fetch = fetch_pool_new(h->base);
}

/* Sockets "PID.sock" of processes that are gone. */
static void
clean_sockets(const char *ours)
{
	char *dir = xstrndup(ours, (size_t)(strrchr(ours, '/') - ours));
	DIR *d = opendir(dir);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (end == entry->d_name || strcmp(end, ".sock") != 0 ||
		    pid <= 0 || proc_alive((pid_t)pid))
			continue;
		unlinkat(dirfd(d), entry->d_name, 0);
	}
	if (d != NULL)
		closedir(d);
	free(dir);
}

static int
open_store(struct halves *h, bool ephemeral, struct err *e)
{
	char *path = ephemeral ? NULL : path_data("chatd.db");
	struct store_opts opts = {
		.base = h->base,
		.path = path,
		.socket = h->priv->socket,
	};
	int r = 0;

	if (path != NULL)
		r = path_make_parent(path, e);
	if (r == 0)
		h->store = store_open(&opts, e);
	free(path);
	return h->store != NULL ? 0 : -1;
}

bool
halves_is_idle(const struct halves *h)
{
	return h->agents == NULL || (h->priv->clients == 0 && agent_running(h->agents) == 0);
}

static void
maybe_idle(struct halves *h)
{
	if (h->priv->on_idle != NULL && halves_is_idle(h))
		h->priv->on_idle(h->priv->idle_arg);
}

static void
agents_idle(void *arg)
{
	struct halves *h = arg;

	if (h->priv->agents_idle != NULL)
		h->priv->agents_idle(h);
	maybe_idle(h);
}

static void
clients_changed(int count, void *arg)
{
	struct halves *h = arg;

	h->priv->clients = count;
	maybe_idle(h);
}

void
halves_on_idle(struct halves *h, void (*fn)(void *arg), void *arg)
{
	h->priv->on_idle = fn;
	h->priv->idle_arg = arg;
}

static void
finish_signalled(int sig, void *arg)
{
	struct halves *h = arg;

	(void)sig;
	event_base_loopbreak(h->base);
}

static void
finish_idle(void *arg)
{
	struct halves *h = arg;

	event_base_loopbreak(h->base);
}

void
halves_finish(struct halves *h, const char *id)
{
	struct item it = { 0 };

	if (h->store == NULL || store_find(h->store, id, &it, NULL) != 0)
		return;
	halves_on_signal(h, finish_signalled, h);
	h->priv->agents_idle = finish_idle;
	if (agent_busy(h->agents, it.row))
		event_base_dispatch(h->base);
	h->priv->agents_idle = NULL;
	item_clear(&it);
}

static int
set_tls(struct halves *h, const struct opts *o, struct err *e)
{
	if (o->tls_cert == NULL && o->tls_key == NULL)
		return 0;
	if (o->tls_cert == NULL || o->tls_key == NULL)
		return err_set(e, ERR_USAGE,
		    "--tls-cert and --tls-key are wanted together");
	h->priv->tls = tls_new(o->tls_cert, o->tls_key, e);
	return h->priv->tls == NULL ? -1 : 0;
}

int
halves_read_tls(struct halves *h, const struct opts *o, struct err *e)
{
	return h->priv->tls == NULL ? 0 :
	    tls_reload(h->priv->tls, o->tls_cert, o->tls_key, e);
}

/* What the command line says is how all sessions run. */
static int
set_remote(struct halves *h, const struct opts *o, struct err *e)
{
	struct turn_opts t = { .max_cost = -1 };
	size_t n = o->origins.count;
	int r = session_turn_opts(&t, o, e);

	if (r == 0)
		turn_opts_merge(&h->priv->defaults, &t);
	turn_opts_clear(&t);
	h->priv->key_path = halves_default_keys(o);
	if (n > 0)
		h->priv->origins = xcalloc(n + 1, sizeof(char *));
	for (size_t i = 0; i < n; i++)
		h->priv->origins[i] = o->origins.items[i];
	if (r == 0)
		r = set_tls(h, o, e);
	return r != 0 ? r : keyfile_ensure(&h->priv->keys, h->priv->key_path,
	    &h->priv->key_made, e);
}

/* The name of our socket goes to other processes, in other folders. */
static char *
socket_path(const struct opts *o, struct err *e)
{
	char name[32], *dir, *path = NULL;

	if (o->unix_path == NULL) {
		snprintf(name, sizeof(name), "%ld.sock", (long)getpid());
		path = path_runtime(name, e);
		if (path != NULL)
			clean_sockets(path);
	} else if (o->unix_path[0] == '/') {
		path = xstrdup(o->unix_path);
	} else if ((dir = path_cwd(e)) != NULL) {
		path = path_join(dir, o->unix_path);
		free(dir);
	}
	return path;
}

static char *
mint(const struct item *it, void *arg)
{
	struct halves *h = arg;

	return auth_session_token(&h->priv->keys, it, true);
}

static int
open_server(struct halves *h, const struct opts *o, bool remote,
    struct err *e)
{
	h->priv->socket = socket_path(o, e);
	if (h->priv->socket == NULL ||
	    (remote && set_remote(h, o, e) != 0))
		return -1;
	h->priv->ephemeral = o->ephemeral;
	/* before there is any session */
	h->priv->held = o->ephemeral ? leftover_hold() : -1;
	if (open_store(h, o->ephemeral, e) != 0)
		return -1;
	if (!o->ephemeral)
		leftover_sweep(h->store);

	h->priv->mcp = mcp_pool_new(h->base, h->fetch);
	struct agent_opts ao = {
		.base = h->base,
		.store = h->store,
		.models = h->models,
		.fetch = h->fetch,
		.mcp = h->priv->mcp,
		.defaults = &h->priv->defaults,
		.warm_said = h->priv->warm_ms >= 0,
		.warm_ms = h->priv->warm_ms,
		.mint = remote ? mint : NULL,
		.on_idle = agents_idle,
		.on_lost = turn_is_lost,
		.arg = h,
	};
	h->agents = agent_host_new(&ao);
	struct server_opts so = {
		.base = h->base,
		.store = h->store,
		.agents = h->agents,
		.keys = remote ? &h->priv->keys : NULL,
		.origins = h->priv->origins,
		.tls = h->priv->tls,
		.rate_limit = remote && o->rate_limit > 0 ? o->rate_limit :
		    RATE_LIMIT,
		.strict_agents = o->strict_agents,
		.dir = h->priv->defaults.dir,
		.on_clients = clients_changed,
		.arg = h,
	};
	h->server = server_new(&so);
	if (server_listen_unix(h->server, h->priv->socket, e) != 0)
		return -1;
	struct client_opts co = {
		.base = h->base,
		.fetch = h->fetch,
		.unix_path = h->priv->socket,
	};
	h->client = client_new(&co);
	return 0;
}

/* Only a client; nothing is opened here. */
static void
open_remote(struct halves *h, const struct opts *o)
{
	struct client_opts co = {
		.base = h->base,
		.fetch = h->fetch,
		.url = o->remote,
		.token = o->token,
		.secret = o->secret,
	};

	h->client = client_new(&co);
}

int
halves_open(struct halves *h, enum halves_parts parts, const struct opts *o,
    struct err *e)
{
	*h = (struct halves){ 0 };
	h->priv = xcalloc(1, sizeof(*h->priv));
	h->priv->held = -1;
	if (read_config(h, e) != 0)
		goto failed;
	open_loop(h);
	struct models_opts mo = {
		.base = h->base,
		.fetch = h->fetch,
		.config = h->config,
	};
	h->models = models_new(&mo);
	if (parts == HALVES_SERVER && o->remote != NULL)
		open_remote(h, o);
	else if (parts != HALVES_LOOP &&
	    open_server(h, o, parts == HALVES_SERVE, e) != 0)
		goto failed;
	return 0;
failed:
	halves_close(h);
	return -1;
}

static void
close_server(struct halves *h)
{
	h->priv->on_idle = NULL;
	client_free(h->client);
	if (h->server != NULL)
		server_free(h->server);
	if (h->agents != NULL)
		agent_host_free(h->agents);
	mcp_pool_free(h->priv->mcp);
	if (h->store != NULL && h->priv->ephemeral)
		leftover_remove_all(h->store);
	if (h->priv->held != -1)
		close(h->priv->held);
	if (h->store != NULL)
		store_close(h->store);
	if (h->priv->socket != NULL)
		unlink(h->priv->socket);
	free(h->priv->socket);
	keyfile_clear(&h->priv->keys);
	free(h->priv->key_path);
	free(h->priv->origins);
	tls_free(h->priv->tls);
}

void
halves_close(struct halves *h)
{
	if (h->priv == NULL)
		return;
	/* our own transfers first: they point into the client */
	close_server(h);
	if (h->models != NULL)
		models_free(h->models);
	if (h->fetch != NULL)
		fetch_pool_free(h->fetch);
	for (size_t i = 0; i < NELEM(ending_signals); i++)
		if (h->priv->signals[i] != NULL)
			event_free(h->priv->signals[i]);
	if (h->base != NULL) {
		child_end_dropped(h->base, DROPPED_MS);
		event_base_free(h->base);
	}
	turn_opts_clear(&h->priv->defaults);
	json_doc_free(h->priv->config);
	free(h->priv);
	*h = (struct halves){ 0 };
}
