/* SPDX-License-Identifier: GPL-3.0-or-later */
/* key.c - a provider's key that a command tells */

#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/path.h"
#include "model/key.h"
#include "model/model_priv.h"

enum {
	KEEP_S = 5 * 60,
	LATE_S = 60,			/* somebody may have to unlock it */
	LOOK_MS = 50,			/* while it runs */
	KEY_MAX = 16 * 1024,
	WORDS_MAX = 4096,		/* of its errors; the last line counts */
	WORDS_SHOWN = 200,
};

extern char **environ;

struct key_wait {
	TAILQ_ENTRY(key_wait) entry;
	struct key_run *run;
	key_fn fn;
	void *arg;
};

struct key_run {
	struct model_entry *en;
	pid_t pid;
	int out, err;			/* our ends */
	struct event *told, *complained, *look;
	struct buf key, words;
	int64_t late_us;
	bool over;			/* its waits are being told */
	TAILQ_HEAD(, key_wait) waits;
};

/* ----------------------------------------------------------- configuration */

static void
word_add(struct model_entry *en, size_t *count, char *word)
{
	en->key_command = xreallocarray(en->key_command, *count + 2,
	    sizeof(*en->key_command));
	en->key_command[(*count)++] = word;
	en->key_command[*count] = NULL;
}

void
key_conf(struct model_entry *en, const struct json *v)
{
	const char *s = json_is(v, JSON_STRING) ? json_str(v) : "";
	const struct json *word;
	size_t count = 0, len;

	for (s += strspn(s, " \t"); *s != '\0'; s += strspn(s, " \t")) {
		len = strcspn(s, " \t");
		word_add(en, &count, xstrndup(s, len));
		s += len;
	}
	if (json_is(v, JSON_ARRAY))
		JSON_EACH(word, v)
			if (json_str(word) != NULL)
				word_add(en, &count, xstrdup(json_str(word)));
	if (count == 0)
		return;
	char *path = path_expand(en->key_command[0]);
	free(en->key_command[0]);
	en->key_command[0] = path;
}

/* ------------------------------------------------------------------ the key */

bool
key_wanted(const struct model_entry *en)
{
	return en->key_command != NULL && (en->key_told == NULL ||
	    clock_mono_us() - en->key_told_us > KEEP_S * INT64_C(1000000));
}

void
key_forget(struct model_entry *en)
{
	if (en->key_told != NULL)
		mem_wipe(en->key_told, strlen(en->key_told));
	free(en->key_told);
	en->key_told = NULL;
}

/* Blanks around it come off; one word without odd bytes is a key. */
static int
key_take(struct key_run *r, struct err *e)
{
	const char *s = r->key.data;
	size_t len = r->key.len;

	while (len > 0 && strchr(" \t\r\n", s[len - 1]) != NULL)
		len--;
	for (; len > 0 && strchr(" \t\r\n", *s) != NULL; len--)
		s++;
	if (len == 0)
		return err_set(e, ERR_AUTH, "%s: its key_command told no key",
		    r->en->name);
	for (size_t i = 0; i < len; i++)
		if (s[i] <= ' ' || s[i] > '~' || r->key.full)
			return err_set(e, ERR_AUTH, "%s: what its key_command "
			    "told is no key: one word is wanted",
			    r->en->name);
	key_forget(r->en);
	r->en->key_told = xstrndup(s, len);
	r->en->key_told_us = clock_mono_us();
	return 0;
}

/* -------------------------------------------------------------- the command */

static void
run_free(struct key_run *r)
{
	if (r->pid > 0) {
		(void)kill(-r->pid, SIGKILL);
		(void)waitpid(r->pid, NULL, 0);
	}
	event_free(r->told);
	event_free(r->complained);
	event_free(r->look);
	close(r->out);
	close(r->err);
	if (r->key.len > 0)
		mem_wipe(r->key.data, r->key.len);
	buf_clear(&r->key);
	buf_clear(&r->words);
	free(r);
}

/* All that is there; -1 at the end. */
static int
take_bytes(int fd, struct buf *b)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) > 0)
		(void)buf_add(b, bytes, (size_t)n);
	mem_wipe(bytes, sizeof bytes);
	return n == 0 || (errno != EAGAIN && errno != EINTR) ? -1 : 0;
}

/* How it ended, with the last line that it wrote about that. */
static int
run_failed(struct key_run *r, int status, struct err *e)
{
	size_t len = r->words.len, from;

	while (len > 0 && strchr(" \t\r\n", r->words.data[len - 1]) != NULL)
		len--;
	for (from = len; from > 0 && r->words.data[from - 1] != '\n'; from--)
		;
	if (len - from > WORDS_SHOWN)
		len = from + WORDS_SHOWN;
	return err_set(e, ERR_AUTH, "%s: its key_command failed: %s %d%s%.*s",
	    r->en->name, WIFSIGNALED(status) ? "killed by signal" :
	    "exit status", WIFSIGNALED(status) ? WTERMSIG(status) :
	    WEXITSTATUS(status), len > from ? ": " : "", (int)(len - from),
	    r->words.data + from);
}

