/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_config.c - which MCP servers there are, as other programs write it */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "tool/mcp_config.h"

/* ------------------------------------------------------------------- JSONC */

/* The end of the string that begins at p. */
static const char *
string_end(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
	}
	return p < end ? p + 1 : end;
}

/* Behind blanks and comments. */
static const char *
skip(const char *p, const char *end)
{
	while (p < end) {
		if (strchr(" \t\r\n", *p) != NULL) {
			p++;
		} else if (end - p > 1 && p[0] == '/' && p[1] == '/') {
			const char *nl = memchr(p, '\n', (size_t)(end - p));

			p = nl == NULL ? end : nl;
		} else if (end - p > 1 && p[0] == '/' && p[1] == '*') {
			const char *stop = memmem(p + 2, (size_t)(end - p - 2),
			    "*/", 2);

			p = stop == NULL ? end : stop + 2;
		} else {
			break;
		}
	}
	return p;
}

static void
plain_json(struct buf *out, const char *p, size_t len)
{
	const char *end = p + len, *next;

	if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	for (p = skip(p, end); p < end; p = skip(next, end)) {
		next = *p == '"' ? string_end(p, end) : p + 1;
		if (*p == ',') {
			const char *after = skip(next, end);

			if (after < end && strchr("]}", *after) != NULL)
				continue;
		}
		/* Two words must not grow together. */
		if (next < end && strchr(" \t\r\n", *next) != NULL) {
			buf_add(out, p, (size_t)(next - p));
			buf_addc(out, ' ');
			continue;
		}
		buf_add(out, p, (size_t)(next - p));
	}
}

/* --------------------------------------------------------------- variables */

struct reader {
	const char *dir;
	struct mcp_entry *entry;
	struct buf seen;	/* all that says what it is */
};

static void
is_broken(struct reader *r, const char *why, const char *what)
{
	if (r->entry->broken == NULL)
		r->entry->broken = xasprintf("%s: %s%s", r->entry->name, why,
		    what);
}

/* The value of what stands between "${" and "}". */
static void
add_variable(struct buf *out, struct reader *r, const char *s, size_t len)
{
	const char *rest = memmem(s, len, ":-", 2), *value;
	char *name = xstrndup(s, rest == NULL ? len : (size_t)(rest - s));

	if (strcmp(name, "workspaceFolder") == 0)
		value = r->dir;
	else if (strcmp(name, "userHome") == 0)
		value = getenv("HOME");
	else if (strcmp(name, "pathSeparator") == 0 || strcmp(name, "/") == 0)
		value = "/";
	else if (strcmp(name, "workspaceFolderBasename") == 0)
		value = strrchr(r->dir, '/') == NULL ? r->dir :
		    strrchr(r->dir, '/') + 1;
	else if (strncmp(name, "env:", 4) == 0)
		value = getenv(name + 4);
	else
		value = strchr(name, ':') == NULL ? getenv(name) : NULL;
	if (value != NULL && (*value != '\0' || rest == NULL))
		buf_adds(out, value);
	else if (rest != NULL)
		buf_add(out, rest + 2, len - (size_t)(rest + 2 - s));
	else
		is_broken(r, "nothing is known to put in for ", name);
	free(name);
}

static char *
expand(struct reader *r, const char *s)
{
	struct buf out = BUF_INIT;
	const char *open, *close;

	while ((open = strstr(s, "${")) != NULL &&
	    (close = strchr(open, '}')) != NULL) {
		buf_add(&out, s, (size_t)(open - s));
		add_variable(&out, r, open + 2, (size_t)(close - open - 2));
		s = close + 1;
	}
	buf_adds(&out, s);
	return buf_take(&out);
}

/* ----------------------------------------------------------------- entries */

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

static void
push_all(struct reader *r, char ***list, const struct json *array)
{
	const struct json *v;

	JSON_EACH(v, array) {
		if (json_is(array, JSON_ARRAY) && json_is(v, JSON_STRING))
			push(list, expand(r, json_str(v)));
	}
}

static void
push_pairs(struct reader *r, char ***list, const struct json *object,
    const char *between)
{
	const struct json *v;

	if (!json_is(object, JSON_OBJECT))
		return;
	JSON_EACH(v, object) {
		if (json_str(v) == NULL)
			continue;
		char *value = expand(r, json_str(v));

		push(list, xasprintf("%s%s%s", json_name(v), between, value));
		free(value);
	}
}

/* NAME=value a line, as dotenv files have it. */
static void
push_env_file(struct reader *r, const char *name)
{
	struct buf b = BUF_INIT;
	char *path = expand(r, name), *p, *end;
	struct err e = ERR_INIT;

	if (buf_read_file(&b, path, 1 << 20, &e) == -1)
		is_broken(r, "", e.text);
	buf_add(&r->seen, b.data, b.len);
	for (p = b.data; *p != '\0'; p = end) {
		size_t n = strcspn(p, "\r\n");

		end = p + n;
		end += strspn(end, "\r\n");
		if (*p != '#' && memchr(p, '=', n) != NULL)
			push(&r->entry->env, xstrndup(p, n));
	}
	buf_clear(&b);
	free(path);
}

static void
read_program(struct reader *r, const struct json *v)
{
	struct mcp_entry *e = r->entry;
	const struct json *command = json_get(v, "command");

	if (json_is(command, JSON_STRING))
		push(&e->argv, expand(r, json_str(command)));
	else
		push_all(r, &e->argv, command);
	push_all(r, &e->argv, json_get(v, "args"));
	if (json_get_str(v, "envFile") != NULL)
		push_env_file(r, json_get_str(v, "envFile"));
	push_pairs(r, &e->env, json_get(v, "env"), "=");
	push_pairs(r, &e->env, json_get(v, "environment"), "=");
	if (json_get_str(v, "cwd") != NULL)
		e->cwd = expand(r, json_get_str(v, "cwd"));
	e->all_env = json_bool(json_get(v, "inheritEnv"), false);
}

