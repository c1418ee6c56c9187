/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net.h - a served chatd, the floors beside it, and load for both */

#ifndef BENCH_NET_H
#define BENCH_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { REQUEST_MAX = 4096 };

/* http.c: the little of HTTP that load needs; errors end the program */
int	net_listen(int *port);
int	net_connect(int port);
bool	net_is_open(int port);
void	net_send(int fd, const char *bytes, size_t len);
/* Is the answer in these bytes whole, and a 2xx? -1: it is another. */
int	http_is_whole(const char *bytes);
/* Send, and wait for the answer; returns its body. */
const char	*http_ask(int fd, const char *request, char *answer,
		    size_t size);
void	http_post(char out[REQUEST_MAX], const char *path, const char *auth,
	    const char *body);
void	http_get(char out[REQUEST_MAX], const char *path, const char *auth,
	    const char *extra);

/* serve.c: chatd serve in a child */
struct served {
	pid_t pid;
	int port;
	char key[64];
};
struct chat {
	char id[64], token[1024];
};
void	served_start(struct served *s, const char *chatd);
void	served_stop(struct served *s);
/* In a child of the bench: end with it. */
void	served_follow(void);
void	served_chat(const struct served *s, const char *name, struct chat *c);

/* A floor in a child: serves the listening socket until it is ended. */
struct floor {
	pid_t pid;
	int port;
};
typedef void (*floor_fn)(int listener, void *arg);
void	floor_start(struct floor *f, floor_fn fn, void *arg);
void	floor_stop(struct floor *f);
/* floor_commit.c: POST -> SQLite with a group commit; arg: its file */
void	floor_commit(int listener, void *arg);
/* floor_fanout.c: a byte from the first peer -> one back, and a message to
 * the others */
struct message_of {
	const char *bytes;
	size_t len;
};
void	floor_fanout(int listener, void *arg);
/* floor_file.c: a file by sendfile(2); arg: its name */
void	floor_file(int listener, void *arg);

/* nginx.c: files of a folder; false: there is no nginx */
bool	nginx_start(struct floor *f, const char *dir);

/* load.c: how many requests a second n connections get answered */
enum { WRITERS_MAX = 64 };
struct load {
	int port, writers;
	double seconds;
	char requests[WRITERS_MAX][REQUEST_MAX];
};
double	load_run(const struct load *l);

/* readers.c: many connections that wait for events */
struct readers {
	int epoll, count;
	int *fds;		/* the last is the writer */
	size_t pings;		/* seen so far */
};
void	readers_open(struct readers *r, int port, int count,
	    const char *request);
/* Until each has been told something. */
void	readers_greeted(struct readers *r);
/* Read what comes for that long. */
void	readers_drain(struct readers *r, double seconds);
/* The writer, whose answer says that it is committed. */
void	readers_watch(struct readers *r, int writer);
/*
 * Until each has a whole event and the writer its answer: microseconds since
 * the first that any of them heard, in at[count].
 */
void	readers_round(struct readers *r, double *at);
void	readers_close(struct readers *r);

#endif
