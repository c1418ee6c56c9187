/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_mcp.c - chatd mcp: the MCP servers that are configured here */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/cmd.h"
#include "cli/columns.h"
#include "cli/mcp.h"
#include "cli/out.h"

int
mcp_cli_load(struct mcp_config *config, struct err *e)
{
	char *dir = path_cwd(e);

	if (dir == NULL)
		return -1;
	mcp_config_load(config, dir);
	free(dir);
	return 0;
}

const struct mcp_entry *
mcp_cli_find(const struct mcp_config *config, const char *name,
    struct err *e)
{
	for (size_t i = 0; i < config->count; i++)
		if (strcmp(config->v[i].name, name) == 0)
			return &config->v[i];
	err_set(e, ERR_NOT_FOUND, "no MCP server %s", name);
	(void)err_hint(e, "chatd mcp list shows them");
	return NULL;
}

const struct mcp_entry *
mcp_cli_find_any(struct mcp_config *config, const char *name, struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	if (strncmp(name, "http://", 7) != 0 &&
	    strncmp(name, "https://", 8) != 0)
		return mcp_cli_find(config, name, e);
	mcp_config_clear(config);
	buf_adds(&b, "{\"mcpServers\":{\"url\":{\"url\":");
	json_add_quoted(&b, name, strlen(name));
	buf_adds(&b, "}}}");
	r = mcp_config_read(config, b.data, b.len, "/", e);
	buf_clear(&b);
	return r == 0 ? &config->v[0] : NULL;
}

const struct mcp_entry *
mcp_cli_address(struct mcp_config *config, const char *name, struct err *e)
{
	const struct mcp_entry *entry = mcp_cli_find_any(config, name, e);

	if (entry == NULL)
		return NULL;
	if (entry->broken != NULL || entry->url == NULL)
		err_set(e, ERR_USAGE, "%s: %s", name, entry->broken != NULL ?
		    entry->broken : "is a program: nobody signs in there");
	else if (mcp_entry_trust(entry) != TRUST_YES)
		err_set(e, ERR_FORBIDDEN, "%s needs consent: chatd mcp allow %s",
		    name, name);
	else
		return entry;
	return NULL;
}

/* list */

const char *
mcp_cli_state(const struct mcp_entry *entry)
{
	static const char *const consent[] = {
		[TRUST_UNKNOWN] = "needs consent", [TRUST_YES] = "on",
		[TRUST_NO] = "refused",
	};

	if (entry->broken != NULL)
		return "broken";
	return entry->off ? "off" : consent[mcp_entry_trust(entry)];
}

static int
list_json(const struct mcp_config *config, struct err *e)
{
	struct buf b = BUF_INIT, what = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_arr(&w);
	for (size_t i = 0; i < config->count; i++) {
		const struct mcp_entry *entry = &config->v[i];

		buf_reset(&what);
		mcp_entry_describe(&what, entry);
		json_w_obj(&w);
		json_w_kstr(&w, "name", entry->name);
		json_w_kstr(&w, "state", mcp_cli_state(entry));
		json_w_kstr(&w, "what", what.data);
		json_w_kstr(&w, "file", entry->file);
		json_w_kbool(&w, "project", entry->project != NULL);
		if (entry->broken != NULL)
			json_w_kstr(&w, "error", entry->broken);
		json_w_kraw(&w, "definition", entry->text);
		json_w_obj_end(&w);
	}
	json_w_arr_end(&w);
	buf_addc(&b, '\n');
	buf_clear(&what);
	return out_json(&b, e);
}

static int
list_table(const struct mcp_config *config, struct err *e)
{
	static const struct column cols[] = {
		{ "SERVER", 0, 0 }, { "STATE", 0, 0 }, { "WHAT", 0, 1 },
		{ "FILE", 0, 0 },
	};
	struct columns *c = columns_new(cols, NELEM(cols));
	struct buf what = BUF_INIT;

	for (size_t i = 0; i < config->count; i++) {
		const struct mcp_entry *entry = &config->v[i];

		buf_reset(&what);
		mcp_entry_describe(&what, entry);
		columns_add(c, entry->name);
		columns_add(c, mcp_cli_state(entry));
		columns_add(c, entry->broken != NULL ? entry->broken :
		    what.data);
		columns_add(c, entry->file);
	}
	int r = columns_print(c, e);

	columns_free(c);
	buf_clear(&what);
	return r;
}

static int
mcp_list(const struct opts *o, char *const *words, struct err *e)
{
	struct mcp_config config = { 0 };
	int r = mcp_cli_load(&config, e);

	(void)words;
	if (r == 0 && config.count == 0 && !o->json)
		out_note("no MCP servers; chatd mcp add NAME COMMAND adds one");
	else if (r == 0)
		r = o->json ? list_json(&config, e) : list_table(&config, e);
	mcp_config_clear(&config);
	return r;
}

