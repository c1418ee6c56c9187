/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guard.c - a parent that gives the terminal back whatever happens */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "ui/guard.h"
#include "ui/tty.h"

/* A handler has no argument. */
static volatile pid_t guarded;

/* Somebody meant the program, and only knows us. */
static void
pass_on(int sig)
{
	kill(guarded, sig);
}

static void
write_all(int fd, const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, s, len);

		if (n <= 0)
			return;
		s += n;
		len -= (size_t)n;
	}
}

static void
restore(int tty, const struct termios *saved)
{
	static const char second[] = "\033[?1049l\r\n";
	const char *s = tty_goodbye();

	write_all(tty, s, strlen(s));
	write_all(tty, second, sizeof(second) - 1);
	(void)tcsetattr(tty, TCSANOW, saved);
}

/* What was said where nobody could see it. */
static void
show_messages(int messages)
{
	char part[4096];
	ssize_t n;

	if (messages < 0 || lseek(messages, 0, SEEK_SET) != 0)
		return;
	while ((n = read(messages, part, sizeof(part))) > 0)
		write_all(STDERR_FILENO, part, (size_t)n);
}

static void
end_like(int status)
{
	struct sigaction sa;

	if (!WIFSIGNALED(status))
		_exit(WEXITSTATUS(status));
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	sigaction(WTERMSIG(status), &sa, NULL);
	raise(WTERMSIG(status));
	_exit(128 + WTERMSIG(status));
}

/* Was it left as the screen had it? A library may end a program, too. */
static bool
is_left(int tty, const struct termios *saved)
{
	struct termios now;

	return tcgetattr(tty, &now) == 0 &&
	    ((now.c_lflag ^ saved->c_lflag) & (ICANON | ECHO | ISIG)) != 0;
}

static void
watch(pid_t child, int tty, const struct termios *saved, int messages)
{
	static const int passed[] = { SIGTERM, SIGHUP };
	static const int ignored[] = { SIGINT, SIGQUIT };
	struct sigaction sa;
	int status;

	guarded = child;
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = pass_on;
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
		sigaction(passed[i], &sa, NULL);
	sa.sa_handler = SIG_IGN;
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		sigaction(ignored[i], &sa, NULL);
	/* the child may have put itself in the background to restore */
	sigaction(SIGTTOU, &sa, NULL);
	while (waitpid(child, &status, 0) == -1)
		if (errno != EINTR)
			_exit(1);
	if (WIFSIGNALED(status) || is_left(tty, saved))
		restore(tty, saved);
	show_messages(messages);
	end_like(status);
}

void
guard_start(int tty)
{
	struct termios saved;
	int messages = memfd_create("chatd-stderr", MFD_CLOEXEC);
	pid_t child;

	fflush(NULL);
	if (tcgetattr(tty, &saved) != 0)
		return;
	child = fork();
	if (child > 0)
		watch(child, tty, &saved, messages);
	if (child == 0 && messages >= 0) {
		(void)dup2(messages, STDERR_FILENO);
		close(messages);
	}
}
