/* SPDX-License-Identifier: GPL-3.0-or-later */
/* path.c - where chatd keeps its files (cli.md 8) */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"

enum place_id { PLACE_CONFIG, PLACE_DATA, PLACE_STATE };

static const struct place {
	const char *variable;
	const char *below_home;
	const char *below_chatd_home;
} places[] = {
	[PLACE_CONFIG] = { "XDG_CONFIG_HOME", ".config", "config" },
	[PLACE_DATA] = { "XDG_DATA_HOME", ".local/share", "data" },
	[PLACE_STATE] = { "XDG_STATE_HOME", ".local/state", "state" },
};

/* A variable that holds an absolute path; others do not count (XDG). */
static const char *
folder_of(const char *variable)
{
	const char *dir = getenv(variable);

	return dir != NULL && dir[0] == '/' ? dir : NULL;
}

static const char *
home(void)
{
	const char *dir = folder_of("HOME");
	const struct passwd *pw;

	if (dir != NULL)
		return dir;
	pw = getpwuid(geteuid());
	return pw != NULL && pw->pw_dir[0] == '/' ? pw->pw_dir : "/";
}

static char *
absolute(const char *path)
{
	char *cwd, *whole;

	if (path[0] == '/' || (cwd = path_cwd(NULL)) == NULL)
		return xstrdup(path);
	whole = path_join(cwd, path);
	free(cwd);
	return whole;
}

/* CHATD_HOME may be relative: whoever sets it means the folder they see. */
static char *
chatd_home(const char *sub)
{
	const char *dir = getenv("CHATD_HOME");
	char *whole, *path;

	if (dir == NULL || dir[0] == '\0')
		return NULL;
	whole = absolute(dir);
	path = path_join(whole, sub);
	free(whole);
	return path;
}

static char *
place_dir(const struct place *place)
{
	char *dir = chatd_home(place->below_chatd_home);
	const char *base = folder_of(place->variable);

	if (dir != NULL)
		return dir;
	if (base != NULL)
		return path_join(base, "chatd");
	return xasprintf("%s/%s/chatd", home(), place->below_home);
}

static char *
join_free(char *dir, const char *name)
{
	char *path;

	if (name == NULL || name[0] == '\0')
		return dir;
	path = path_join(dir, name);
	free(dir);
	return path;
}

char *
path_config(const char *name)
{
	return join_free(place_dir(&places[PLACE_CONFIG]), name);
}

char *
path_data(const char *name)
{
	return join_free(place_dir(&places[PLACE_DATA]), name);
}

char *
path_state(const char *name)
{
	return join_free(place_dir(&places[PLACE_STATE]), name);
}

static bool
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static char *
runtime_dir(void)
{
	char *dir = chatd_home("run");
	const char *base = folder_of("XDG_RUNTIME_DIR");

	if (dir != NULL)
		return dir;
	if (base != NULL && is_dir(base))
		return path_join(base, "chatd");
	base = folder_of("TMPDIR");
	return xasprintf("%s/chatd-%ld", base == NULL ? "/tmp" : base,
	    (long)geteuid());
}

/*
 * In a folder that all can write to somebody else may have been first, with
 * a folder or a link of theirs.
 */
static int
check_private(const char *dir, struct err *e)
{
	struct stat st;

	if (lstat(dir, &st) == -1)
		return err_errno(e, ERR_IO, errno, "cannot look at %s", dir);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_FORBIDDEN, "%s is not a directory", dir);
	if (st.st_uid != geteuid())
		return err_set(e, ERR_FORBIDDEN, "%s belongs to user %ld", dir,
		    (long)st.st_uid);
	if ((st.st_mode & 07777) != 0700) {
		err_set(e, ERR_FORBIDDEN, "%s has mode %04o, not 0700", dir,
		    (unsigned)(st.st_mode & 07777));
		return err_hint(e, "chmod 700 %s", dir);
	}
	return 0;
}

char *
path_runtime(const char *name, struct err *e)
{
	char *dir = runtime_dir();

	if (path_make(dir, e) == -1 || check_private(dir, e) == -1) {
		free(dir);
		return NULL;
	}
	return join_free(dir, name);
}

static int
make_one(const char *dir, struct err *e)
{
	if (mkdir(dir, 0700) == 0)
		return 0;
	if (errno != EEXIST)
		return err_errno(e, ERR_IO, errno, "cannot make %s", dir);
	if (!is_dir(dir))
		return err_set(e, ERR_IO, "%s is not a directory", dir);
	return 0;
}

