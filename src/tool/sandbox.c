/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sandbox.c - what a tool's child may touch: the layers put together */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "tool/realname.h"
#include "tool/sandbox_priv.h"

struct sandbox {
	enum sandbox_mode mode;
	struct sandbox_layers layers;
	int landlock;			/* -1: none */
	struct sock_filter *filter;
	size_t filter_count;
	struct holes holes;
	bool ours_within;		/* what is ours, in the workspace */
	char *tmp;
	char *made[4];			/* folders that were missing */
	size_t made_count;
};

static const char *const mode_names[] = {
	"read-only", "workspace-write", "off",
};

/* In the workspace: what others run or obey. */
static const struct {
	const char *path;
	enum hole_kind kind;
	const char *make_in;	/* made if missing, where this is a folder */
} guarded[] = {
	/* Moved away, .git could come again with hooks of its own. */
	{ ".git", HOLE_PINNED, NULL },
	{ ".git/hooks", HOLE_FIXED, ".git" },
	{ ".git/config", HOLE_FIXED, NULL },
	/* each may lead git to another configuration */
	{ ".git/config.worktree", HOLE_FIXED, NULL },
	{ ".git/commondir", HOLE_FIXED, NULL },
	{ ".chatd", HOLE_FIXED, "." },
	{ ".mcp.json", HOLE_FIXED, NULL },
};

static const char *const start_files[] = {
	".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".profile",
	".zshrc", ".zshenv", ".zprofile", ".zlogin", ".zlogout", ".kshrc",
	".inputrc", ".gitconfig", ".ssh", ".config/fish", ".config/git",
	".config/autostart", ".config/systemd", ".config/chatd",
};

int
sandbox_mode_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < NELEM(mode_names); i++) {
		if (strcmp(name, mode_names[i]) == 0)
			return (int)i;
	}
	return -1;
}

const char *
sandbox_mode_name(enum sandbox_mode mode)
{
	return mode_names[mode];
}

void
sandbox_probe(struct sandbox_layers *out)
{
	out->landlock = landlock_abi();
	out->namespaces = holes_possible();
	out->seccomp = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != -1;
}

