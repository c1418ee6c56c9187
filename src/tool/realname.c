/* SPDX-License-Identifier: GPL-3.0-or-later */
/* realname.c - which file a path means in the end */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "tool/realname.h"

enum { LINKS_MAX = 40 };	/* as the kernel */

static void
drop_last(struct buf *out)
{
	while (out->len > 0 && out->data[--out->len] != '/')
		;
	buf_cut(out, out->len);
}

char *
realname_clean(const char *path)
{
	struct buf out = BUF_INIT;
	size_t n;

	for (; *path != '\0'; path += n) {
		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (n == 0 || (n == 1 && path[0] == '.'))
			continue;
		if (n == 2 && path[0] == '.' && path[1] == '.') {
			drop_last(&out);
			continue;
		}
		buf_addc(&out, '/');
		buf_add(&out, path, n);
	}
	if (out.len == 0)
		buf_addc(&out, '/');
	return buf_take(&out);
}

/* todo = target + the rest of todo */
static void
splice(struct buf *todo, const char *target, const char *rest)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s/%s", target, rest);
	buf_clear(todo);
	*todo = b;
}

/* Walk todo part by part, as the kernel does; -1: too many links. */
static int
resolve(struct buf *todo, struct buf *out)
{
	int links = 0;
	size_t at = 0, n;

	while (todo->data[at += strspn(todo->data + at, "/")] != '\0') {
		const char *part = todo->data + at;
		char target[PATH_MAX];
		size_t before = out->len;
		ssize_t got;

		n = strcspn(part, "/");
		at += n;
		if (n == 1 && part[0] == '.')
			continue;
		if (n == 2 && part[0] == '.' && part[1] == '.') {
			drop_last(out);
			continue;
		}
		buf_addc(out, '/');
		buf_add(out, part, n);
		got = readlink(out->data, target, sizeof target - 1);
		if (got < 0)
			continue;
		if (++links > LINKS_MAX)
			return -1;
		target[got] = '\0';
		buf_cut(out, target[0] == '/' ? 0 : before);
		splice(todo, target, todo->data + at);
		at = 0;
	}
	return 0;
}

char *
realname(const char *path)
{
	struct buf todo = BUF_INIT, out = BUF_INIT;

	buf_adds(&todo, path);
	if (resolve(&todo, &out) == -1) {
		char *clean = realname_clean(path);

		buf_reset(&out);
		buf_addf(&out, "/dev/null%s", clean);
		free(clean);
	} else if (out.len == 0) {
		buf_addc(&out, '/');
	}
	buf_clear(&todo);
	return buf_take(&out);
}