/* A member of "oauth", with its variables put in. */
static char *
oauth_text(struct reader *r, const struct json *v, const char *name)
{
	const char *s = json_get_str(json_get(v, "oauth"), name);

	return s == NULL ? NULL : expand(r, s);
}

static void
read_timeout(struct mcp_entry *e, const struct json *v)
{
	int64_t n;

	if (json_int64(json_get(v, "timeout_ms"), &n) == 0)
		e->timeout_ms = (long)n;
	else if (json_int64(json_get(v, "timeout"), &n) == 0)
		e->timeout_ms = (long)(n < 1000 ? n * 1000 : n);
	if (json_int64(json_get(v, "startupTimeout"), &n) == 0 && n > 0)
		e->start_ms = (long)(n < 1000 ? n * 1000 : n);
}

static void
read_entry(struct reader *r, const struct json *v)
{
	static const char *const urls[] = { "httpUrl", "url", "serverUrl" };
	struct mcp_entry *e = r->entry;
	size_t i;

	e->text = json_text(v);
	buf_adds(&r->seen, e->text);
	for (i = 0; i < NELEM(urls) && e->url == NULL; i++) {
		if (json_get_str(v, urls[i]) != NULL)
			e->url = expand(r, json_get_str(v, urls[i]));
	}
	if (e->url == NULL)
		read_program(r, v);
	push_pairs(r, &e->headers, json_get(v, "headers"), ": ");
	e->client_id = oauth_text(r, v, "clientId");
	e->client_secret = oauth_text(r, v, "clientSecret");
	e->scope = oauth_text(r, v, "scope");
	push_all(r, &e->only, json_get(v, "tools"));
	push_all(r, &e->only, json_get(v, "includeTools"));
	push_all(r, &e->except, json_get(v, "excludeTools"));
	read_timeout(e, v);
	e->off = json_bool(json_get(v, "disabled"), false) ||
	    !json_bool(json_get(v, "enabled"), true);
	e->old_sse = json_streq(json_get(v, "type"), "sse");
	if (e->url == NULL && (e->argv == NULL || e->argv[0][0] == '\0'))
		is_broken(r, "neither command nor url", "");
	if (e->old_sse)
		is_broken(r, "the old HTTP+SSE transport is not spoken", "");
	sha256_hex(r->seen.data, r->seen.len, e->sum);
}

static bool
is_known(const struct mcp_config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->count; i++) {
		if (strcmp(config->v[i].name, name) == 0)
			return true;
	}
	return false;
}

static bool
holds_objects(const struct json *v)
{
	const struct json *m;

	if (!json_is(v, JSON_OBJECT))
		return false;
	JSON_EACH(m, v) {
		if (!json_is(m, JSON_OBJECT))
			return false;
	}
	return true;
}

static const struct json *
find_servers(const struct json *root)
{
	const struct json *places[] = {
		json_get(root, "mcpServers"), json_get(root, "servers"),
		json_path(root, "mcp", "servers", NULL), json_get(root, "mcp"),
	};
	size_t i;

	for (i = 0; i < NELEM(places); i++) {
		if (holds_objects(places[i]))
			return places[i];
	}
	return NULL;
}

int
mcp_config_read(struct mcp_config *config, const char *text, size_t len,
    const char *dir, struct err *e)
{
	struct buf plain = BUF_INIT;
	const struct json *servers, *v;
	struct err why = ERR_INIT;
	struct json_doc *doc;

	plain_json(&plain, text, len);
	doc = json_parse(plain.data, plain.len, 0, &why);
	buf_clear(&plain);
	if (doc == NULL)
		return err_set(e, ERR_CONFIG, "MCP servers: %s", why.text);
	servers = find_servers(json_root(doc));
	JSON_EACH(v, servers) {
		struct mcp_entry entry = { .name = xstrdup(json_name(v)) };
		struct reader r = { .dir = dir, .entry = &entry,
		    .seen = BUF_INIT };

		if (is_known(config, entry.name)) {
			free(entry.name);
			continue;
		}
		read_entry(&r, v);
		buf_clear(&r.seen);
		config->v = xreallocarray(config->v, config->count + 1,
		    sizeof entry);
		config->v[config->count++] = entry;
	}
	json_doc_free(doc);
	return servers != NULL ? 0 : err_set(e, ERR_CONFIG,
	    "MCP servers: there is no \"mcpServers\"");
}

static void
free_list(char **list)
{
	size_t i;

	for (i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

void
mcp_entry_clear(struct mcp_entry *e)
{
	free(e->name);
	free_list(e->argv);
	free_list(e->env);
	free(e->cwd);
	free(e->url);
	free_list(e->headers);
	free(e->client_id);
	free(e->client_secret);
	free(e->scope);
	free_list(e->only);
	free_list(e->except);
	free(e->broken);
	free(e->text);
	free(e->file);
	free(e->project);
	memset(e, 0, sizeof *e);
}

void
mcp_config_clear(struct mcp_config *config)
{
	while (config->count > 0)
		mcp_entry_clear(&config->v[--config->count]);
	free(config->v);
	config->v = NULL;
}

void
mcp_entry_describe(struct buf *out, const struct mcp_entry *entry)
{
	size_t i;

	if (entry->url != NULL)
		buf_adds(out, entry->url);
	for (i = 0; entry->argv != NULL && entry->argv[i] != NULL; i++)
		buf_addf(out, "%s%s", i > 0 ? " " : "", entry->argv[i]);
}