void
sandbox_describe(struct buf *out)
{
	struct sandbox_layers l;

	sandbox_probe(&l);
	if (l.landlock > 0)
		buf_addf(out, "Landlock (ABI %d)", l.landlock);
	else
		buf_adds(out, "no Landlock");
	buf_adds(out, l.namespaces ? ", user and mount namespaces" :
	    ", no namespaces (commands are asked about, unless a rule allows "
	    "them and none denies a path)");
	buf_adds(out, l.seccomp ? ", seccomp" : ", no seccomp");
	buf_adds(out, ", no-new-privs, resource limits");
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void
guard_workspace(struct sandbox *sb, const char *dir)
{
	size_t i;

	for (i = 0; i < NELEM(guarded); i++) {
		char *path = path_join(dir, guarded[i].path);
		char *above = guarded[i].make_in == NULL ? NULL :
		    path_join(dir, guarded[i].make_in);

		if (above != NULL && is_folder(above) && !path_exists(path) &&
		    mkdir(path, 0700) == 0)
			sb->made[sb->made_count++] = xstrdup(path);
		/* a .git that is a file says where the real one is */
		holes_add(&sb->holes, path, guarded[i].kind == HOLE_PINNED &&
		    !is_folder(path) ? HOLE_FIXED : guarded[i].kind);
		free(above);
		free(path);
	}
}

static void
guard_home(struct sandbox *sb)
{
	const char *home = getenv("HOME");
	size_t i;

	for (i = 0; home != NULL && i < NELEM(start_files); i++) {
		char *path = path_join(home, start_files[i]);

		holes_add(&sb->holes, path, HOLE_FIXED);
		free(path);
	}
}

/* path is base/name, or lies below it; pinned: only the former. */
static bool
is_at(const char *path, const char *base, const char *name, bool pinned)
{
	char *joined = path_join(base, name), *at = realname(joined);
	size_t len = strlen(at);
	bool is = strncmp(path, at, len) == 0 && (path[len] == '\0' ||
	    (path[len] == '/' && !pinned));

	free(joined);
	free(at);
	return is;
}

/* What we obey ourselves, wherever it lies, and what only we may read. */
static const struct {
	char *(*place)(const char *name);
	const char *name;
	enum hole_kind kind;
} ours[] = {
	{ path_config, "", HOLE_FIXED },
	{ path_data, "", HOLE_FIXED },
	{ path_config, "keys", HOLE_HIDDEN },
	{ path_data, "mcp-tokens.json", HOLE_HIDDEN },
	{ path_data, "chatd.db", HOLE_HIDDEN },
	{ path_data, "chatd.db-wal", HOLE_HIDDEN },
	{ path_data, "chatd.db-shm", HOLE_HIDDEN },
};

static bool
is_ours(const char *path, enum hole_kind kind)
{
	bool is = false;

	for (size_t i = 0; i < NELEM(ours) && !is; i++) {
		char *own = ours[i].place(ours[i].name);

		is = ours[i].kind == kind && is_at(path, own, ".", false);
		free(own);
	}
	return is;
}

bool
sandbox_hides(const char *path)
{
	return is_ours(path, HOLE_HIDDEN);
}

static bool
is_guarded(const char *dir, const char *path)
{
	const char *home = getenv("HOME");
	size_t i;

	for (i = 0; i < NELEM(guarded); i++)
		if (is_at(path, dir, guarded[i].path,
		    guarded[i].kind == HOLE_PINNED))
			return true;
	for (i = 0; home != NULL && i < NELEM(start_files); i++)
		if (is_at(path, home, start_files[i], false))
			return true;
	return is_ours(path, HOLE_FIXED);
}

bool
sandbox_reaches(enum sandbox_mode mode, const char *dir, const char *path)
{
	size_t len = strlen(dir);

	if (mode == SANDBOX_OFF)
		return true;
	if (mode == SANDBOX_READ_ONLY)
		return false;
	return strncmp(path, dir, len) == 0 && path[len] == '/' &&
	    !is_guarded(dir, path);
}

static void
guard_ours(struct sandbox *sb, const char *dir)
{
	for (size_t i = 0; i < NELEM(ours); i++) {
		char *path = ours[i].place(ours[i].name), *at = realname(path);

		holes_add(&sb->holes, path, ours[i].kind);
		if (sb->mode == SANDBOX_WORKSPACE_WRITE &&
		    (strcmp(dir, "/") == 0 || is_at(at, dir, ".", false)))
			sb->ours_within = true;
		free(path);
		free(at);
	}
}

/* Moved away, a folder above it could come again without it; and the next
 * child would see it elsewhere. */
static void
pin_above(struct sandbox *sb, const char *dir, const char *path)
{
	char *root = realname(dir), *at = realname(path), *slash;
	size_t n = strlen(root);

	while (strncmp(at, root, n) == 0 && at[n] == '/' &&
	    (slash = strrchr(at, '/')) != at + n) {
		*slash = '\0';
		holes_add(&sb->holes, at, HOLE_PINNED);
	}
	free(root);
	free(at);
}

static void
add_all(struct sandbox *sb, const char *dir, const char *const *paths,
    enum hole_kind kind)
{
	for (; paths != NULL && *paths != NULL; paths++) {
		pin_above(sb, dir, *paths);
		holes_add(&sb->holes, *paths, kind);
	}
}

static int
open_landlock(struct sandbox *sb, const struct sandbox_opts *o, struct err *e)
{
	const char *writable[64];
	size_t n = 0;
	const char *const *more = o->writable;
	struct landlock_opts opts = { .abi = sb->layers.landlock,
	    .network = o->network, .writable = writable };

	if (o->tmp != NULL)
		writable[n++] = o->tmp;
	if (o->mode == SANDBOX_WORKSPACE_WRITE) {
		writable[n++] = o->dir;
		while (more != NULL && *more != NULL && n < 63)
			writable[n++] = *more++;
	}
	writable[n] = NULL;
	sb->landlock = landlock_open(&opts, e);
	return sb->landlock == -1 ? -1 : 0;
}

struct sandbox *
sandbox_new(const struct sandbox_opts *o, struct err *e)
{
	struct sandbox *sb = xcalloc(1, sizeof *sb);
	char *run = NULL;

	sb->mode = o->mode;
	sb->landlock = -1;
	holes_init(&sb->holes);
	if (o->mode == SANDBOX_OFF)
		return sb;
	sandbox_probe(&sb->layers);
	if (sb->layers.landlock == 0) {
		err_set(e, ERR_CONFIG, "no sandbox: this kernel has no "
		    "Landlock");
		err_hint(e, "--sandbox off runs commands without one");
		goto failed;
	}
	if (o->tmp != NULL) {
		if (path_make(o->tmp, e) == -1)
			goto failed;
		sb->tmp = xstrdup(o->tmp);
	}
	if (open_landlock(sb, o, e) == -1)
		goto failed;
	sb->filter = seccomp_make(o->network, &sb->filter_count);
	if (o->mode == SANDBOX_WORKSPACE_WRITE) {
		guard_workspace(sb, o->dir);
		guard_home(sb);
		add_all(sb, o->dir, o->fixed, HOLE_FIXED);
	}
	guard_ours(sb, o->dir);
	/* Who reaches our sockets answers approvals. */
	run = path_runtime("", NULL);
	if (run != NULL)
		holes_add(&sb->holes, run, HOLE_HIDDEN);
	add_all(sb, o->dir, o->hidden, HOLE_HIDDEN);
	free(run);
	return sb;
failed:
	sandbox_free(sb);
	return NULL;
}

void
sandbox_free(struct sandbox *sb)
{
	if (sb == NULL)
		return;
	/* Only if they are still empty; else they belong to somebody. */
	while (sb->made_count > 0) {
		(void)rmdir(sb->made[--sb->made_count]);
		free(sb->made[sb->made_count]);
	}
	if (sb->landlock != -1)
		close(sb->landlock);
	holes_clear(&sb->holes);
	free(sb->filter);
	free(sb->tmp);
	free(sb);
}

enum sandbox_hold
sandbox_holds(const struct sandbox *sb)
{
	if (sb->mode == SANDBOX_OFF)
		return SANDBOX_UNWANTED;
	if (sb->holes.count == 0 || sb->layers.namespaces)
		return SANDBOX_HOLDS_ALL;
	/* Without seccomp it would reach our socket, and in a workspace that
	 * holds our own files write there what people have agreed to. */
	return sb->layers.seccomp && !sb->ours_within ? SANDBOX_HOLDS_WRITES :
	    SANDBOX_HOLDS_NOT;
}

const char *
sandbox_tmp(const struct sandbox *sb)
{
	return sb->tmp;
}

/* Lower a limit; one that is lower already stays. */
static int
limit(int what, rlim_t most)
{
	struct rlimit r;

	if (getrlimit((__rlimit_resource_t)what, &r) == -1)
		return -1;
	if (r.rlim_max == RLIM_INFINITY || r.rlim_max > most)
		r.rlim_max = most;
	if (r.rlim_cur == RLIM_INFINITY || r.rlim_cur > r.rlim_max)
		r.rlim_cur = r.rlim_max;
	return setrlimit((__rlimit_resource_t)what, &r);
}

static int
set_limits(void)
{
	static const struct {
		int what;
		rlim_t most;
	} limits[] = {
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_FSIZE, (rlim_t)16 << 30 },
		{ RLIMIT_NPROC, 16384 },
		{ RLIMIT_MEMLOCK, (rlim_t)64 << 20 },
	};
	size_t i;

	for (i = 0; i < NELEM(limits); i++) {
		if (limit(limits[i].what, limits[i].most) == -1)
			return -1;
	}
	return 0;
}

int
sandbox_enter(const struct sandbox *sb, const char **what)
{
	*what = "no-new-privs";
	if (sb->mode == SANDBOX_OFF)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	*what = "resource limits";
	if (set_limits() == -1)
		return -1;
	if (sb->layers.namespaces) {
		*what = "namespaces";
		if (holes_enter(&sb->holes) == -1 || holes_drop_caps() == -1)
			return -1;
	}
	*what = "Landlock";
	if (landlock_enter(sb->landlock) == -1)
		return -1;
	*what = "seccomp";
	return !sb->layers.seccomp ? 0 :
	    seccomp_enter(sb->filter, sb->filter_count);
}
