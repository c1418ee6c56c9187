/* SPDX-License-Identifier: GPL-3.0-or-later */
/* child_env.c - the environment of a child, without our keys */

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tool/child.h"

extern char **environ;

/* Names of what nobody but us should hold. */
static const char *const secret[] = {
	"*_API_KEY", "*_API_TOKEN", "*_ACCESS_TOKEN", "*_AUTH_TOKEN",
	"*_SECRET_KEY", "*_SECRET_ACCESS_KEY", "CHATD_TOKEN", "TRIGGER_*",
	"*_PASSWORD", "GITHUB_TOKEN", "GH_TOKEN", "NPM_TOKEN",
	/* and what gives them to a program */
	"SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS",
};

static bool
one_of(const char *name, const char *const *patterns, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (fnmatch(patterns[i], name, 0) == 0)
			return true;
	}
	return false;
}

static size_t
count_of(const char *const *list)
{
	size_t n = 0;

	while (list != NULL && list[n] != NULL)
		n++;
	return n;
}

/* Does extra set the name that entry sets? */
static bool
is_set_by(const char *entry, const char *const *extra)
{
	size_t n = strcspn(entry, "=") + 1;

	for (; extra != NULL && *extra != NULL; extra++) {
		if (strncmp(*extra, entry, n) == 0)
			return true;
	}
	return false;
}

char **
child_env(const char *const *names, const char *const *extra)
{
	size_t n = 0, more = count_of(extra), i;
	char **env;

	while (environ[n] != NULL)
		n++;
	env = xcalloc(n + more + 1, sizeof *env);
	n = 0;
	for (i = 0; environ[i] != NULL; i++) {
		char *name = xstrndup(environ[i], strcspn(environ[i], "="));

		if (!one_of(name, secret, NELEM(secret)) &&
		    !is_set_by(environ[i], extra) && (names == NULL ||
		    one_of(name, names, count_of(names))))
			env[n++] = xstrdup(environ[i]);
		free(name);
	}
	for (i = 0; i < more; i++)
		env[n++] = xstrdup(extra[i]);
	return env;
}

char **
child_env_whole(void)
{
	size_t n = 0, i;
	char **env;

	while (environ[n] != NULL)
		n++;
	env = xcalloc(n + 1, sizeof *env);
	for (i = 0; i < n; i++)
		env[i] = xstrdup(environ[i]);
	return env;
}

void
child_env_free(char **env)
{
	size_t i;

	for (i = 0; env != NULL && env[i] != NULL; i++)
		free(env[i]);
	free(env);
}
