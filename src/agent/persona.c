/* SPDX-License-Identifier: GPL-3.0-or-later */
/* persona.c - an agent as a file: agents/NAME.md */

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "agent/persona.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/schema.h"
#include "base/sha256.h"
#include "tool/trust.h"

/* A name that comes over the wire never leaves the folder. */
static bool
persona_name_fits(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= 64 && strspn(name,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789_-") == len;
}

/* "./x" lies beside the agent's file, wherever the session works. */
static char *
persona_word(const struct persona *p, const char *word, size_t len)
{
	const char *slash = strrchr(p->path, '/');
	char *w = xstrndup(word, len), *out;

	if (strncmp(w, "./", 2) == 0 || strncmp(w, "../", 3) == 0)
		out = xasprintf("%.*s/%s", (int)(slash - p->path), p->path, w);
	else
		out = path_expand(w);
	free(w);
	return out;
}

static void
persona_add_word(struct persona *p, size_t *n, const char *word, size_t len)
{
	p->program = xreallocarray(p->program, *n + 2, sizeof(*p->program));
	p->program[(*n)++] = persona_word(p, word, len);
	p->program[*n] = NULL;
}

/* Words are parted by blanks; a list says exactly what they are. */
static int
persona_read_program(struct persona *p, const struct json *v, struct err *e)
{
	const struct json *w;
	const char *s = json_str(v);
	size_t n = 0;

	if (!json_is_set(v))
		return 0;
	if (json_is(v, JSON_ARRAY)) {
		JSON_EACH(w, v)
			if (json_str(w) != NULL)
				persona_add_word(p, &n, json_str(w),
				    json_len(w));
	} else if (json_is(v, JSON_STRING)) {
		for (s += strspn(s, " \t"); *s != '\0';
		    s += strspn(s, " \t")) {
			size_t len = strcspn(s, " \t");

			persona_add_word(p, &n, s, len);
			s += len;
		}
	}
	return n > 0 ? 0 : err_set(e, ERR_CONFIG, "%s: program: a command or "
	    "a list of words is wanted", p->path);
}

static int
persona_read_warm(struct persona *p, const struct json *v, struct err *e)
{
	double s;

	p->warm_ms = -1;
	if (!json_is_set(v))
		return 0;
	if (!json_is(v, JSON_NUMBER) || json_double(v, &s) == -1 || s < 0 ||
	    s > 24 * 3600)
		return err_set(e, ERR_CONFIG, "%s: warm: seconds, up to a "
		    "day, are wanted", p->path);
	p->warm_ms = (int64_t)(s * 1000);
	return 0;
}

static int
persona_read_schema(struct persona *p, const struct json *v, struct err *e)
{
	struct err why = ERR_INIT;

	if (!json_is_set(v))
		return 0;
	if (schema_valid(v, &why) == -1)
		return err_set(e, ERR_CONFIG, "%s: client-data: %.300s",
		    p->path, why.text);
	p->client_data = json_text(v);
	return 0;
}

static int
persona_read_front(struct persona *p, const struct json *front,
    struct err *e)
{
	turn_opts_read(&p->opts, front);
	str_replace(&p->description, json_get_str(front, "description"));
	if (persona_read_program(p, json_get(front, "program"), e) == -1 ||
	    persona_read_warm(p, json_get(front, "warm"), e) == -1)
		return -1;
	return persona_read_schema(p, json_get(front, "client-data"), e);
}

static int
persona_read(struct persona *p, struct err *e)
{
	const char *path = p->path;
	struct buf b = BUF_INIT;
	struct json_doc *front = NULL;
	const char *body;
	int rc = -1;

	if (buf_read_file(&b, path, CONF_FILE_MAX, e) == -1 ||
	    conf_front_matter(b.data, b.len, path, &front, &body, e) == -1)
		goto done;
	body += strspn(body, " \t\r\n");
	if (*body != '\0')
		p->body = xstrdup(body);
	rc = persona_read_front(p, json_root(front), e);
done:
	json_doc_free(front);
	buf_clear(&b);
	return rc;
}

void
persona_narrow(struct turn_opts *o)
{
	const char *mode = o->permission_mode;

	str_replace(&o->allowed, NULL);
	o->network = false;
	if (mode != NULL && strcmp(mode, "plan") != 0 &&
	    strcmp(mode, "deny") != 0)
		str_replace(&o->permission_mode, NULL);
	if (o->sandbox != NULL && strcmp(o->sandbox, "read-only") != 0)
		str_replace(&o->sandbox, NULL);
}

static char *
persona_path(const char *name, const char *dir, bool *project)
{
	char *file = xasprintf("agents/%s.md", name);
	char *path = path_config(file);

	*project = !path_exists(path) && dir != NULL;
	if (*project) {
		free(path);
		path = xasprintf("%s/.chatd/%s", dir, file);
	}
	free(file);
	return path;
}

int
persona_load(struct persona *p, const char *name, const char *dir,
    struct err *e)
{
	int rc = 0;

	memset(p, 0, sizeof(*p));
	p->warm_ms = -1;
	if (!persona_name_fits(name)) {
		err_set(e, ERR_NOT_FOUND, "no agent %.64s", name);
		return -1;
	}
	char *path = persona_path(name, dir, &p->project);

	p->name = xstrdup(name);
	if (path_exists(path)) {
		p->path = path;
		path = NULL;
		rc = persona_read(p, e);
		if (p->project)	/* architecture.md 6 */
			persona_narrow(&p->opts);
	} else if (strcmp(name, PERSONA_DEFAULT) != 0) {
		err_set(e, ERR_NOT_FOUND, "no agent %s", name);
		rc = err_hint(e, "chatd agents lists them");
	}
	free(path);
	return rc;
}

void
persona_clear(struct persona *p)
{
	turn_opts_clear(&p->opts);
	for (size_t i = 0; p->program != NULL && p->program[i] != NULL; i++)
		free(p->program[i]);
	free(p->program);
	free(p->name);
	free(p->path);
	free(p->description);
	free(p->body);
	free(p->client_data);
	memset(p, 0, sizeof(*p));
}

int
persona_check_data(const struct persona *p, const struct json *data,
    struct err *e)
{
	struct json_doc *schema, *none;
	struct err why = ERR_INIT;
	int rc;

	if (p->client_data == NULL)
		return 0;
	schema = json_parse(p->client_data, strlen(p->client_data), 0, NULL);
	none = json_parse("{}", 2, 0, NULL);
	rc = schema_check(json_root(schema), data != NULL ? data :
	    json_root(none), &why);
	if (rc == -1)
		err_set(e, ERR_INVALID, "client data of agent %s: %.300s",
		    p->name, why.text);
	json_doc_free(schema);
	json_doc_free(none);
	return rc;
}

char *
persona_command(const struct persona *p)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; p->program != NULL && p->program[i] != NULL; i++)
		buf_addf(&b, "%s%s", i > 0 ? " " : "", p->program[i]);
	return buf_take(&b);
}

