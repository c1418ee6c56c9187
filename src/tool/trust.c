/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trust.c - what of a project a person has agreed to run */

#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "tool/trust.h"

enum {
	TRUST_FILE_MAX = 4 * 1024 * 1024,
	TRUST_SCRIPT_MAX = 64 * 1024 * 1024,
};

/* As it is written, and not where links lead: those are the project's too. */
static char *
file_below(const char *root, const char *word)
{
	size_t len = strlen(root);

	if (*word != '/')
		return path_join(root, word);
	return strncmp(word, root, len) == 0 && word[len] == '/' ?
	    xstrdup(word) : NULL;
}

void
trust_add_file(struct buf *seen, const char *root, const char *word)
{
	char *file = *word != '\0' ? file_below(root, word) : NULL;
	char sum[SHA256_HEX];
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct stat st;

	if (file != NULL && stat(file, &st) == 0 && S_ISREG(st.st_mode)) {
		if (buf_read_file(&b, file, TRUST_SCRIPT_MAX, &e) == -1)
			buf_adds(&b, e.text);
		sha256_hex(b.data, b.len, sum);
		buf_addc(seen, '\0');
		buf_adds(seen, sum);
	}
	buf_clear(&b);
	free(file);
}

void
trust_add_command(struct buf *seen, const char *root, const char *command)
{
	static const char parts[] = " \t\n;|&<>()'\"`=";
	static const char here[] = "$CHATD_PROJECT_DIR/";
	static const char braced[] = "${CHATD_PROJECT_DIR}/";

	for (const char *s = command + strspn(command, parts); *s != '\0';
	    s += strspn(s, parts)) {
		size_t len = strcspn(s, parts);
		char *word = xstrndup(s, len), *name = word;

		if (strncmp(word, here, sizeof(here) - 1) == 0)
			name += sizeof(here) - 1;
		else if (strncmp(word, braced, sizeof(braced) - 1) == 0)
			name += sizeof(braced) - 1;
		trust_add_file(seen, root, name);
		free(word);
		s += len;
	}
}

/* {"answers":[{"kind":..,"dir":..,"name":..,"sha256":..,"yes":..,"at":ms}]} */
static struct json_doc *
read_answers(const char *path, struct err *e)
{
	struct err why = ERR_INIT;
	struct buf b = BUF_INIT;
	struct json_doc *doc = NULL;

	if (buf_read_file(&b, path, TRUST_FILE_MAX, &why) == -1) {
		if (why.code != ERR_NOT_FOUND)
			err_pass(e, &why);
	} else if ((doc = json_parse(b.data, b.len, 0, &why)) == NULL) {
		err_set(e, ERR_CONFIG, "%s: %s", path, why.text);
	}
	buf_clear(&b);
	return doc;
}

static bool
is_about(const struct json *v, const struct trust_key *key)
{
	return json_streq(json_get(v, "kind"), key->kind) &&
	    json_streq(json_get(v, "dir"), key->dir) &&
	    json_streq(json_get(v, "name"), key->name);
}

enum trust
trust_get(const struct trust_key *key)
{
	char *path = path_data("trust.json");
	struct err e = ERR_INIT;
	struct json_doc *doc = read_answers(path, &e);
	enum trust trust = TRUST_UNKNOWN;
	const struct json *v;

	if (err_is_set(&e))
		log_msg(LOG_TOOL, LOG_WARN, "%s", e.text);
	JSON_EACH(v, json_get(json_root(doc), "answers"))
		if (is_about(v, key) &&
		    json_streq(json_get(v, "sha256"), key->sum))
			trust = json_bool(json_get(v, "yes"), false) ?
			    TRUST_YES : TRUST_NO;
	json_doc_free(doc);
	free(path);
	return trust;
}

/* The answer takes the place of an older one about the same thing. */
static void
write_answers(struct buf *b, const struct json *before,
    const struct trust_key *key, bool yes)
{
	const struct json *v;
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_key(&w, "answers");
	json_w_arr(&w);
	JSON_EACH(v, json_get(before, "answers"))
		if (!is_about(v, key))
			json_w_value(&w, v);
	json_w_obj(&w);
	json_w_kstr(&w, "kind", key->kind);
	json_w_kstr(&w, "dir", key->dir);
	json_w_kstr(&w, "name", key->name);
	json_w_kstr(&w, "sha256", key->sum);
	json_w_kbool(&w, "yes", yes);
	json_w_kint(&w, "at", clock_ms());
	json_w_obj_end(&w);
	json_w_arr_end(&w);
	json_w_obj_end(&w);
	buf_addc(b, '\n');
}

static int
change_file(const char *path, const struct trust_key *key, bool yes,
    struct err *e)
{
	struct err why = ERR_INIT;
	struct json_doc *doc = read_answers(path, &why);
	struct buf b = BUF_INIT;
	int rc;

	if (err_is_set(&why))
		return err_pass(e, &why);
	write_answers(&b, json_root(doc), key, yes);
	rc = path_write_whole(path, b.data, b.len, 0600, e);
	buf_clear(&b);
	json_doc_free(doc);
	return rc;
}

int
trust_set(const struct trust_key *key, bool yes, struct err *e)
{
	char *path = path_data("trust.json"), *lock = path_data("trust.lock");
	int fd, rc = path_make_parent(path, e);

	if (rc == 0) {
		/* without the lock two at the same time would lose one */
		fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd != -1)
			(void)flock(fd, LOCK_EX);
		rc = change_file(path, key, yes, e);
		if (fd != -1)
			close(fd);
	}
	free(path);
	free(lock);
	return rc;
}

const char *
trust_name(enum trust trust)
{
	static const char *const names[] = { "not asked", "yes", "no" };

	return names[trust];
}
