/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proc.c - who lives, and starting others */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/proc.h"

/* Dead, but nobody has asked how it went: an init that does not is common in
 * containers. Where there is no /proc it counts as alive. */
static bool
is_zombie(pid_t pid)
{
	char path[64], text[512];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	/* "PID (NAME) STATE ..", and a name may hold anything */
	const char *at = strrchr(text, ')');
	return at != NULL && at[1] == ' ' && (at[2] == 'Z' || at[2] == 'X');
}

bool
proc_alive(pid_t pid)
{
	return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM) &&
	    !is_zombie(pid);
}

char *
proc_self(void)
{
	char path[PATH_MAX];
	ssize_t n;

	n = readlink("/proc/self/exe", path, sizeof path - 1);
	if (n <= 0)
		return xstrdup("chatd");
	return xstrndup(path, (size_t)n);
}

static void
close_from(int first)
{
#ifdef HAVE_CLOSE_RANGE
	if (close_range((unsigned)first, ~0u, 0) == 0)
		return;
#endif
	for (int fd = first; fd < 1024; fd++)
		close(fd);
}

/* In the grandchild: never returns. report is closed by a good exec. */
static void
background_exec(const char *path, char *const argv[], int report)
{
	int null, errnum;

	setsid();
	null = open("/dev/null", O_RDWR);
	if (null != -1) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	if (report != STDERR_FILENO + 1) {
		dup2(report, STDERR_FILENO + 1);
		report = STDERR_FILENO + 1;
	}
	fcntl(report, F_SETFD, FD_CLOEXEC);
	errnum = (int)getpid();
	if (write(report, &errnum, sizeof errnum) == -1)
		_exit(126);
	close_from(STDERR_FILENO + 2);
	execv(path, argv);
	errnum = errno;
	if (write(report, &errnum, sizeof errnum) == -1)
		_exit(126);
	_exit(127);
}

/* An int that the child tells: its pid, then what went wrong, if it did. */
static bool
read_int(int fd, int *out)
{
	ssize_t n;

	do
		n = read(fd, out, sizeof *out);
	while (n == -1 && errno == EINTR);
	return n == (ssize_t)sizeof *out;
}

int
proc_spawn_background(const char *path, char *const argv[], pid_t *child,
    struct err *e)
{
	int report[2], number, errnum, status;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC) == -1)
		return err_errno(e, ERR_FAILED, errno, "cannot make a pipe");
	pid = fork();
	if (pid == -1) {
		close(report[0]);
		close(report[1]);
		return err_errno(e, ERR_FAILED, errno, "cannot fork");
	}
	if (pid == 0) {
		/* twice, so that init and not we will wait for it */
		pid = fork();
		if (pid == 0)
			background_exec(path, argv, report[1]);
		_exit(pid == -1 ? 1 : 0);
	}
	close(report[1]);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	bool begun = read_int(report[0], &number);
	bool failed = begun && read_int(report[0], &errnum);
	close(report[0]);
	if (!begun || failed)
		return err_errno(e, ERR_FAILED, begun ? errnum : EAGAIN,
		    "cannot start %s", path);
	if (child != NULL)
		*child = (pid_t)number;
	return 0;
}