/* allow, deny */

/* All of it, as it stands in the file: the variables that it would be given
 * as well. */
static void
show_definition(const struct mcp_entry *entry, bool yes)
{
	struct buf what = BUF_INIT;

	mcp_entry_describe(&what, entry);
	out_note("%s of %s %s: %s", entry->name, entry->file,
	    yes ? "may be started" : "will not be started", what.data);
	out_note("  %s", entry->text);
	buf_clear(&what);
}

static int
set_consent(const char *name, bool yes, struct err *e)
{
	struct mcp_config config = { 0 };
	const struct mcp_entry *entry;
	int r = mcp_cli_load(&config, e);

	if (r == 0) {
		entry = mcp_cli_find(&config, name, e);
		r = entry == NULL ? -1 : mcp_entry_set_trust(entry, yes, e);
		if (r == 0)
			show_definition(entry, yes);
	}
	mcp_config_clear(&config);
	return r;
}

static int
mcp_allow(const struct opts *o, char *const *words, struct err *e)
{
	(void)o;
	return set_consent(words[0], true, e);
}

static int
mcp_deny(const struct opts *o, char *const *words, struct err *e)
{
	(void)o;
	return set_consent(words[0], false, e);
}

static const struct {
	const char *word;
	size_t min, max;	/* words behind it */
	int (*fn)(const struct opts *o, char *const *words, struct err *e);
	const char *usage;
} actions[] = {
	{ "list", 0, 0, mcp_list, "list" },
	{ "add", 2, WORDS_ANY, mcp_cli_add, "add NAME COMMAND|URL [ARG...]" },
	{ "remove", 1, 1, mcp_cli_remove, "remove NAME" },
	{ "allow", 1, 1, mcp_allow, "allow NAME" },
	{ "deny", 1, 1, mcp_deny, "deny NAME" },
	{ "test", 0, 1, mcp_cli_test, "test [NAME|URL]" },
	{ "call", 2, 3, mcp_cli_call, "call NAME|URL TOOL [JSON]" },
	{ "login", 1, 1, mcp_cli_login, "login NAME|URL" },
	{ "logout", 1, 1, mcp_cli_logout, "logout NAME|URL" },
};

static int
mcp_run(struct opts *o, struct err *e)
{
	static char *const none[] = { NULL };
	size_t n = o->words.count;
	const char *word = n > 0 ? o->words.items[0] : "list";
	char **words = xcalloc(n + 1, sizeof(*words));
	int r;

	for (size_t i = 1; i < n; i++)
		words[i - 1] = o->words.items[i];
	for (size_t i = 0; i < NELEM(actions); i++) {
		if (strcmp(actions[i].word, word) != 0)
			continue;
		n -= n > 0;
		r = n < actions[i].min || n > actions[i].max ?
		    err_set(e, ERR_USAGE, "usage: chatd mcp %s",
		    actions[i].usage) :
		    actions[i].fn(o, n > 0 ? words : none, e);
		free(words);
		return r;
	}
	free(words);
	err_set(e, ERR_USAGE, "mcp: there is no '%s'", word);
	return err_hint(e, "chatd mcp list|add|remove|allow|deny|test|call|"
	    "login|logout");
}

static const struct opt options[] = {
	{ "project", 0, OPT_FLAG, OPT_EVERY, offsetof(struct opts, project),
	    NULL, NULL, NULL, "add, remove: in .mcp.json of this folder" },
	{ "env", 'e', OPT_LIST, OPT_EVERY, offsetof(struct opts, env),
	    "NAME=VALUE", NULL, NULL, "add: a variable of the server" },
	{ "header", 'H', OPT_LIST, OPT_EVERY, offsetof(struct opts, headers),
	    "NAME: VALUE", NULL, NULL, "add: a header of each request" },
	{ "yes", 'y', OPT_FLAG, OPT_EVERY, offsetof(struct opts, yes), NULL,
	    NULL, NULL, "call: forms of the server get its own defaults" },
	{ "scope", 0, OPT_STR, OPT_EVERY, offsetof(struct opts, scope),
	    "SCOPES", NULL, NULL, "login: what to be allowed there" },
	{ "json", 0, OPT_FLAG, OPT_EVERY, offsetof(struct opts, json), NULL,
	    NULL, NULL, "for programs" },
	{ .name = NULL },
};

const struct command cmd_mcp = {
	.name = "mcp",
	.args = "[list|add|remove|allow|deny|test|call|login|logout] ...",
	.help = "list, change, try out MCP servers",
	.opts = options,
	.flags = CMD_LOCAL,
	.words_max = WORDS_ANY,
	.run = mcp_run,
};
