/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config_file.c - checks the keys of config.yaml */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/config_file.h"

/* name and what it must be; chatd.conf.5 explains them */
static const struct key {
	const char *name;
	enum json_type type;
} keys[] = {
	{ "model", JSON_STRING },
	{ "agent", JSON_STRING },
	{ "permissionMode", JSON_STRING },
	{ "permissions", JSON_OBJECT },
	{ "providers", JSON_OBJECT },
	{ "retry", JSON_OBJECT },
	{ "fallback", JSON_ARRAY },
	{ "hooks", JSON_OBJECT },
	{ "sandbox", JSON_STRING },
	{ "steering", JSON_STRING },
	{ "maxSteps", JSON_NUMBER },
	{ "maxTokens", JSON_NUMBER },
	{ "maxCost", JSON_NUMBER },
	{ "maxSeconds", JSON_NUMBER },
	{ "compactAt", JSON_NUMBER },
	{ "warm", JSON_NUMBER },
};

static const struct key *
find_key(const char *name)
{
	for (size_t i = 0; i < NELEM(keys); i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

/* The line on which a key of the outermost map stands; 0: not found. */
static int
line_of(const char *text, const char *name)
{
	size_t len = strlen(name);
	int line = 1;

	for (const char *s = text; s != NULL && *s != '\0'; line++) {
		size_t quote = *s == '"' || *s == '\'' ? 1 : 0;

		if (strncmp(s + quote, name, len) == 0 &&
		    s[quote + len + quote] == ':')
			return line;
		s = strchr(s, '\n');
		if (s != NULL)
			s++;
	}
	return 0;
}

static int
check_key(const char *path, const char *text, const struct json *v,
    struct err *e)
{
	const struct key *key = find_key(json_name(v));
	int line = line_of(text, json_name(v));

	if (key == NULL) {
		err_set(e, ERR_CONFIG, "%s:%d: unknown key '%s'", path, line,
		    json_name(v));
		return err_hint(e, "model, agent, permissionMode, "
		    "permissions, providers, retry, fallback, hooks, sandbox, "
		    "steering, maxSteps, maxTokens, maxCost, maxSeconds, "
		    "compactAt and warm are known");
	}
	if (json_is_set(v) && !json_is(v, key->type))
		return err_set(e, ERR_CONFIG, "%s:%d: the value of '%s' is of "
		    "the wrong kind", path, line, key->name);
	return 0;
}

static int
check_text(const char *path, const struct buf *b, struct err *e)
{
	struct json_doc *doc = conf_parse(b->data, b->len, path, e);
	const struct json *v;
	int r = 0;

	if (doc == NULL)
		return -1;
	if (!json_is(json_root(doc), JSON_OBJECT) &&
	    json_is_set(json_root(doc)))
		r = err_set(e, ERR_CONFIG, "%s:1: a map of keys is wanted",
		    path);
	JSON_EACH(v, json_root(doc))
		if (r == 0)
			r = check_key(path, b->data, v, e);
	json_doc_free(doc);
	return r;
}

int
config_file_check(const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	struct err why = ERR_INIT;
	int r = buf_read_file(&b, path, CONF_FILE_MAX, &why);

	if (r == 0)
		r = check_text(path, &b, e);
	else if (why.code == ERR_NOT_FOUND)
		r = 0;
	else
		err_set(e, ERR_CONFIG, "%s", why.text);
	buf_clear(&b);
	return r;
}
