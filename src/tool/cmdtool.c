/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmdtool.c - the file that describes a tool */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/schema.h"
#include "tool/cmdtool.h"

enum { NAME_MAX_BYTES = 64, DESCRIPTION_MAX = 16 * 1024 };

static const char *const keys[] = {
	"name", "title", "description", "inputSchema", "command", "timeout",
	"env",
};

static void
free_list(char **list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

void
cmdtool_free(struct cmdtool *p)
{
	if (p == NULL)
		return;
	free(p->name);
	free(p->title);
	free(p->description);
	free(p->schema);
	free_list(p->argv);
	free_list(p->env);
	free(p->file);
	free(p->project);
	free(p);
}

static void
push(char ***list, char *s)
{
	size_t n = 0;

	while (*list != NULL && (*list)[n] != NULL)
		n++;
	*list = xreallocarray(*list, n + 2, sizeof **list);
	(*list)[n] = s;
	(*list)[n + 1] = NULL;
}

/* The folder of the file; caller frees. */
static char *
folder_of(const char *file)
{
	return xstrndup(file, (size_t)(strrchr(file, '/') - file));
}

/* "word-count.yaml" is word-count. */
static char *
name_of(const char *file)
{
	const char *name = strrchr(file, '/') + 1;
	const char *dot = strrchr(name, '.');

	return xstrndup(name, dot != NULL ? (size_t)(dot - name) :
	    strlen(name));
}

static int
check_name(const struct cmdtool *p, struct err *e)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	size_t len = strlen(p->name);

	if (len == 0 || len > NAME_MAX_BYTES || strspn(p->name, plain) != len)
		return err_set(e, ERR_CONFIG, "%s: a tool's name is of at most "
		    "64 letters, digits, - and _", p->file);
	if (strncmp(p->name, "mcp__", 5) == 0 || tool_builtin(p->name) != NULL)
		return err_set(e, ERR_CONFIG, "%s: the name %s is taken",
		    p->file, p->name);
	return 0;
}

static int
check_keys(const struct cmdtool *p, const struct json *root, struct err *e)
{
	const struct json *v;

	if (!json_is(root, JSON_OBJECT))
		return err_set(e, ERR_CONFIG, "%s: a map of keys is wanted",
		    p->file);
	JSON_EACH(v, root) {
		size_t i = 0;

		while (i < NELEM(keys) && strcmp(keys[i], json_name(v)) != 0)
			i++;
		if (i == NELEM(keys))
			return err_set(e, ERR_CONFIG, "%s: unknown key '%s'",
			    p->file, json_name(v));
	}
	return 0;
}

static int
read_schema(struct cmdtool *p, const struct json *root, struct err *e)
{
	const struct json *schema = json_get(root, "inputSchema");
	struct err why = ERR_INIT;

	if (!json_is_set(schema)) {
		p->schema = xstrdup("{\"type\":\"object\"}");
		return 0;
	}
	if (!json_streq(json_get(schema, "type"), "object"))
		return err_set(e, ERR_CONFIG, "%s: inputSchema: the type must "
		    "be object", p->file);
	if (schema_valid(schema, &why) == -1)
		return err_set(e, ERR_CONFIG, "%s: inputSchema: %s", p->file,
		    why.text);
	p->schema = json_text(schema);
	return 0;
}

/* "./x" and "x/y" are meant from the file's folder; "x" comes from PATH. */
static char *
word_of(const char *word, const char *folder, bool first)
{
	bool relative = strncmp(word, "./", 2) == 0 ||
	    (first && word[0] != '/' && strchr(word, '/') != NULL);

	if (strncmp(word, "./", 2) == 0)
		word += 2;
	return relative ? path_join(folder, word) : xstrdup(word);
}

static int
read_command(struct cmdtool *p, const struct json *root, struct err *e)
{
	const struct json *command = json_get(root, "command"), *v;
	char *folder = folder_of(p->file);

	if (json_is(command, JSON_STRING) && json_len(command) > 0)
		push(&p->argv, word_of(json_str(command), folder, true));
	else if (json_is(command, JSON_ARRAY))
		JSON_EACH(v, command)
			push(&p->argv, word_of(json_str(v) != NULL ?
			    json_str(v) : "", folder, p->argv == NULL));
	free(folder);
	if (p->argv == NULL || p->argv[0][0] == '\0')
		return err_set(e, ERR_CONFIG, "%s: command: a program, or a "
		    "list of it and its arguments, is wanted", p->file);
	return 0;
}

