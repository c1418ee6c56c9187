/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keyfile.c - the secret keys of a server */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/path.h"
#include "wire/keyfile.h"

#define ENV_MARK	"# environment "
#define ALNUM		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
			"abcdefghijklmnopqrstuvwxyz"

enum { KEY_LETTERS = 24 };

static int
check_mode(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_errno(e, ERR_IO, errno, "cannot look at %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_CONFIG, "%s is not a file", path);
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) == 0)
		return 0;
	err_set(e, ERR_CONFIG, "key file %s is open to other users (mode %04o)",
	    path, (unsigned)st.st_mode & 07777);
	return err_hint(e, "chmod 600 %s, and use a new key if it was not "
	    "meant to be seen", path);
}

static void
add_key(struct keyfile *k, const char *key, size_t len)
{
	k->keys = xreallocarray(k->keys, k->count + 2, sizeof(*k->keys));
	k->keys[k->count++] = xstrndup(key, len);
	k->keys[k->count] = NULL;
}

static bool
key_is_sound(const char *key, size_t len)
{
	if (len > KEYFILE_KEY_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (key[i] <= ' ' || key[i] == 0x7f)
			return false;
	return true;
}

/* One line without its end; 0, or -1 if it holds no key that could be sent. */
static int
parse_line(struct keyfile *k, const char *line, size_t len)
{
	while (len > 0 && strchr(" \t\r", line[len - 1]) != NULL)
		len--;
	while (len > 0 && strchr(" \t", *line) != NULL)
		line++, len--;
	if (len == 0)
		return 0;
	if (*line != '#') {
		if (!key_is_sound(line, len))
			return -1;
		add_key(k, line, len);
	} else if (len > strlen(ENV_MARK) && k->env == NULL &&
	    strncmp(line, ENV_MARK, strlen(ENV_MARK)) == 0) {
		k->env = xstrndup(line + strlen(ENV_MARK),
		    len - strlen(ENV_MARK));
	}
	return 0;
}

static int
parse(struct keyfile *k, const struct buf *text, const char *path,
    struct err *e)
{
	const char *line = text->data, *end = text->data + text->len;

	for (int number = 1; line < end; number++) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));

		if (stop == NULL)
			stop = end;
		if (parse_line(k, line, (size_t)(stop - line)) != 0)
			return err_set(e, ERR_CONFIG,
			    "%s:%d: not a key: printable ASCII without spaces "
			    "is wanted, at most %d characters", path, number,
			    KEYFILE_KEY_MAX);
		line = stop + 1;
	}
	if (k->count == 0)
		return err_set(e, ERR_CONFIG, "key file %s holds no key",
		    path);
	if (k->env == NULL)
		k->env = xstrdup(KEYFILE_ENV);
	return 0;
}

int
keyfile_open(struct keyfile *k, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	int fd, ret = -1;

	memset(k, 0, sizeof(*k));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_errno(e, errno == ENOENT ? ERR_NOT_FOUND :
		    ERR_CONFIG, errno, "cannot open key file %s", path);
	/* grown at once, so that no copy of a key is left behind */
	(void)buf_reserve(&text, KEYFILE_MAX);
	if (check_mode(fd, path, e) == 0 &&
	    buf_read_fd(&text, fd, path, KEYFILE_MAX, e) == 0)
		ret = parse(k, &text, path, e);
	(void)close(fd);	/* only read */
	mem_wipe(text.data, text.len);
	buf_clear(&text);
	if (ret != 0)
		keyfile_clear(k);
	return ret;
}

/* Never the form tr_dev_sk_..., which the SDK takes for a key that cannot
 * sign (session-protocol 3.2). */
static void
new_key(char out[KEY_LETTERS + 1])
{
	for (int i = 0; i < KEY_LETTERS; i++)
		out[i] = ALNUM[id_random_below(sizeof(ALNUM) - 1)];
	out[KEY_LETTERS] = '\0';
}

static void
new_text(struct buf *b)
{
	char env[ID_MAX], key[KEY_LETTERS + 1];

	id_make("env", env);
	new_key(key);
	buf_addf(b, "# The keys of this chatd server, one a line. The first\n"
	    "# signs tokens, all are accepted: put a new key on top, and take\n"
	    "# an old one out when its tokens have run out.\n"
	    "%s%s\ntr_dev_%s\n", ENV_MARK, env, key);
	mem_wipe(key, sizeof(key));
}

static int
write_new(int fd, const char *name, struct err *e)
{
	struct buf b = BUF_INIT;
	int ret = 0;

	new_text(&b);
	if (write(fd, b.data, b.len) != (ssize_t)b.len || fsync(fd) != 0)
		ret = err_errno(e, ERR_IO, errno, "cannot write %s", name);
	mem_wipe(b.data, b.len);
	buf_clear(&b);
	return ret;
}

/* Whole or not at all, and never over one that is there: hence link(). */
static int
make(const char *path, bool *made, struct err *e)
{
	char *name = xasprintf("%s.XXXXXX", path);
	int fd, ret = -1;

	if (path_make_parent(path, e) != 0)
		goto done;
	fd = mkstemp(name);		/* mode 0600 */
	if (fd < 0) {
		err_errno(e, ERR_IO, errno, "cannot make %s", name);
		goto done;
	}
	ret = write_new(fd, name, e);
	if (close(fd) != 0 && ret == 0)
		ret = err_errno(e, ERR_IO, errno, "cannot write %s", name);
	if (ret == 0) {
		*made = link(name, path) == 0;
		if (!*made && errno != EEXIST)
			ret = err_errno(e, ERR_IO, errno, "cannot make %s",
			    path);
	}
	(void)unlink(name);	/* the other name stays */
done:
	free(name);
	return ret;
}

int
keyfile_ensure(struct keyfile *k, const char *path, bool *made, struct err *e)
{
	struct err first = ERR_INIT;

	*made = false;
	if (keyfile_open(k, path, &first) == 0)
		return 0;
	if (first.code != ERR_NOT_FOUND)
		return err_pass(e, &first);
	if (make(path, made, e) != 0)
		return -1;
	return keyfile_open(k, path, e);
}

void
keyfile_clear(struct keyfile *k)
{
	for (size_t i = 0; i < k->count; i++) {
		mem_wipe(k->keys[i], strlen(k->keys[i]));
		free(k->keys[i]);
	}
	free(k->keys);
	free(k->env);
	memset(k, 0, sizeof(*k));
}

/* The time depends on the lengths alone. */
static bool
same_secret(const char *ours, const char *theirs)
{
	size_t len = strlen(theirs), n = strlen(ours);
	volatile unsigned char diff = len != n;

	for (size_t i = 0; i < len; i++)
		diff |= (unsigned char)(theirs[i] ^ ours[i % n]);
	return diff == 0;
}

bool
keyfile_has(const struct keyfile *k, const char *key)
{
	bool found = false;

	for (size_t i = 0; i < k->count; i++)
		found |= same_secret(k->keys[i], key);
	return found;
}
