/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_layers.c - the MCP servers of a folder: the user's, then the project's */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "tool/mcp_config.h"

enum { MCP_FILE_MAX = 4 * 1024 * 1024 };

static void
add_broken(struct mcp_config *config, const char *file, const char *why)
{
	struct mcp_entry entry = {
		.name = xstrdup(file), .broken = xstrdup(why),
		.text = xstrdup("{}"), .file = xstrdup(file),
	};

	config->v = xreallocarray(config->v, config->count + 1, sizeof entry);
	config->v[config->count++] = entry;
}

/* Which file an entry stands in, and that a project's program starts in the
 * project's folder, wherever below it we are. */
static void
set_origin(struct mcp_entry *entry, const char *file, const char *project)
{
	str_replace(&entry->file, file);
	str_replace(&entry->project, project);
	if (project != NULL && entry->url == NULL && entry->cwd == NULL)
		entry->cwd = xstrdup(project);
}

/* Takes file. project: its folder, or NULL. */
static void
add_file(struct mcp_config *config, char *file, const char *project,
    const char *dir)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	size_t before = config->count;

	if (buf_read_file(&b, file, MCP_FILE_MAX, &e) == -1) {
		if (e.code != ERR_NOT_FOUND)
			add_broken(config, file, e.text);
	} else if (mcp_config_read(config, b.data, b.len, dir, &e) == -1) {
		add_broken(config, file, e.text);
	}
	for (; before < config->count; before++)
		set_origin(&config->v[before], file, project);
	buf_clear(&b);
	free(file);
}

void
mcp_config_load(struct mcp_config *config, const char *dir)
{
	static const char *const names[] = { ".mcp.json", ".chatd/mcp.json" };
	size_t len = strlen(dir), root = path_project_len(dir);

	add_file(config, path_config("mcp.json"), NULL, dir);
	while (len >= root && len > 0) {
		char *here = xstrndup(dir, len);

		for (size_t i = 0; i < NELEM(names); i++)
			add_file(config, path_join(here, names[i]), here, dir);
		free(here);
		while (len > 0 && dir[len - 1] != '/')
			len--;
		if (len > 0)
			len--;
	}
}

static struct trust_key
key_of(const struct mcp_entry *entry)
{
	struct trust_key key = {
		.kind = "mcp", .dir = entry->project, .name = entry->name,
	};

	memcpy(key.sum, entry->sum, sizeof key.sum);
	return key;
}

enum trust
mcp_entry_trust(const struct mcp_entry *entry)
{
	struct trust_key key = key_of(entry);

	return entry->project == NULL ? TRUST_YES : trust_get(&key);
}

int
mcp_entry_set_trust(const struct mcp_entry *entry, bool yes, struct err *e)
{
	struct trust_key key = key_of(entry);

	if (entry->project == NULL)
		return err_set(e, ERR_USAGE, "%s is your own: it needs no "
		    "consent", entry->name);
	return trust_set(&key, yes, e);
}