/* The folder whose .chatd/agents has the file. */
static char *
persona_root(const struct persona *p)
{
	size_t len = strlen(p->path);

	for (int i = 0; i < 3; i++)
		while (len > 0 && p->path[--len] != '/')
			;
	return xstrndup(p->path, len);
}

/* What is agreed to: this command, word by word, of this file, and what is in
 * the files of the project that it names. */
static void
persona_key(const struct persona *p, struct trust_key *key)
{
	char *root = persona_root(p);
	struct buf b = BUF_INIT;

	*key = (struct trust_key){
		.kind = "agent", .dir = p->path, .name = p->name,
	};
	for (size_t i = 0; p->program[i] != NULL; i++)
		buf_add(&b, p->program[i], strlen(p->program[i]) + 1);
	for (size_t i = 0; p->program[i] != NULL; i++)
		trust_add_file(&b, root, p->program[i]);
	sha256_hex(b.data, b.len, key->sum);
	free(root);
	buf_clear(&b);
}

int
persona_may_run(const struct persona *p, struct err *e)
{
	struct trust_key key;
	char *command;

	if (!p->project || p->program == NULL)
		return 0;
	persona_key(p, &key);
	if (trust_get(&key) == TRUST_YES)
		return 0;
	command = persona_command(p);
	err_set(e, ERR_FORBIDDEN, "agent %s is this project's and would run "
	    "%.200s", p->name, command);
	free(command);
	return err_hint(e, "chatd agents trust %s allows it, after a look at "
	    "what it does", p->name);
}

int
persona_trust(const struct persona *p, struct err *e)
{
	struct trust_key key;

	if (!p->project || p->program == NULL)
		return 0;
	persona_key(p, &key);
	return trust_set(&key, true, e);
}

/* lists */

struct names {
	char **v;
	size_t count;
};

static void
names_add(struct names *n, const char *name, size_t len)
{
	n->v = xreallocarray(n->v, n->count + 1, sizeof(*n->v));
	n->v[n->count++] = xstrndup(name, len);
}

static void
names_of_folder(struct names *n, const char *folder)
{
	struct dirent *d;
	DIR *dir = opendir(folder);

	while (dir != NULL && (d = readdir(dir)) != NULL) {
		size_t len = strlen(d->d_name);

		if (len < 4 || strcmp(d->d_name + len - 3, ".md") != 0)
			continue;
		names_add(n, d->d_name, len - 3);
		if (!persona_name_fits(n->v[n->count - 1]))
			free(n->v[--n->count]);
	}
	if (dir != NULL)
		closedir(dir);
}

static int
name_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
persona_names(const char *dir, char ***names, size_t *count)
{
	struct names n = { 0 };
	char *folder = path_config("agents");
	size_t i, kept = 0;

	names_add(&n, PERSONA_DEFAULT, strlen(PERSONA_DEFAULT));
	names_of_folder(&n, folder);
	free(folder);
	if (dir != NULL) {
		folder = xasprintf("%s/.chatd/agents", dir);
		names_of_folder(&n, folder);
		free(folder);
	}
	qsort(n.v, n.count, sizeof(*n.v), name_order);
	for (i = 0; i < n.count; i++) {
		if (kept > 0 && strcmp(n.v[kept - 1], n.v[i]) == 0)
			free(n.v[i]);
		else
			n.v[kept++] = n.v[i];
	}
	*names = n.v;
	*count = kept;
}

void
persona_names_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}
