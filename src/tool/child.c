/* SPDX-License-Identifier: GPL-3.0-or-later */
/* child.c - a program that a tool started, within the loop */

/*
 * The end of a child is seen by a pidfd, not by SIGCHLD, so that nobody else's
 * children are reaped here and no handler is needed. Where there are no
 * pidfds a timer looks, while a child runs.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "tool/child.h"
#include "tool/sandbox.h"

enum {
	CALL_PIDFD_OPEN = 434,	/* the same number on every architecture */
	LOOK_MS = 50,
	READ_SIZE = 64 * 1024,
	DRAIN_MAX = 1024,	/* reads of what a dead child left behind */
	REPORT_MAX = 64,
};

struct child {
	struct event_base *base;
	struct child_opts opts;	/* only callbacks and arg */
	pid_t pid;
	int pidfd;
	int fd[3];		/* -1: none or closed */
	struct event *ended, *grace, *io[3];
	struct buf input;
	bool input_over;
	bool dropped;
	bool term_sent;
};

struct failure {
	int errnum;
	char what[REPORT_MAX];
};

static struct timeval
ms(long n)
{
	return (struct timeval){ .tv_sec = n / 1000,
	    .tv_usec = n % 1000 * 1000 };
}

static void
close_fd(struct child *c, int i)
{
	if (c->io[i] != NULL)
		event_free(c->io[i]);
	c->io[i] = NULL;
	if (c->fd[i] != -1)
		close(c->fd[i]);
	c->fd[i] = -1;
}

static void
child_free(struct child *c)
{
	int i;

	for (i = 0; i < 3; i++)
		close_fd(c, i);
	if (c->ended != NULL)
		event_free(c->ended);
	if (c->grace != NULL)
		event_free(c->grace);
	if (c->pidfd != -1)
		close(c->pidfd);
	buf_clear(&c->input);
	free(c);
}

/* ------------------------------------------------------------- the child */

static void
close_others(void)
{
#ifdef HAVE_CLOSE_RANGE
	/* CLOSE_RANGE_CLOEXEC: the report's end stays open until exec. */
	if (close_range(3, ~0u, 4) == 0)
		return;
#endif
	for (int fd = 3; fd < 1024; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void
reset_signals(void)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	int n;

	for (n = 1; n < NSIG; n++)
		(void)sigaction(n, &sa, NULL);
}

static void
unblock_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Killed if the parent is, also if that has just happened. */
static int
die_with(pid_t parent, int sig)
{
	if (prctl(PR_SET_PDEATHSIG, sig, 0, 0, 0) == -1)
		return -1;
	if (getppid() != parent)
		_exit(127);
	return 0;
}

/* End as the program did. */
static void
end_as(int status)
{
	const struct rlimit no_core = { 0 };

	if (WIFSIGNALED(status)) {
		(void)setrlimit(RLIMIT_CORE, &no_core);
		unblock_signals();
		(void)raise(WTERMSIG(status));
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 127);
}

/*
 * The keeper: leader of the group, and a parent that outlives ours. A death
 * signal reaches one process only; were the program to get it, what it has
 * started would go on. It holds nothing open and never returns.
 */
static void
keep(pid_t program, pid_t parent, const sigset_t *all)
{
	int fd, sig, status;

	(void)prctl(PR_SET_NAME, "chatd-keeper", 0, 0, 0);
#ifdef HAVE_CLOSE_RANGE
	if (close_range(0, ~0u, 0) == -1)
#endif
	for (fd = 0; fd < 1024; fd++)
		close(fd);
	while ((sig = sigwaitinfo(all, NULL)) != -1 || errno == EINTR) {
		if (waitpid(program, &status, WNOHANG) == program)
			end_as(status);
		if (getppid() != parent)
			kill(0, SIGKILL);
		/* It left the group that it should be ended with. */
		if (sig == SIGTERM && getpgid(program) != getpgrp())
			kill(program, sig);
	}
	_exit(127);
}

/* In the child, which becomes the keeper: back only in the program to be. */
static int
fork_kept(pid_t parent)
{
	sigset_t all;
	pid_t self = getpid(), pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (die_with(parent, SIGHUP) == -1 || (pid = fork()) == -1)
		return -1;
	if (pid != 0)
		keep(pid, parent, &all);
	return die_with(self, SIGKILL);
}

/* Never returns; report is closed by a good exec. */
static void
child_exec(const struct child_opts *o, const char *program, const int fds[3],
    int report, pid_t parent)
{
	struct failure f = { 0 };
	const char *what = "end with chatd";
	char *const *argv;

	/* execve() is declared without the const that it keeps. */
	memcpy(&argv, &o->argv, sizeof argv);

	setsid();
	reset_signals();
	if ((o->keep ? fork_kept(parent) : die_with(parent, SIGKILL)) == -1)
		goto failed;
	unblock_signals();
	what = "descriptors";
	if (dup2(fds[0], 0) == -1 || dup2(fds[1], 1) == -1 ||
	    dup2(fds[2], 2) == -1)
		goto failed;
	close_others();
	what = o->dir;
	if (o->dir != NULL && chdir(o->dir) == -1)
		goto failed;
	if (o->sandbox != NULL && sandbox_enter(o->sandbox, &what) == -1)
		goto failed;
	what = program;
	execve(program, argv, o->env);
failed:
	f.errnum = errno;
	if (what != NULL)
		strncpy(f.what, what, sizeof f.what - 1);
	(void)!write(report, &f, sizeof f);
	_exit(127);
}

/* ------------------------------------------------------------- beginning */

/* The value of PATH that the child will have. */
static const char *
path_of(char *const *env)
{
	for (; *env != NULL; env++) {
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	}
	return "/usr/local/bin:/usr/bin:/bin";
}

static bool
is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, X_OK) == 0;
}

