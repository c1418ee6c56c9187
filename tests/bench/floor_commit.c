/* SPDX-License-Identifier: GPL-3.0-or-later */
/* floor_commit.c - the floor under a durable append */

/*
 * Requests that are there in one pass of the loop are one transaction in
 * SQLite, answered when it is durable. No rights, no rules, no readers.
 */

#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"

enum { PEERS = 1024, EVENTS = 256, IN_MAX = 8192 };

struct peer {
	char in[IN_MAX];
	size_t len;
	long long seq;		/* to be answered, -1: none */
};

struct commit {
	sqlite3 *db;
	sqlite3_stmt *begin, *insert, *commit;
	struct peer *peers[PEERS];
	int waiting[EVENTS], count;
	long long next;
	int epoll;
};

static void
step(sqlite3_stmt *s)
{
	if (sqlite3_step(s) != SQLITE_DONE)
		_exit(1);
	sqlite3_reset(s);
}

static void
open_db(struct commit *c, const char *path)
{
	if (sqlite3_open(path, &c->db) != SQLITE_OK || sqlite3_exec(c->db,
	    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	    "PRAGMA wal_autocheckpoint=2000;"
	    "CREATE TABLE record (seq INTEGER PRIMARY KEY, body TEXT)", NULL,
	    NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(c->db, "BEGIN IMMEDIATE", -1, &c->begin,
	    NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(c->db, "COMMIT", -1, &c->commit, NULL) !=
	    SQLITE_OK || sqlite3_prepare_v2(c->db,
	    "INSERT INTO record VALUES (?, ?)", -1, &c->insert, NULL) !=
	    SQLITE_OK)
		_exit(1);
}

static void
insert(struct commit *c, int fd, const char *body, size_t len)
{
	struct peer *p = c->peers[fd];

	if (c->count == 0)
		step(c->begin);
	p->seq = c->next++;
	sqlite3_bind_int64(c->insert, 1, p->seq);
	sqlite3_bind_text(c->insert, 2, body, (int)len, SQLITE_STATIC);
	step(c->insert);
	c->waiting[c->count++] = fd;
}

static void
readable(struct commit *c, int fd)
{
	struct peer *p = c->peers[fd];
	ssize_t n = read(fd, p->in + p->len, IN_MAX - 1 - p->len);
	const char *body, *length;
	size_t want;

	if (n <= 0) {
		close(fd);
		free(p);
		c->peers[fd] = NULL;
		return;
	}
	p->len += (size_t)n;
	p->in[p->len] = '\0';
	body = strstr(p->in, "\r\n\r\n");
	length = strstr(p->in, "\r\nContent-Length:");
	if (body == NULL || length == NULL)
		return;
	want = strtoul(length + 17, NULL, 10);
	if ((size_t)(p->in + p->len - (body + 4)) < want)
		return;
	insert(c, fd, body + 4, want);
	p->len = 0;
}

static void
answer_all(struct commit *c)
{
	char out[256], body[64];

	if (c->count > 0)
		step(c->commit);
	while (c->count > 0) {
		int fd = c->waiting[--c->count], n;

		n = snprintf(body, sizeof body, "{\"ok\":true,\"seq\":%lld}",
		    c->peers[fd]->seq);
		n = snprintf(out, sizeof out, "HTTP/1.1 200 OK\r\n"
		    "Content-Type: application/json\r\n"
		    "Content-Length: %d\r\n\r\n%s", n, body);
		if (send(fd, out, (size_t)n, MSG_NOSIGNAL) != n)
			_exit(1);
	}
}

static void
watch(struct commit *c, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &ev);
}

static void
take(struct commit *c, int listener)
{
	int fd = accept(listener, NULL, NULL), on = 1;

	if (fd < 0 || fd >= PEERS)
		_exit(1);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	c->peers[fd] = calloc(1, sizeof *c->peers[fd]);
	if (c->peers[fd] == NULL)
		_exit(1);
	watch(c, fd);
}

void
floor_commit(int listener, void *arg)
{
	static struct commit c;
	struct epoll_event events[EVENTS];
	int i, n;

	open_db(&c, arg);
	c.epoll = epoll_create1(EPOLL_CLOEXEC);
	watch(&c, listener);
	while ((n = epoll_wait(c.epoll, events, EVENTS, -1)) != -1) {
		for (i = 0; i < n; i++) {
			if (events[i].data.fd == listener)
				take(&c, listener);
			else
				readable(&c, events[i].data.fd);
		}
		answer_all(&c);
	}
}