int
path_make(const char *dir, struct err *e)
{
	char *part, *p;
	int r = 0;

	if (is_dir(dir))
		return 0;
	part = xstrdup(dir);
	for (p = part + 1; r == 0 && part[0] != '\0' && *p != '\0'; p++) {
		if (*p != '/' || p[-1] == '/')
			continue;
		*p = '\0';
		r = make_one(part, e);
		*p = '/';
	}
	if (r == 0)
		r = make_one(part, e);
	free(part);
	return r;
}

/* The folder that path lies in; "." and "/" where there is no other. */
static char *
parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return xstrdup(".");
	if (slash == path)
		return xstrdup("/");
	return xstrndup(path, (size_t)(slash - path));
}

int
path_make_parent(const char *file, struct err *e)
{
	char *dir = parent(file);
	int r = path_make(dir, e);

	free(dir);
	return r;
}

char *
path_join(const char *dir, const char *name)
{
	size_t len = strlen(dir);

	return xasprintf("%s%s%s", dir, len > 0 && dir[len - 1] != '/' ? "/" :
	    "", name);
}

char *
path_cwd(struct err *e)
{
	char *cwd = getcwd(NULL, 0);

	if (cwd == NULL)
		err_errno(e, ERR_IO, errno, "cannot tell the working "
		    "directory");
	return cwd;
}

char *
path_expand(const char *path)
{
	if (strcmp(path, "~") == 0)
		return xstrdup(home());
	if (strncmp(path, "~/", 2) == 0)
		return path_join(home(), path + 2);
	return xstrdup(path);
}

bool
path_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static int
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A rename lasts only when the folder has been synced. */
static int
sync_parent(const char *path, struct err *e)
{
	char *dir = parent(path);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	/* some file systems cannot sync a folder, and need not */
	if (fd == -1 || (fsync(fd) == -1 && errno != EINVAL))
		r = err_errno(e, ERR_IO, errno, "cannot sync %s", dir);
	if (fd != -1)
		close(fd);
	free(dir);
	return r;
}

/* /dev/stderr and the like must not become files. */
static int
write_through(const char *path, const void *data, size_t len, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	int r = fd == -1 ? -1 : write_all(fd, data, len);

	if (r == -1)
		err_errno(e, ERR_IO, errno, "cannot write %s", path);
	if (fd != -1 && close(fd) == -1 && r == 0)
		r = err_errno(e, ERR_IO, errno, "cannot write %s", path);
	return r;
}

int
path_replace(const char *path, const char *shown, const void *data,
    size_t len, int mode, struct err *e)
{
	char *temp = xasprintf("%s.XXXXXX", path);
	int fd = mkostemp(temp, O_CLOEXEC), r;

	if (fd == -1) {
		free(temp);
		return err_errno(e, ERR_IO, errno, "cannot write %s", shown);
	}
	r = fchmod(fd, (mode_t)mode);
	if (r == 0)
		r = write_all(fd, data, len);
	if (r == 0)
		r = fsync(fd);
	if (r == -1)
		err_errno(e, ERR_IO, errno, "cannot write %s", shown);
	if (close(fd) == -1 && r == 0)
		r = err_errno(e, ERR_IO, errno, "cannot write %s", shown);
	if (r == 0 && rename(temp, path) == -1)
		r = err_errno(e, ERR_IO, errno, "cannot replace %s", shown);
	if (r == -1)
		unlink(temp);
	free(temp);
	return r == -1 ? -1 : sync_parent(path, e);
}

int
path_write_whole(const char *path, const void *data, size_t len, int mode,
    struct err *e)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return path_replace(path, path, data, len, mode, e);
	if (!S_ISREG(st.st_mode))
		return write_through(path, data, len, e);
	char *target = realpath(path, NULL);
	int r = path_replace(target != NULL ? target : path, path, data, len,
	    mode, e);
	free(target);
	return r;
}

size_t
path_project_len(const char *dir)
{
	size_t len = strlen(dir);

	while (len > 0) {
		char *git = xasprintf("%.*s/.git", (int)len, dir);
		bool found = path_exists(git);

		free(git);
		if (found)
			return len;
		while (len > 0 && dir[len - 1] != '/')
			len--;
		if (len > 0)
			len--;
	}
	return strlen(dir);
}
