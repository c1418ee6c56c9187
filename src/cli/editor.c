/* SPDX-License-Identifier: GPL-3.0-or-later */
/* editor.c - text in the editor of the person */

#include <sys/wait.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/editor.h"

enum { EDIT_MAX = 900 * 1024 };

static int
run_editor(const char *path, struct err *e)
{
	const char *editor = getenv("VISUAL");
	int status = 0;

	if (editor == NULL || *editor == '\0')
		editor = getenv("EDITOR");
	if (editor == NULL || *editor == '\0')
		editor = "vi";
	/* $EDITOR may have arguments, so a shell takes it apart */
	char *script = xasprintf("%s \"$1\"", editor);
	pid_t pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", script, "sh", path, (char *)NULL);
		_exit(127);
	}
	free(script);
	if (pid == -1)
		return err_errno(e, ERR_FAILED, errno, "cannot fork");
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return err_errno(e, ERR_FAILED, errno, "%s", editor);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(e, ERR_FAILED, "%s failed", editor);
	return 0;
}

char *
editor_run(const char *text, struct err *e)
{
	char path[] = "/tmp/chatd-edit.XXXXXX";
	struct buf b = BUF_INIT;
	int fd = mkstemp(path);
	char *new = NULL;

	if (fd < 0) {
		err_errno(e, ERR_IO, errno, "cannot make %s", path);
		return NULL;
	}
	bool ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	if (ok && run_editor(path, e) == 0 &&
	    buf_read_file(&b, path, EDIT_MAX, e) == 0) {
		while (b.len > 0 && b.data[b.len - 1] == '\n')
			buf_cut(&b, b.len - 1);
		new = buf_take(&b);
	}
	buf_clear(&b);
	unlink(path);
	return new;
}
