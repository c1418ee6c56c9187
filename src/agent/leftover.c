/* SPDX-License-Identifier: GPL-3.0-or-later */
/* leftover.c - files of a session that are beside the database */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "agent/leftover.h"
#include "agent/remember.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/store.h"
#include "wire/item.h"

char *
leftover_outputs(const char *id)
{
	char *name = xasprintf("output/%s", id);
	char *path = path_state(name);

	free(name);
	return path;
}

static void
remove_outputs(const char *id)
{
	char *path = leftover_outputs(id);
	DIR *d = opendir(path);
	struct dirent *de;

	while (d != NULL && (de = readdir(d)) != NULL)
		if (strcmp(de->d_name, ".") != 0 &&
		    strcmp(de->d_name, "..") != 0)
			(void)unlinkat(dirfd(d), de->d_name, 0);
	if (d != NULL) {
		closedir(d);
		if (rmdir(path) == -1)
			log_msg(LOG_AGENT, LOG_WARN, "cannot remove %s: %s",
			    path, strerror(errno));
	}
	free(path);
}

static void
remove_rules(const char *id)
{
	char *path = remember_session_path(id);

	if (unlink(path) == -1 && errno != ENOENT)
		log_msg(LOG_AGENT, LOG_WARN, "cannot remove %s: %s", path,
		    strerror(errno));
	free(path);
}

static int
remove_child(const struct item *it, void *arg)
{
	leftover_remove(arg, it->id);
	return 0;
}

void
leftover_remove(struct store *st, const char *id)
{
	struct store_list q = { .parent = id, .state = -1 };
	struct err e = ERR_INIT;
	bool more;

	if (store_list(st, &q, remove_child, st, &more, &e) == -1)
		log_msg(LOG_AGENT, LOG_WARN, "%s", e.text);
	remove_outputs(id);
	remove_rules(id);
}

void
leftover_remove_all(struct store *st)
{
	struct store_list q = { .state = -1 };
	struct err e = ERR_INIT;
	bool more;

	if (store_list(st, &q, remove_child, st, &more, &e) == -1)
		log_msg(LOG_AGENT, LOG_WARN, "%s", e.text);
}

static int
lock(int how)
{
	char *path = path_data("ephemeral.lock");
	int fd = -1;

	if (path_make_parent(path, NULL) == 0)
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd != -1 && flock(fd, how) == -1) {
		close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

int
leftover_hold(void)
{
	return lock(LOCK_SH);
}

/* Only what is certain to be nobody's. */
static bool
is_orphan(struct store *st, const char *id)
{
	struct item it = { 0 };
	struct err e = ERR_INIT;
	bool orphan = store_find(st, id, &it, &e) == -1 &&
	    e.code == ERR_NOT_FOUND;

	item_clear(&it);
	return orphan;
}

/* dir has files or folders ID[suffix]; takes dir. */
static void
sweep_dir(struct store *st, char *dir, const char *suffix)
{
	static const char prefix[] = "session_";
	DIR *d = opendir(dir);
	struct dirent *de;

	while (d != NULL && (de = readdir(d)) != NULL) {
		size_t len = strlen(de->d_name), end = strlen(suffix);
		char *id;

		if (strncmp(de->d_name, prefix, strlen(prefix)) != 0 ||
		    len <= end || strcmp(de->d_name + len - end, suffix) != 0)
			continue;
		id = xstrndup(de->d_name, len - end);
		if (is_orphan(st, id)) {
			remove_outputs(id);
			remove_rules(id);
		}
		free(id);
	}
	if (d != NULL)
		closedir(d);
	free(dir);
}

void
leftover_sweep(struct store *st)
{
	int fd = lock(LOCK_EX | LOCK_NB);

	if (fd == -1)
		return;
	sweep_dir(st, path_data("rules"), ".yaml");
	sweep_dir(st, path_state("output"), "");
	close(fd);
}
