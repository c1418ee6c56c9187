/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rig.h - a whole server in the test's process, and raw bytes to speak to it */

/*
 * A rig is what a process would be: a store, an agent host that does nothing
 * by itself, a server on a Unix socket. Two rigs over one folder stand for
 * two processes.
 */

#ifndef TESTS_UNIT_SERVER_RIG_H
#define TESTS_UNIT_SERVER_RIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "wire/keyfile.h"

#define RIG_KEY	"tr_dev_0123456789abcdefABCDEFGH"
#define RIG_ENV	"env_test"

struct event_base;
struct owned;

struct rig {
	struct event_base *base;	/* shared by the rigs of a test */
	char *socket;
	struct store *store;
	struct agent_host *agents;
	struct server *server;
	struct keyfile keys;		/* RIG_KEY alone */
	int port;			/* 0: requests go to the socket */
	int clients;			/* as on_clients said */
	int boots;			/* agent_boot() calls */
};

/* What most tests begin with: one rig in a folder of its own. */
struct rig_world {
	struct event_base *base;
	char *dir;
	struct rig rig;
	struct buf answer;		/* the last one */
};
/* cmocka's setup and teardown; *state is a struct rig_world */
int		 rig_setup(void **state);
int		 rig_teardown(void **state);

/* A folder of its own, removed by rig_dir_free(). */
char		*rig_dir(void);
void		 rig_dir_free(char *dir);
void		 rig_open(struct rig *r, struct event_base *base,
		    const char *dir, const char *name);
void		 rig_close(struct rig *r);
/* A new server on the same store, one with less patience; 0: as usual. */
struct rig_times {
	int head_ms, ping_ms, silent_ms;
};
void		 rig_restart(struct rig *r, const struct rig_times *t);
/* From now on requests go over TCP. */
void		 rig_listen_tcp(struct rig *r);
/* What the fake agent says; agent_busy() and agent_pending(). */
void		 rig_set_busy(struct rig *r, bool busy);
/* Append to `out` as an agent would. */
void		 rig_chunk(struct rig *r, const char *key, const char *chunk);
void		 rig_turn_complete(struct rig *r, const char *key,
		    const char *in_seq);

/* Put a text message into the transcript. */
void		 rig_message(struct rig *r, const char *key, const char *id,
		    const char *role, const char *text);

/* bytes.c: of a rig only its base and socket are looked at. */
int		 rig_connect(struct rig *r);
void		 rig_send(struct rig *r, int fd, const char *text);
void		 rig_send_bytes(struct rig *r, int fd, const char *bytes,
		    size_t len);
/* Read until needle was seen (NULL: the end) after what b holds. */
void		 rig_read(struct rig *r, int fd, struct buf *b,
		    const char *needle);
/* Runs the loop until nothing is left to be done at once. */
void		 rig_settle(struct rig *r);

/* One request on a connection of its own; the whole answer is kept in the
 * rig's last answer, and its status returned. */
int		 rig_ask(struct rig *r, struct buf *answer,
		    const char *method, const char *path,
		    const char *headers, const char *body);
/* Behind the head. */
const char	*rig_body(const struct buf *answer);
/* The body of a chunked answer, put together again. */
void		 rig_dechunk(const struct buf *answer, struct buf *body);
/* Make a session with an external id. */
void		 rig_create(struct rig *r, const char *external_id);

#endif
