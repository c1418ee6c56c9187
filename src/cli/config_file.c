/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config_file.c - reads config.yaml and checks its keys */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/config_file.h"
#include "cli/opts.h"

enum kind { TEXT, TRUTH, NUMBER, WHOLE, TEXTS, WORDS, MAP, MAPS, ANY };

enum { DAY = 24 * 60 * 60, MANY = 1000 * 1000 * 1000 };

/* What may stand where; chatd.conf.5 explains them. */
static const struct key {
	const char *in;		/* the map; of MAPS, each of them; or NULL */
	const char *name;
	enum kind kind;
	double least, most;	/* of a number */
	const char *choices;	/* of a text, or NULL */
} keys[] = {
	{ NULL, "model", TEXT, 0, 0, NULL },
	{ NULL, "agent", TEXT, 0, 0, NULL },
	{ NULL, "permissionMode", TEXT, 0, 0, OPT_PERMISSION_MODES },
	{ NULL, "permissions", MAP, 0, 0, NULL },
	{ "permissions", "allow", TEXTS, 0, 0, NULL },
	{ "permissions", "ask", TEXTS, 0, 0, NULL },
	{ "permissions", "deny", TEXTS, 0, 0, NULL },
	{ "permissions", "definitions", MAP, 0, 0, NULL },
	{ NULL, "providers", MAPS, 0, 0, NULL },
	{ "providers", "api", TEXT, 0, 0,
	    "openai-chat|openai-responses|anthropic|google" },
	{ "providers", "base_url", TEXT, 0, 0, NULL },
	{ "providers", "key_env", TEXT, 0, 0, NULL },
	{ "providers", "key_command", WORDS, 0, 0, NULL },
	{ "providers", "headers", MAP, 0, 0, NULL },
	{ "providers", "body", MAP, 0, 0, NULL },
	{ "providers", "max_tokens_field", TEXT, 0, 0, NULL },
	{ "providers", "connect_seconds", WHOLE, 1, DAY - 1, NULL },
	{ "providers", "first_byte_seconds", WHOLE, 1, DAY - 1, NULL },
	{ "providers", "idle_seconds", WHOLE, 1, DAY - 1, NULL },
	{ "providers", "api_version", TEXT, 0, 0, NULL },
	{ "providers", "ca_file", TEXT, 0, 0, NULL },
	{ "providers", "think_tags", ANY, 0, 0, NULL },
	{ "providers", "simple", TRUTH, 0, 0, NULL },
	{ "providers", "model", TEXT, 0, 0, NULL },
	{ NULL, "retry", MAP, 0, 0, NULL },
	{ "retry", "tries", WHOLE, 1, 100, NULL },
	{ "retry", "seconds", WHOLE, 1, DAY, NULL },
	{ NULL, "fallback", TEXTS, 0, 0, NULL },
	{ NULL, "hooks", MAP, 0, 0, NULL },
	{ NULL, "sandbox", TEXT, 0, 0, OPT_SANDBOXES },
	{ NULL, "steering", TEXT, 0, 0, OPT_STEERINGS },
	{ NULL, "maxSteps", WHOLE, 1, MANY, NULL },
	{ NULL, "maxTokens", WHOLE, 1, MANY, NULL },
	{ NULL, "maxCost", NUMBER, 0, MANY, NULL },
	{ NULL, "maxSeconds", WHOLE, 1, MANY, NULL },
	{ NULL, "compactAt", WHOLE, 1, MANY, NULL },
	{ NULL, "warm", NUMBER, 0, DAY, NULL },
};

/* One call of read_text(). */
struct check {
	const char *path, *text;
	struct err *e;
};

static bool
stands_in(const struct key *key, const char *in)
{
	return in == NULL ? key->in == NULL :
	    key->in != NULL && strcmp(key->in, in) == 0;
}

