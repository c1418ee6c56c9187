/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serve.c - chatd serve, and the floors, in children of the bench */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net.h"

static void
give_up(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

static void
read_key(char *key, size_t size)
{
	char path[512], line[256];
	FILE *f;

	snprintf(path, sizeof path, "%s/config/keys", getenv("CHATD_HOME"));
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "tr_", 3) == 0) {
			line[strcspn(line, "\n")] = '\0';
			snprintf(key, size, "%.*s", (int)size - 1, line);
			fclose(f);
			return;
		}
	give_up("no key was made");
}

/* Ends with the bench, also where that gives up. */
void
served_follow(void)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

/* With its access log, as it runs by default, but nobody reads that. */
static void
exec_serve(const char *chatd, int out)
{
	int null = open("/dev/null", O_RDWR);

	served_follow();
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execl(chatd, chatd, "serve", "--listen", "127.0.0.1:0", "-m", "demo",
	    (char *)NULL);
	_exit(127);
}

void
served_start(struct served *s, const char *chatd)
{
	static const char mark[] = "listening at http://127.0.0.1:";
	char line[512];
	int out[2];
	FILE *f;

	if (pipe(out) == -1 || (s->pid = fork()) == -1)
		give_up("cannot start chatd serve");
	if (s->pid == 0)
		exec_serve(chatd, out[1]);
	close(out[1]);
	f = fdopen(out[0], "r");
	if (f == NULL || fgets(line, sizeof line, f) == NULL ||
	    strncmp(line, mark, sizeof mark - 1) != 0)
		give_up("chatd serve does not listen");
	fclose(f);
	s->port = (int)strtol(line + sizeof mark - 1, NULL, 10);
	read_key(s->key, sizeof s->key);
}

static void
end(pid_t pid)
{
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

void
served_stop(struct served *s)
{
	end(s->pid);
}

static void
field(const char *json, const char *name, char *out, size_t size)
{
	char mark[64];
	const char *at;
	size_t len;

	snprintf(mark, sizeof mark, "\"%s\":\"", name);
	at = strstr(json, mark);
	if (at == NULL)
		give_up("an answer lacks what it should have");
	at += strlen(mark);
	len = strcspn(at, "\"");
	snprintf(out, size, "%.*s", (int)len, at);
}

void
served_chat(const struct served *s, const char *name, struct chat *c)
{
	char request[REQUEST_MAX], answer[8192], body[512];
	int fd = net_connect(s->port);
	const char *json;

	snprintf(body, sizeof body, "{\"type\":\"chat.agent\","
	    "\"externalId\":\"%s\",\"taskIdentifier\":\"chat\","
	    "\"triggerConfig\":{\"basePayload\":{\"chatId\":\"%s\","
	    "\"trigger\":\"preload\"}}}", name, name);
	http_post(request, "/api/v1/sessions", s->key, body);
	json = http_ask(fd, request, answer, sizeof answer);
	field(json, "id", c->id, sizeof c->id);
	field(json, "publicAccessToken", c->token, sizeof c->token);
	close(fd);
}

void
floor_start(struct floor *f, floor_fn fn, void *arg)
{
	int fd = net_listen(&f->port);

	f->pid = fork();
	if (f->pid == -1)
		give_up("cannot start a floor");
	if (f->pid == 0) {
		served_follow();
		fn(fd, arg);
		_exit(0);
	}
	close(fd);
}

void
floor_stop(struct floor *f)
{
	end(f->pid);
}