static void
run_over(struct key_run *r, const struct err *why)
{
	struct key_wait *w;

	r->en->key_run = NULL;		/* who asks now asks anew */
	r->over = true;
	while ((w = TAILQ_FIRST(&r->waits)) != NULL) {
		key_fn fn = w->fn;
		void *arg = w->arg;

		TAILQ_REMOVE(&r->waits, w, entry);
		free(w);
		fn(err_is_set(why) ? why : NULL, arg);
	}
	run_free(r);
}

static void
run_look(struct key_run *r)
{
	struct err e = ERR_INIT;
	int status = 0;		/* stays so if somebody ignores SIGCHLD */
	pid_t pid = waitpid(r->pid, &status, WNOHANG);

	if (pid == 0 && clock_mono_us() < r->late_us)
		return;
	if (pid == 0) {
		err_set(&e, ERR_AUTH, "%s: its key_command was not done in "
		    "%d s", r->en->name, LATE_S);
		run_over(r, &e);
		return;
	}
	r->pid = -1;
	(void)take_bytes(r->out, &r->key);
	(void)take_bytes(r->err, &r->words);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		(void)run_failed(r, status, &e);
	else
		(void)key_take(r, &e);
	run_over(r, &e);
}

static void
on_look(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	run_look(arg);
}

static void
on_told(evutil_socket_t fd, short what, void *arg)
{
	struct key_run *r = arg;

	(void)what;
	if (take_bytes(fd, &r->key) == -1) {
		event_del(r->told);
		run_look(r);
	}
}

static void
on_complained(evutil_socket_t fd, short what, void *arg)
{
	struct key_run *r = arg;

	(void)what;
	if (take_bytes(fd, &r->words) == -1)
		event_del(r->complained);
	if (r->words.len > WORDS_MAX)
		buf_drop(&r->words, r->words.len - WORDS_MAX);
}

/* A session of its own: no terminal that others use too, and one group. */
static int
spawn(char *const argv[], int out, int err, pid_t *pid)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, out, 1);
	posix_spawn_file_actions_adddup2(&fa, err, 2);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, (short)(POSIX_SPAWN_SETSID |
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	int r = posix_spawnp(pid, argv[0], &fa, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	return r;
}

static struct key_run *
run_new(struct models *ms, struct model_entry *en, struct err *e)
{
	static const struct timeval often = { .tv_usec = LOOK_MS * 1000 };
	struct event_base *base = ms->opts.base;
	int out[2] = { -1, -1 }, err[2] = { -1, -1 }, r;
	pid_t pid;

	r = pipe2(out, O_CLOEXEC) == -1 || pipe2(err, O_CLOEXEC) == -1 ?
	    errno : spawn(en->key_command, out[1], err[1], &pid);
	close(out[1]);
	close(err[1]);
	if (r != 0) {
		close(out[0]);
		close(err[0]);
		err_set(e, ERR_AUTH, "%s: its key_command cannot be started: "
		    "%s: %s", en->name, en->key_command[0], strerror(r));
		return NULL;
	}
	(void)fcntl(out[0], F_SETFL, O_NONBLOCK);
	(void)fcntl(err[0], F_SETFL, O_NONBLOCK);
	struct key_run *run = xcalloc(1, sizeof(*run));
	*run = (struct key_run){ .en = en, .pid = pid, .out = out[0],
	    .err = err[0], .late_us = clock_mono_us() + LATE_S *
	    INT64_C(1000000) };
	buf_init_max(&run->key, KEY_MAX);
	buf_init(&run->words);
	TAILQ_INIT(&run->waits);
	run->told = event_new(base, out[0], EV_READ | EV_PERSIST, on_told,
	    run);
	run->complained = event_new(base, err[0], EV_READ | EV_PERSIST,
	    on_complained, run);
	run->look = event_new(base, -1, EV_PERSIST, on_look, run);
	event_add(run->told, NULL);
	event_add(run->complained, NULL);
	event_add(run->look, &often);
	return run;
}

struct key_wait *
key_ask(struct models *ms, struct model_entry *en, key_fn fn, void *arg,
    struct err *e)
{
	struct key_wait *w;

	if (en->key_run == NULL)
		en->key_run = run_new(ms, en, e);
	if (en->key_run == NULL)
		return NULL;
	w = xcalloc(1, sizeof(*w));
	w->run = en->key_run;
	w->fn = fn;
	w->arg = arg;
	TAILQ_INSERT_TAIL(&w->run->waits, w, entry);
	return w;
}

void
key_cancel(struct key_wait *w)
{
	if (w == NULL)
		return;
	TAILQ_REMOVE(&w->run->waits, w, entry);
	if (TAILQ_EMPTY(&w->run->waits) && !w->run->over) {
		w->run->en->key_run = NULL;
		run_free(w->run);
	}
	free(w);
}

void
key_clear(struct model_entry *en)
{
	struct key_wait *w;

	while (en->key_run != NULL &&
	    (w = TAILQ_FIRST(&en->key_run->waits)) != NULL)
		key_cancel(w);
	key_forget(en);
	for (size_t i = 0; en->key_command != NULL &&
	    en->key_command[i] != NULL; i++)
		free(en->key_command[i]);
	free(en->key_command);
}
