/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nginx.c - the floor under a long answer: a file from nginx */

#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "net.h"

enum { PATIENCE_US = 5000000, POLL_US = 20000 };

/* What Debian's own configuration has for files, with all paths in ours. */
static const char config[] =
    "daemon off; master_process off; pid %1$s/nginx.pid;\n"
    "events {}\n"
    "http {\n"
    "sendfile on; tcp_nopush on; access_log %1$s/nginx.access;\n"
    "client_body_temp_path %1$s/nginx.1; proxy_temp_path %1$s/nginx.2;\n"
    "fastcgi_temp_path %1$s/nginx.3; uwsgi_temp_path %1$s/nginx.4;\n"
    "scgi_temp_path %1$s/nginx.5;\n"
    "server { listen 127.0.0.1:%2$d; root %1$s; }\n"
    "}\n";

static void
write_config(const char *path, const char *dir, int port)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fprintf(f, config, dir, port) < 0 || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

/* It is often in a folder that only root has in PATH. */
static void
exec_nginx(const char *path, const char *dir)
{
	char log[512];
	const char *const argv[] = { "nginx", "-c", path, "-p", dir, "-e",
	    log, NULL };

	served_follow();
	snprintf(log, sizeof log, "%s/nginx.log", dir);
	execvp("nginx", (char *const *)(uintptr_t)argv);
	execv("/usr/sbin/nginx", (char *const *)(uintptr_t)argv);
	_exit(127);
}

bool
nginx_start(struct floor *f, const char *dir)
{
	int64_t end = now_us() + PATIENCE_US;
	char path[512];

	close(net_listen(&f->port));	/* one that is free */
	snprintf(path, sizeof path, "%s/nginx.conf", dir);
	write_config(path, dir, f->port);
	f->pid = fork();
	if (f->pid == 0)
		exec_nginx(path, dir);
	while (f->pid != -1 && now_us() < end) {
		if (waitpid(f->pid, NULL, WNOHANG) != 0)
			return false;	/* there is none, or not for us */
		if (net_is_open(f->port))
			return true;
		usleep(POLL_US);
	}
	if (f->pid != -1)
		floor_stop(f);
	return false;
}