/* The file to execute; caller frees. */
static char *
find_program(const char *name, char *const *env)
{
	const char *p, *end;

	if (strchr(name, '/') != NULL)
		return xstrdup(name);
	for (p = path_of(env); ; p = end + 1) {
		char *path;

		end = strchrnul(p, ':');
		path = xasprintf("%.*s/%s", (int)(end - p), p, name);
		/* "" and "." in PATH would run what lies in the workspace */
		if (p[0] == '/' && is_program(path))
			return path;
		free(path);
		if (*end == '\0')
			return NULL;
	}
}

struct pipes {
	int theirs[3], ours[3];
	int report[2];
};

static void
close_all(int *fd, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		if (fd[i] != -1)
			close(fd[i]);
		fd[i] = -1;
	}
}

/* Pipe i, seen from the child: 0 is read there. */
static int
make_pipe(struct pipes *p, int i)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) == -1)
		return -1;
	p->theirs[i] = fd[i == 0 ? 0 : 1];
	p->ours[i] = fd[i == 0 ? 1 : 0];
	return fcntl(p->ours[i], F_SETFL, O_NONBLOCK);
}

static int
make_pipes(struct pipes *p, const struct child_opts *o)
{
	memset(p, 0xff, sizeof *p);	/* all -1 */
	if (pipe2(p->report, O_CLOEXEC) == -1 || make_pipe(p, 1) == -1)
		return -1;
	if (o->input ? make_pipe(p, 0) == -1 :
	    (p->theirs[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	if (!o->merge)
		return make_pipe(p, 2);
	p->theirs[2] = fcntl(p->theirs[1], F_DUPFD_CLOEXEC, 3);
	return p->theirs[2] == -1 ? -1 : 0;
}

static void
pipes_close(struct pipes *p)
{
	close_all(p->theirs, 3);
	close_all(p->ours, 3);
	close_all(p->report, 2);
}

/* Wait for exec, or for why there was none. */
static int
read_report(int fd, const char *program, struct err *e)
{
	struct failure f;
	ssize_t n;

	while ((n = read(fd, &f, sizeof f)) == -1 && errno == EINTR)
		;
	if (n != (ssize_t)sizeof f)
		return 0;
	f.what[sizeof f.what - 1] = '\0';
	return err_errno(e, f.errnum == ENOENT ? ERR_NOT_FOUND : ERR_FAILED,
	    f.errnum, "cannot start %s: %s", program, f.what);
}

static pid_t
spawn(const struct child_opts *o, struct pipes *p, struct err *e)
{
	char *program = find_program(o->argv[0], o->env);
	pid_t pid, parent = getpid();

	if (program == NULL)
		return err_set(e, ERR_NOT_FOUND, "command not found: %s",
		    o->argv[0]);
	if (make_pipes(p, o) == -1 || (pid = fork()) == -1) {
		err_errno(e, ERR_FAILED, errno, "cannot start %s", program);
		free(program);
		return -1;
	}
	if (pid == 0)
		child_exec(o, program, p->theirs, p->report[1], parent);
	close_all(p->theirs, 3);
	close_all(p->report + 1, 1);
	if (read_report(p->report[0], program, e) == -1) {
		while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
			;
		pid = -1;
	}
	close_all(p->report, 1);
	free(program);
	return pid;
}

static void child_readable(evutil_socket_t fd, short what, void *arg);
static void child_writable(evutil_socket_t fd, short what, void *arg);
static void child_ended(evutil_socket_t fd, short what, void *arg);
static void grace_over(evutil_socket_t fd, short what, void *arg);

static struct event *
make_event(struct event_base *base, int fd, short what, event_callback_fn fn,
    void *arg)
{
	struct event *ev = event_new(base, fd, what, fn, arg);

	if (ev == NULL)
		fatal(__func__, "no event");
	return ev;
}

static void
watch(struct child *c)
{
	struct timeval look = ms(LOOK_MS);
	int i;

	for (i = 1; i < 3; i++) {
		if (c->fd[i] == -1)
			continue;
		c->io[i] = make_event(c->base, c->fd[i], EV_READ | EV_PERSIST,
		    child_readable, c);
		event_add(c->io[i], NULL);
	}
	if (c->fd[0] != -1)
		c->io[0] = make_event(c->base, c->fd[0],
		    EV_WRITE | EV_PERSIST, child_writable, c);
	c->grace = make_event(c->base, -1, 0, grace_over, c);
	c->pidfd = (int)syscall(CALL_PIDFD_OPEN, c->pid, 0);
	if (c->pidfd != -1)
		(void)fcntl(c->pidfd, F_SETFD, FD_CLOEXEC);
	c->ended = make_event(c->base, c->pidfd, c->pidfd == -1 ? EV_PERSIST :
	    EV_READ | EV_PERSIST, child_ended, c);
	event_add(c->ended, c->pidfd == -1 ? &look : NULL);
}

struct child *
child_start(struct event_base *base, const struct child_opts *opts,
    struct err *e)
{
	struct child_opts o = *opts;
	char **env = o.env == NULL ? child_env(NULL, NULL) : NULL;
	struct pipes p;
	struct child *c;
	pid_t pid;

	memset(&p, 0xff, sizeof p);
	if (env != NULL)
		o.env = env;
	pid = spawn(&o, &p, e);
	child_env_free(env);
	if (pid == -1) {
		pipes_close(&p);
		return NULL;
	}
	c = xcalloc(1, sizeof *c);
	c->base = base;
	c->opts = *opts;
	c->pid = pid;
	c->pidfd = -1;
	memcpy(c->fd, p.ours, sizeof c->fd);
	buf_init_max(&c->input, CHILD_INPUT_MAX);
	watch(c);
	return c;
}

/* ------------------------------------------------------------------ pipes */

/* One read; 0 at the end, -1 when there is nothing now. */
static int
take_bytes(struct child *c, int i)
{
	char bytes[READ_SIZE];
	ssize_t n = read(c->fd[i], bytes, sizeof bytes);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return -1;
	if (n <= 0) {
		close_fd(c, i);
		if (!c->dropped && c->opts.on_eof != NULL)
			c->opts.on_eof(i, c->opts.arg);
		return 0;
	}
	if (!c->dropped && c->opts.on_bytes != NULL)
		c->opts.on_bytes(i, bytes, (size_t)n, c->opts.arg);
	return 1;
}

static void
child_readable(evutil_socket_t fd, short what, void *arg)
{
	struct child *c = arg;

	(void)what;
	take_bytes(c, fd == c->fd[1] ? 1 : 2);
}

/* Write without the signal that a closed pipe sends. */
static ssize_t
write_quietly(int fd, const char *bytes, size_t len)
{
	sigset_t pipe_only, before, pending;
	struct timespec none = { 0 };
	bool was_pending;
	ssize_t n;
	int errnum;

	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	sigpending(&pending);
	was_pending = sigismember(&pending, SIGPIPE) == 1;
	sigprocmask(SIG_BLOCK, &pipe_only, &before);
	n = write(fd, bytes, len);
	errnum = errno;
	if (n == -1 && errnum == EPIPE && !was_pending)
		(void)sigtimedwait(&pipe_only, NULL, &none);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = errnum;
	return n;
}

static void
child_writable(evutil_socket_t fd, short what, void *arg)
{
	struct child *c = arg;
	ssize_t n;

	(void)fd;
	(void)what;
	if (c->input.len > 0) {
		n = write_quietly(c->fd[0], c->input.data, c->input.len);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n == -1) {
			buf_clear(&c->input);
			close_fd(c, 0);
			return;
		}
		buf_drop(&c->input, (size_t)n);
	}
	if (c->input.len > 0)
		return;
	if (c->input_over)
		close_fd(c, 0);
	else
		event_del(c->io[0]);
}

int
child_write(struct child *c, const char *bytes, size_t len)
{
	if (c->fd[0] == -1 || c->input_over ||
	    buf_add(&c->input, bytes, len) == -1)
		return -1;
	return event_add(c->io[0], NULL);
}

void
child_end_input(struct child *c)
{
	c->input_over = true;
	if (c->fd[0] != -1)
		event_add(c->io[0], NULL);
}

/* ---------------------------------------------------------------- the end */

static void
drain(struct child *c)
{
	int i, reads = 0;

	for (i = 1; i < 3; i++) {
		while (c->fd[i] != -1 && reads++ < DRAIN_MAX) {
			if (take_bytes(c, i) == -1)
				break;
		}
	}
}

static void
child_ended(evutil_socket_t fd, short what, void *arg)
{
	struct child *c = arg;
	siginfo_t info = { 0 };
	int status;

	(void)fd;
	(void)what;
	if (waitid(P_PID, (id_t)c->pid, &info,
	    WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0)
		return;
	/* Its number is ours until it is reaped: the group first. */
	kill(-c->pid, SIGKILL);
	if (waitpid(c->pid, &status, 0) != c->pid)
		status = W_EXITCODE(127, 0);
	event_del(c->ended);
	drain(c);
	if (!c->dropped && c->opts.on_exit != NULL)
		c->opts.on_exit(status, c->opts.arg);
	child_free(c);
}

static void
grace_over(evutil_socket_t fd, short what, void *arg)
{
	struct child *c = arg;

	(void)fd;
	(void)what;
	if (c->term_sent) {
		kill(-c->pid, SIGKILL);
		return;
	}
	child_kill(c);
}

void
child_kill(struct child *c)
{
	struct timeval grace = ms(CHILD_GRACE_MS);

	if (c->term_sent)
		return;
	c->term_sent = true;
	kill(-c->pid, SIGTERM);
	event_add(c->grace, &grace);
}

void
child_drop(struct child *c)
{
	struct timeval grace = ms(CHILD_GRACE_MS);

	if (c == NULL)
		return;
	c->dropped = true;
	if (c->input_over && !c->term_sent)
		event_add(c->grace, &grace);
	else
		child_kill(c);
}

void
child_hang_up(struct child *c)
{
	c->dropped = true;
	close_fd(c, 0);
}

/* True: it has ended, and is not reaped yet. */
static bool
ends_within(const struct child *c, int limit_ms)
{
	struct pollfd pfd = { .fd = c->pidfd, .events = POLLIN };
	siginfo_t info = { 0 };

	if (c->pidfd != -1) {
		while (poll(&pfd, 1, limit_ms) == -1 && errno == EINTR)
			;
	} else {
		struct timespec ts = { limit_ms / 1000,
		    limit_ms % 1000 * 1000000L };

		(void)nanosleep(&ts, NULL);
	}
	return waitid(P_PID, (id_t)c->pid, &info,
	    WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

void
child_finish(struct child *c, int limit_ms)
{
	child_hang_up(c);
	/* nobody reads any more: writing gets it an error, not a wait */
	close_fd(c, 1);
	close_fd(c, 2);
	if (!ends_within(c, limit_ms)) {
		kill(-c->pid, SIGTERM);
		(void)ends_within(c, limit_ms);
	}
	kill(-c->pid, SIGKILL);
	(void)waitpid(c->pid, NULL, 0);
	child_free(c);
}

static int
find_dropped(const struct event_base *base ATTR_UNUSED,
    const struct event *ev, void *found)
{
	struct child *c = event_get_callback_arg(ev);

	if (event_get_callback(ev) != child_ended || !c->dropped)
		return 0;
	*(struct child **)found = c;
	return 1;
}

void
child_end_dropped(struct event_base *base, int limit_ms)
{
	int64_t until = clock_mono_us() + (int64_t)limit_ms * 1000, left;
	struct child *c;

	for (;;) {
		c = NULL;
		(void)event_base_foreach_event(base, find_dropped, &c);
		if (c == NULL)
			return;
		left = (until - clock_mono_us()) / 1000;
		child_finish(c, left > 0 ? (int)left : 0);
	}
}

void
child_status_text(struct buf *b, int wait_status)
{
	if (WIFSIGNALED(wait_status))
		buf_addf(b, "killed by signal %d (%s)", WTERMSIG(wait_status),
		    strsignal(WTERMSIG(wait_status)));
	else
		buf_addf(b, "exit status %d", WEXITSTATUS(wait_status));
}