static int
read_env(struct cmdtool *p, const struct json *root, struct err *e)
{
	const struct json *v;

	JSON_EACH(v, json_get(root, "env")) {
		if (json_name(v) == NULL || json_str(v) == NULL)
			return err_set(e, ERR_CONFIG, "%s: env: a map of texts "
			    "is wanted", p->file);
		push(&p->env, xasprintf("%s=%s", json_name(v), json_str(v)));
	}
	push(&p->env, xasprintf("CHATD_TOOL=%s", p->name));
	return 0;
}

static int
read_timeout(struct cmdtool *p, const struct json *root, struct err *e)
{
	double seconds = CMDTOOL_MS / 1000.0;

	if (json_is_set(json_get(root, "timeout")) &&
	    (json_double(json_get(root, "timeout"), &seconds) == -1 ||
	    seconds <= 0 || seconds > 3600))
		return err_set(e, ERR_CONFIG, "%s: timeout: seconds, at most "
		    "3600, are wanted", p->file);
	p->timeout_ms = (long)(seconds * 1000);
	return 0;
}

static int
read_all(struct cmdtool *p, const struct json *root, struct err *e)
{
	const char *text = json_get_str(root, "description");

	if (check_keys(p, root, e) == -1)
		return -1;
	p->name = json_get_str(root, "name") != NULL ?
	    xstrdup(json_get_str(root, "name")) : name_of(p->file);
	if (check_name(p, e) == -1)
		return -1;
	if (text == NULL || *text == '\0')
		return err_set(e, ERR_CONFIG, "%s: a description is wanted: it "
		    "tells the model what the tool is for", p->file);
	p->description = xstrndup(text, strnlen(text, DESCRIPTION_MAX));
	p->title = xstrdup(json_get_str(root, "title") != NULL ?
	    json_get_str(root, "title") : p->name);
	if (read_schema(p, root, e) == -1 || read_command(p, root, e) == -1 ||
	    read_timeout(p, root, e) == -1)
		return -1;
	return read_env(p, root, e);
}

/* A file of the project that is run is what is agreed to, too. */
static void
sum_up(struct cmdtool *p, const struct buf *text)
{
	struct buf seen = BUF_INIT;

	buf_add(&seen, text->data, text->len);
	for (size_t i = 0; p->project != NULL && p->argv[i] != NULL; i++)
		trust_add_file(&seen, p->project, p->argv[i]);
	sha256_hex(seen.data, seen.len, p->sum);
	buf_clear(&seen);
}

struct cmdtool *
cmdtool_read(const char *file, const char *project, struct err *e)
{
	struct cmdtool *p = xcalloc(1, sizeof *p);
	struct json_doc *doc = NULL;
	struct buf b = BUF_INIT;
	bool fine = false;

	p->file = xstrdup(file);
	str_replace(&p->project, project);
	if (buf_read_file(&b, file, CMDTOOL_FILE_MAX, e) == 0)
		doc = conf_parse(b.data, b.len, file, e);
	if (doc != NULL)
		fine = read_all(p, json_root(doc), e) == 0;
	if (fine) {
		sum_up(p, &b);
		p->tool = (struct tool){ .name = p->name, .title = p->title,
		    .description = p->description, .schema = p->schema,
		    .effect = TOOL_RUNS, .start = cmdtool_start, .arg = p };
	}
	json_doc_free(doc);
	buf_clear(&b);
	if (fine)
		return p;
	cmdtool_free(p);
	return NULL;
}

static struct trust_key
key_of(const struct cmdtool *p)
{
	struct trust_key key = {
		.kind = "tool", .dir = p->project, .name = p->name,
	};

	memcpy(key.sum, p->sum, sizeof key.sum);
	return key;
}

enum trust
cmdtool_trust(const struct cmdtool *p)
{
	struct trust_key key = key_of(p);

	return p->project == NULL ? TRUST_YES : trust_get(&key);
}

int
cmdtool_set_trust(const struct cmdtool *p, bool yes, struct err *e)
{
	struct trust_key key = key_of(p);

	if (p->project == NULL)
		return err_set(e, ERR_USAGE, "%s is your own: it needs no "
		    "consent", p->name);
	return trust_set(&key, yes, e);
}
