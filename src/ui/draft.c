/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draft.c - what was typed and not sent, in a file that outlives a crash */

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/sha256.h"
#include "client/client.h"
#include "ui/draft.h"

char *
draft_place(const struct client *cl, const char *id)
{
	return client_is_local(cl) ? xstrdup(id) :
	    xasprintf("%s %s", client_url(cl), id);
}

static char *
stem_of(const char *dir, const char *place)
{
	char hex[SHA256_HEX];

	sha256_hex(place, strlen(place), hex);
	return xasprintf("%s/%.32s", dir, hex);
}

static char *
file_of(const char *stem, int i)
{
	return xasprintf("%s.%d", stem, i);
}

/* The file is ours alone, and is still the one of this name. */
static int
open_locked(const char *path, int flags)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | flags, 0600);
	struct stat st;

	if (fd != -1 && (flock(fd, LOCK_EX | LOCK_NB) != 0 ||
	    fstat(fd, &st) != 0 || st.st_nlink == 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool
take_file(struct draft *d, int flags)
{
	for (int i = 0; i < DRAFT_FILES && d->fd == -1; i++) {
		char *path = file_of(d->stem, i);

		d->fd = open_locked(path, flags);
		if (d->fd != -1)
			d->path = path;
		else
			free(path);
	}
	return d->fd != -1;
}

/* A writer that was killed may have left an older, longer line's end. */
static void
read_line(struct draft *d, struct buf *found)
{
	const char *end;

	if (buf_read_fd(&d->kept, d->fd, d->path, DRAFT_MAX, NULL) != 0)
		buf_reset(&d->kept);
	end = memchr(d->kept.data, '\n', d->kept.len);
	buf_cut(&d->kept, end != NULL ? (size_t)(end - d->kept.data) : 0);
	buf_add(found, d->kept.data, d->kept.len);
}

void
draft_open(struct draft *d, const char *dir, const char *place,
    struct buf *found)
{
	*d = (struct draft){ .fd = -1, .kept = BUF_INIT };
	if (dir == NULL)
		return;
	d->stem = stem_of(dir, place);
	if (take_file(d, 0))
		read_line(d, found);
}

static void
drop_file(struct draft *d)
{
	if (d->fd == -1)
		return;
	(void)unlink(d->path);
	close(d->fd);
	d->fd = -1;
	free(d->path);
	d->path = NULL;
}

/* First the new line over the old one, then its rest goes: at no moment is
 * there none. */
static int
write_line(struct draft *d, struct err *e)
{
	size_t done = 0, len = d->kept.len + 1;
	char *line = xasprintf("%s\n", d->kept.data);
	ssize_t n = 1;

	for (; done < len && n > 0; done += n > 0 ? (size_t)n : 0)
		n = pwrite(d->fd, line + done, len - done, (off_t)done);
	free(line);
	if (done < len || ftruncate(d->fd, (off_t)len) != 0)
		return err_set(e, ERR_IO, "cannot write %s: %s", d->path,
		    strerror(errno));
	return 0;
}

int
draft_keep(struct draft *d, const char *line, size_t len, struct err *e)
{
	if (d->stem == NULL || (d->kept.len == len &&
	    (len == 0 || memcmp(d->kept.data, line, len) == 0)))
		return 0;
	buf_reset(&d->kept);
	buf_add(&d->kept, line, len);
	if (len == 0) {
		drop_file(d);
		return 0;
	}
	/* one that is there is somebody's, if of a screen that was killed */
	if (d->fd == -1 && (path_make_parent(d->stem, e) != 0 ||
	    !take_file(d, O_CREAT | O_EXCL)))
		return err_is_set(e) ? -1 : err_set(e, ERR_IO,
		    "cannot keep what is typed in %s.*", d->stem);
	return write_line(d, e);
}

void
draft_close(struct draft *d)
{
	if (d->kept.len == 0)
		drop_file(d);
	else if (d->fd != -1)
		close(d->fd);
	d->fd = -1;
	free(d->path);
	free(d->stem);
	buf_clear(&d->kept);
	d->path = d->stem = NULL;
}

void
draft_forget(const char *dir, const char *place)
{
	char *stem = stem_of(dir, place);

	for (int i = 0; i < DRAFT_FILES; i++) {
		char *path = file_of(stem, i);

		(void)unlink(path);
		free(path);
	}
	free(stem);
}
