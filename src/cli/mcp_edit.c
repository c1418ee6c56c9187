/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_edit.c - chatd mcp add and remove: changes mcp.json */

/*
 * What else stands in the file stays as it is, but for comments: a file that
 * has some is left alone, for other programs' users wrote them.
 */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/mcp.h"
#include "cli/opts.h"
#include "cli/out.h"

enum { MCP_FILE_MAX = 4 * 1024 * 1024 };

#define SERVERS "mcpServers"

static char *
file_meant(const struct opts *o, struct err *e)
{
	char *dir, *path;

	if (!o->project)
		return path_config("mcp.json");
	dir = path_cwd(e);
	path = dir == NULL ? NULL : path_join(dir, ".mcp.json");
	free(dir);
	return path;
}

/* NULL and e unset: there is no such file. */
static struct json_doc *
file_read(const char *path, struct err *e)
{
	struct err why = ERR_INIT;
	struct json_doc *doc = NULL;
	struct buf b = BUF_INIT;

	if (buf_read_file(&b, path, MCP_FILE_MAX, &why) == -1) {
		if (why.code != ERR_NOT_FOUND)
			err_pass(e, &why);
	} else if ((doc = json_parse(b.data, b.len, 0, &why)) == NULL ||
	    !json_is(json_root(doc), JSON_OBJECT)) {
		err_set(e, ERR_CONFIG, "%s: %s", path, doc == NULL ?
		    why.text : "an object is wanted");
		(void)err_hint(e, "chatd changes only plain JSON: edit it "
		    "by hand");
		json_doc_free(doc);
		doc = NULL;
	}
	buf_clear(&b);
	return doc;
}

/* One server a line. definition NULL: without name. */
static void
write_servers(struct buf *b, const struct json *servers, const char *name,
    const char *definition)
{
	const struct json *v;
	const char *before = "{\n";

	JSON_EACH(v, servers) {
		if (strcmp(json_name(v), name) == 0)
			continue;
		char *text = json_text(v);

		buf_addf(b, "%s    ", before);
		json_add_quoted(b, json_name(v), json_name_len(v));
		buf_addf(b, ": %s", text);
		before = ",\n";
		free(text);
	}
	if (definition != NULL) {
		buf_addf(b, "%s    ", before);
		json_add_quoted(b, name, strlen(name));
		buf_addf(b, ": %s", definition);
		before = "";
	}
	buf_adds(b, *before == '{' ? "{}" : "\n  }");
}

static int
file_write(const char *path, const struct json *root, const char *name,
    const char *definition, struct err *e)
{
	struct buf b = BUF_INIT;
	const struct json *v;
	bool done = false;
	int r;

	JSON_EACH(v, root) {
		buf_adds(&b, b.len == 0 ? "{\n  " : ",\n  ");
		json_add_quoted(&b, json_name(v), json_name_len(v));
		buf_adds(&b, ": ");
		if (strcmp(json_name(v), SERVERS) == 0) {
			write_servers(&b, v, name, definition);
			done = true;
		} else {
			char *text = json_text(v);

			buf_adds(&b, text);
			free(text);
		}
	}
	if (!done) {
		buf_adds(&b, b.len == 0 ? "{\n  " : ",\n  ");
		buf_adds(&b, "\"" SERVERS "\": ");
		write_servers(&b, NULL, name, definition);
	}
	buf_adds(&b, "\n}\n");
	r = path_make_parent(path, e);
	if (r == 0)		/* it may hold keys */
		r = path_write_whole(path, b.data, b.len, 0600, e);
	buf_clear(&b);
	return r;
}

/* Members of a map from "NAME=VALUE" or "NAME: VALUE". */
static int
write_pairs(struct json_w *w, const char *key, const struct strlist *list,
    char between, struct err *e)
{
	if (list->count == 0)
		return 0;
	json_w_key(w, key);
	json_w_obj(w);
	for (size_t i = 0; i < list->count; i++) {
		const char *s = list->items[i], *mark = strchr(s, between);

		if (mark == NULL || mark == s)
			return err_set(e, ERR_USAGE, "NAME%cVALUE is wanted, "
			    "not %s", between, s);
		json_w_keyn(w, s, (size_t)(mark - s));
		mark++;
		json_w_str(w, mark + strspn(mark, " "));
	}
	json_w_obj_end(w);
	return 0;
}

static int
write_definition(struct buf *b, const struct opts *o, char *const *words,
    struct err *e)
{
	bool remote = strncmp(words[0], "http://", 7) == 0 ||
	    strncmp(words[0], "https://", 8) == 0;
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	if (remote) {
		json_w_kstr(&w, "type", "http");
		json_w_kstr(&w, "url", words[0]);
		if (words[1] != NULL)
			return err_set(e, ERR_USAGE, "nothing is wanted "
			    "behind the URL: %s", words[1]);
	} else {
		json_w_kstr(&w, "command", words[0]);
		json_w_key(&w, "args");
		json_w_arr(&w);
		while (*++words != NULL)
			json_w_str(&w, *words);
		json_w_arr_end(&w);
	}
	if ((remote ? o->env.count : o->headers.count) > 0)
		return err_set(e, ERR_USAGE, remote ? "-e is for programs" :
		    "-H is for URLs");
	if (write_pairs(&w, "env", &o->env, '=', e) == -1 ||
	    write_pairs(&w, "headers", &o->headers, ':', e) == -1)
		return -1;
	json_w_obj_end(&w);
	return 0;
}

static int
change(const struct opts *o, const char *name, const char *definition,
    struct err *e)
{
	char *path = file_meant(o, e);
	struct err why = ERR_INIT;
	struct json_doc *doc = path == NULL ? NULL : file_read(path, &why);
	bool there = json_get(json_get(json_root(doc), SERVERS), name) != NULL;
	int r = -1;

	if (err_is_set(&why))
		*e = why;
	else if (path == NULL)
		r = -1;
	else if (definition == NULL && !there)
		err_set(e, ERR_NOT_FOUND, "%s names no server %s", path, name);
	else if (definition != NULL && there)
		err_set(e, ERR_CONFLICT, "%s has a server %s already", path,
		    name);
	else
		r = file_write(path, json_root(doc), name, definition, e);
	if (r == 0)
		out_note("%s: %s %s", path, name, definition != NULL ?
		    "added" : "removed");
	json_doc_free(doc);
	free(path);
	return r;
}

static int
consent(const char *name, struct err *e)
{
	struct mcp_config config = { 0 };
	const struct mcp_entry *entry;
	int r = mcp_cli_load(&config, e);

	if (r == 0) {
		entry = mcp_cli_find(&config, name, e);
		if (entry == NULL)
			r = -1;
		else if (entry->project != NULL)
			r = mcp_entry_set_trust(entry, true, e);
	}
	mcp_config_clear(&config);
	return r;
}

int
mcp_cli_add(const struct opts *o, char *const *words, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = write_definition(&b, o, words + 1, e);

	if (r == 0)
		r = change(o, words[0], b.data, e);
	/* who wrote it need not be asked */
	if (r == 0 && o->project)
		r = consent(words[0], e);
	buf_clear(&b);
	return r;
}

int
mcp_cli_remove(const struct opts *o, char *const *words, struct err *e)
{
	return change(o, words[0], NULL, e);
}
