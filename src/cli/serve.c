/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serve.c - a server half alone, over TCP for those who show a key */

#include <sys/resource.h>

#include <event2/event.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/halves.h"
#include "cli/opts.h"
#include "cli/serve.h"
#include "server/server.h"
#include "store/store.h"
#include "wire/item.h"
#include "wire/keyfile.h"

#define ADDRESS_DEFAULT "127.0.0.1:8788"

enum {
	GRACE_MS = 10 * 1000,	/* for turns, at the end */
	FLUSH_MS = 200,		/* for the last bytes of answers */
};

struct serve {
	struct halves h;
	const struct opts *o;
	bool ending;
};

/* Each reader is a descriptor. */
static void
raise_descriptor_limit(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) != 0 || rl.rlim_cur == rl.rlim_max)
		return;
	rl.rlim_cur = rl.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &rl);	/* as many as there are */
}

static int
start_log(const struct opts *o, struct err *e)
{
	if (o->quiet)
		return 0;
	if (o->log == NULL && o->debug == NULL && log_open("-", e) != 0)
		return -1;
	log_set_level(LOG_INFO);
	return 0;
}

static int
listen_all(struct serve *s, const struct opts *o,
    char bound[SERVER_ADDRESS_MAX], struct err *e)
{
	char next[SERVER_ADDRESS_MAX];

	if (o->listen.count == 0)
		return server_listen_tcp(s->h.server, ADDRESS_DEFAULT, bound,
		    e);
	for (size_t i = 0; i < o->listen.count; i++)
		if (server_listen_tcp(s->h.server, o->listen.items[i],
		    i == 0 ? bound : next, e) != 0)
			return -1;
	return 0;
}

/* What to put where, but never the key itself. */
static void
say_how(struct serve *s, const struct opts *o, const char *bound)
{
	const char *keys = halves_key_path(&s->h);
	const char *scheme = o->tls_cert != NULL ? "https" : "http";

	if (o->quiet)
		return;
	printf("listening at %s://%s and %s\n", scheme, bound,
	    halves_socket(&s->h));
	if (halves_key_made(&s->h))
		printf("made the key file %s; for a client of Trigger.dev:\n"
		    "  export TRIGGER_API_URL=%s://%s\n"
		    "  export TRIGGER_SECRET_KEY=$(grep -m1 ^tr_ '%s')\n",
		    keys, scheme, bound, keys);
	fflush(stdout);
}

/* Owning a session goes on with what its last owner has left. */
static void
own(struct serve *s, const struct item *it)
{
	struct owner other;
	struct err e = ERR_INIT;

	if (agent_own(s->h.agents, it, &other, &e) != 0 &&
	    e.code != ERR_CONFLICT)
		log_msg(LOG_CLI, LOG_ERROR, "%s: %s", it->id, e.text);
}

static int
go_on(struct serve *s, struct err *e)
{
	struct item it = { 0 };
	int64_t row = 0;
	int r;

	while ((r = store_work(s->h.store, row, &it, e)) == 1) {
		row = it.row;
		if (agent_pending(s->h.agents, &it))
			own(s, &it);
		item_clear(&it);
	}
	return r;
}

/* All is written down: end the streams, and leave when that is said. */
static void
stopped(void *arg)
{
	struct serve *s = arg;
	struct timeval tv = { .tv_usec = FLUSH_MS * 1000 };

	server_stop(s->h.server);
	event_base_loopexit(s->h.base, &tv);
}

static void
read_again(struct serve *s)
{
	struct err e = ERR_INIT;

	if (halves_read_keys(&s->h, &e) != 0)
		log_msg(LOG_CLI, LOG_ERROR, "the keys stay as they were: %s",
		    e.text);
	err_clear(&e);
	if (halves_read_tls(&s->h, s->o, &e) != 0)
		log_msg(LOG_CLI, LOG_ERROR, "the certificate stays as it "
		    "was: %s", e.text);
}

static void
signalled(int sig, void *arg)
{
	struct serve *s = arg;

	if (sig == SIGHUP) {
		read_again(s);
	} else if (s->ending) {
		event_base_loopbreak(s->h.base);
	} else {
		s->ending = true;
		agent_host_stop(s->h.agents, GRACE_MS, stopped, s);
	}
}

int
serve(struct opts *o, struct err *e)
{
	struct serve s = { .o = o };
	char bound[SERVER_ADDRESS_MAX] = "";
	int r = -1;

	raise_descriptor_limit();
	if (start_log(o, e) != 0 || halves_open(&s.h, HALVES_SERVE, o, e) != 0)
		return -1;
	halves_on_signal(&s.h, signalled, &s);
	if (listen_all(&s, o, bound, e) == 0 && go_on(&s, e) == 0) {
		say_how(&s, o, bound);
		event_base_dispatch(s.h.base);
		r = 0;
	}
	halves_close(&s.h);
	return r;
}