static const struct key *
find_key(const char *in, const char *name)
{
	for (size_t i = 0; i < NELEM(keys); i++)
		if (stands_in(&keys[i], in) &&
		    strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

/* Are the keys of this map known? Those of headers and body are not. */
static bool
has_keys(const char *in)
{
	for (size_t i = 0; i < NELEM(keys); i++)
		if (stands_in(&keys[i], in))
			return true;
	return false;
}

/*
 * The first line, from the given one on, that begins with this key; if there
 * is none, as with {a: 1}, the given one.
 */
static int
line_of(const char *text, const char *name, int from)
{
	size_t len = strlen(name);
	int line = 1;

	for (const char *s = text; s != NULL && *s != '\0'; line++) {
		const char *at = s + strspn(s, " ");
		size_t quote = *at == '"' || *at == '\'' ? 1 : 0;

		if (line >= from && strncmp(at + quote, name, len) == 0 &&
		    at[quote + len + quote] == ':')
			return line;
		s = strchr(s, '\n');
		if (s != NULL)
			s++;
	}
	return from;
}

static int
wrong(const struct check *c, const struct json *v, int line, const char *what)
{
	return err_set(c->e, ERR_CONFIG, "%s:%d: '%s' %s", c->path, line,
	    json_name(v), what);
}

static int
unknown_key(const struct check *c, const char *in, const struct json *v,
    int line)
{
	struct buf known = BUF_INIT;

	for (size_t i = 0; i < NELEM(keys); i++)
		if (stands_in(&keys[i], in))
			buf_addf(&known, "%s%s", known.len > 0 ? ", " : "",
			    keys[i].name);
	err_set(c->e, ERR_CONFIG, "%s:%d: unknown key '%s'", c->path, line,
	    json_name(v));
	err_hint(c->e, "known are %s", known.data);
	buf_clear(&known);
	return -1;
}

static int
check_text(const struct check *c, const struct key *key, const struct json *v,
    int line)
{
	if (!json_is(v, JSON_STRING))
		return wrong(c, v, line, "is to be a text");
	if (key->choices == NULL || opt_is_choice(key->choices, json_str(v)))
		return 0;
	err_set(c->e, ERR_CONFIG, "%s:%d: '%s': '%s' is none of its values",
	    c->path, line, json_name(v), json_str(v));
	return err_hint(c->e, "it is one of %s", key->choices);
}

static int
check_number(const struct check *c, const struct key *key,
    const struct json *v, int line)
{
	int64_t n;
	double d;

	if (json_is(v, JSON_NUMBER) && json_double(v, &d) == 0 &&
	    d >= key->least && d <= key->most &&
	    (key->kind == NUMBER || json_int64(v, &n) == 0))
		return 0;
	return err_set(c->e, ERR_CONFIG, "%s:%d: '%s' is to be a%s number "
	    "from %.0f to %.0f", c->path, line, json_name(v),
	    key->kind == WHOLE ? " whole" : "", key->least, key->most);
}

static int
check_texts(const struct check *c, const struct json *v, int line)
{
	const struct json *item;
	bool good = json_is(v, JSON_ARRAY);

	JSON_EACH(item, v)
		good = good && json_is(item, JSON_STRING);
	return good ? 0 : wrong(c, v, line, "is to be a list of texts");
}

static int	check_map(const struct check *c, const char *in,
		    const struct json *map, int line);

static int
check_maps(const struct check *c, const struct key *key, const struct json *v,
    int from)
{
	const struct json *map;
	int r = 0;

	if (!json_is(v, JSON_OBJECT))
		return wrong(c, v, from, "is to be a map");
	JSON_EACH(map, v) {
		int line = line_of(c->text, json_name(map), from);

		if (r != 0)
			break;
		if (json_is(map, JSON_OBJECT))
			r = check_map(c, key->name, map, line);
		else if (json_is_set(map))
			r = wrong(c, map, line, "is to be a map");
	}
	return r;
}

static int
check_value(const struct check *c, const struct key *key,
    const struct json *v, int line)
{
	switch (key->kind) {
	case TEXT:
		return check_text(c, key, v, line);
	case TRUTH:
		return json_is_bool(v) ? 0 : wrong(c, v, line,
		    "is to be true or false");
	case NUMBER:
	case WHOLE:
		return check_number(c, key, v, line);
	case TEXTS:
		return check_texts(c, v, line);
	case WORDS:	/* a list, or parted by blanks */
		return json_is(v, JSON_STRING) ? 0 : check_texts(c, v, line);
	case MAP:
		if (!json_is(v, JSON_OBJECT))
			return wrong(c, v, line, "is to be a map");
		return has_keys(key->name) ? check_map(c, key->name, v,
		    line) : 0;
	case MAPS:
		return check_maps(c, key, v, line);
	case ANY:
		return 0;
	}
	return 0;
}

static int
check_map(const struct check *c, const char *in, const struct json *map,
    int from)
{
	const struct json *v;
	int r = 0;

	JSON_EACH(v, map) {
		const struct key *key = find_key(in, json_name(v));
		int line = line_of(c->text, json_name(v), from);

		if (r != 0)
			break;
		if (key == NULL)
			r = unknown_key(c, in, v, line);
		else if (json_is_set(v))
			r = check_value(c, key, v, line);
	}
	return r;
}

static struct json_doc *
read_text(const char *path, const struct buf *b, struct err *e)
{
	struct json_doc *doc = conf_parse(b->data, b->len, path, e);
	const struct json *root = json_root(doc);
	struct check c = { path, b->data, e };
	int r = 0;

	if (doc == NULL)
		return NULL;
	if (json_is(root, JSON_OBJECT))
		r = check_map(&c, NULL, root, 1);
	else if (json_is_set(root))
		r = err_set(e, ERR_CONFIG, "%s:1: a map of keys is wanted",
		    path);
	if (r == 0)
		return doc;
	json_doc_free(doc);
	return NULL;
}

struct json_doc *
config_file_read(const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	struct err why = ERR_INIT;
	struct json_doc *doc = NULL;

	if (buf_read_file(&b, path, CONF_FILE_MAX, &why) == 0)
		doc = read_text(path, &b, e);
	else
		err_set(e, why.code == ERR_NOT_FOUND ? ERR_NOT_FOUND :
		    ERR_CONFIG, "%s", why.text);
	buf_clear(&b);
	return doc;
}

int
config_file_check(const char *path, struct err *e)
{
	struct json_doc *doc = config_file_read(path, e);

	if (doc == NULL && e->code != ERR_NOT_FOUND)
		return -1;
	err_clear(e);
	json_doc_free(doc);
	return 0;
}
