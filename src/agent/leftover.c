/* SPDX-License-Identifier: GPL-3.0-or-later */
/* leftover.c - files of a session that are beside the database */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/leftover.h"
#include "agent/remember.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/store.h"

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
