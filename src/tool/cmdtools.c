/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmdtools.c - the tools that files of the user and of a project describe */

#include "config.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "tool/cmdtool.h"
#include "tool/cmdtools.h"

enum { CMDTOOLS_MAX = 500 };

struct broken {
	char *name, *why;
};

struct cmdtools {
	struct cmdtool **v;
	size_t count;
	const struct tool **tools;
	size_t tool_count;
	struct broken *broken;
	size_t broken_count;
};

static void
add_broken(struct cmdtools *p, const char *name, const char *why)
{
	p->broken = xreallocarray(p->broken, p->broken_count + 1,
	    sizeof *p->broken);
	p->broken[p->broken_count++] = (struct broken){
		.name = xstrdup(name), .why = xstrdup(why),
	};
}

static bool
is_known(const struct cmdtools *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->v[i]->name, name) == 0)
			return true;
	return false;
}

static void
add_program(struct cmdtools *p, struct cmdtool *program)
{
	enum trust trust = cmdtool_trust(program);
	char *why;

	p->v = xreallocarray(p->v, p->count + 1, sizeof *p->v);
	p->v[p->count++] = program;
	if (trust == TRUST_YES) {
		p->tools[p->tool_count++] = &program->tool;
	} else if (trust == TRUST_UNKNOWN) {
		why = xasprintf("not used: %s describes it, and nobody has "
		    "agreed yet (chatd tools allow %s)", program->file,
		    program->name);
		add_broken(p, program->name, why);
		free(why);
	}
}

static void
add_file(struct cmdtools *p, const char *file, const char *project)
{
	struct err e = ERR_INIT;
	struct cmdtool *program = p->count == CMDTOOLS_MAX ? NULL :
	    cmdtool_read(file, project, &e);

	if (program == NULL)
		add_broken(p, strrchr(file, '/') + 1, e.text);
	else if (is_known(p, program->name))
		cmdtool_free(program);
	else
		add_program(p, program);
}

static int
is_description(const struct dirent *d)
{
	static const char *const ends[] = { ".yaml", ".yml", ".json" };
	size_t len = strlen(d->d_name);

	for (size_t i = 0; i < NELEM(ends); i++) {
		size_t n = strlen(ends[i]);

		if (d->d_name[0] != '.' && len > n &&
		    strcmp(d->d_name + len - n, ends[i]) == 0)
			return 1;
	}
	return 0;
}

/* Takes folder. */
static void
add_folder(struct cmdtools *p, char *folder, const char *project)
{
	struct dirent **names;
	int n = scandir(folder, &names, is_description, alphasort);

	for (int i = 0; i < n; i++) {
		char *file = path_join(folder, names[i]->d_name);

		add_file(p, file, project);
		free(file);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	free(folder);
}

struct cmdtools *
cmdtools_load(const char *dir)
{
	struct cmdtools *p = xcalloc(1, sizeof *p);
	size_t len = strlen(dir), root = path_project_len(dir);

	p->tools = xcalloc(CMDTOOLS_MAX + 1, sizeof *p->tools);
	add_folder(p, path_config("tools"), NULL);
	while (len >= root && len > 0) {
		char *here = xstrndup(dir, len);

		add_folder(p, path_join(here, ".chatd/tools"), here);
		free(here);
		while (len > 0 && dir[len - 1] != '/')
			len--;
		if (len > 0)
			len--;
	}
	return p;
}

void
cmdtools_free(struct cmdtools *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->count; i++)
		cmdtool_free(p->v[i]);
	for (size_t i = 0; i < p->broken_count; i++) {
		free(p->broken[i].name);
		free(p->broken[i].why);
	}
	free(p->v);
	free(p->tools);
	free(p->broken);
	free(p);
}

const struct tool *const *
cmdtools_tools(const struct cmdtools *p)
{
	return p->tools;
}

void
cmdtools_complain(const struct cmdtools *p,
    void (*fn)(const char *name, const char *why, void *arg), void *arg)
{
	for (size_t i = 0; i < p->broken_count; i++)
		fn(p->broken[i].name, p->broken[i].why, arg);
}

const struct cmdtool *
cmdtools_at(const struct cmdtools *p, size_t i)
{
	return i < p->count ? p->v[i] : NULL;
}
