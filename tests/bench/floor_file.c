/* SPDX-License-Identifier: GPL-3.0-or-later */
/* floor_file.c - the floor under a long answer: a file by sendfile(2) */

#include <fcntl.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net.h"

static void
send_file(int fd, const char *path)
{
	int file = open(path, O_RDONLY);
	struct stat st;
	char head[128];
	off_t at = 0;
	int n;

	if (file == -1 || fstat(file, &st) == -1)
		_exit(1);
	n = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\n"
	    "Content-Length: %lld\r\nConnection: close\r\n\r\n",
	    (long long)st.st_size);
	net_send(fd, head, (size_t)n);
	while (at < st.st_size)
		if (sendfile(fd, file, &at, (size_t)(st.st_size - at)) <= 0)
			break;
	close(file);
}

void
floor_file(int listener, void *arg)
{
	char request[REQUEST_MAX];
	int fd;

	while ((fd = accept(listener, NULL, NULL)) != -1) {
		if (read(fd, request, sizeof request) > 0)
			send_file(fd, arg);
		close(fd);
	}
}
