/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_agents.c - chatd agents: which there are, what one is, consent to it */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/persona.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/cmd.h"
#include "cli/columns.h"
#include "cli/out.h"

static const char *
origin(const struct persona *p)
{
	return p->path == NULL ? "built in" : p->project ? "project" : "user";
}

/* What answers: a program, a model, or whatever is chosen elsewhere. */
static char *
answers(const struct persona *p)
{
	char *command, *text;

	if (p->program == NULL)
		return xstrdup(p->opts.model != NULL ? p->opts.model : "");
	command = persona_command(p);
	text = xasprintf("program: %s", command);
	free(command);
	return text;
}

static void
agent_json(struct json_w *w, const struct persona *p, const char *name,
    const struct err *why)
{
	char *command;

	json_w_obj(w);
	json_w_kstr(w, "name", name);
	json_w_kstr(w, "from", origin(p));
	json_w_kstr(w, "path", p->path);
	json_w_kstr(w, "description", p->description);
	json_w_kstr(w, "model", p->opts.model);
	if (p->program != NULL) {
		command = persona_command(p);
		json_w_kstr(w, "program", command);
		json_w_kbool(w, "allowed", persona_may_run(p, NULL) == 0);
		free(command);
	}
	if (p->client_data != NULL)
		json_w_kraw(w, "clientData", p->client_data);
	json_w_kstr(w, "instructions", p->body);
	json_w_kstr(w, "error", why->code != ERR_NONE ? why->text : NULL);
	json_w_obj_end(w);
}

static void
agent_row(struct columns *c, const struct persona *p, const char *name,
    const struct err *why)
{
	char *what = answers(p);

	columns_add(c, name);
	columns_add(c, origin(p));
	columns_add(c, what);
	columns_add(c, why->code != ERR_NONE ? why->text : p->description);
	free(what);
}

/* One whose file is wrong is listed with what is wrong. */
static int
agents_list(const char *dir, bool as_json, struct err *e)
{
	static const struct column cols[] = {
		{ "NAME", 0, 0 }, { "FROM", 0, 0 }, { "ANSWERED BY", 0, 1 },
		{ "DESCRIPTION", 0, 1 },
	};
	struct columns *c = columns_new(cols, NELEM(cols));
	struct buf b = BUF_INIT;
	struct json_w w;
	char **names;
	size_t count;

	persona_names(dir, &names, &count);
	json_w_init(&w, &b);
	json_w_arr(&w);
	for (size_t i = 0; i < count; i++) {
		struct persona p;
		struct err why = ERR_INIT;

		(void)!persona_load(&p, names[i], dir, &why);
		if (as_json)
			agent_json(&w, &p, names[i], &why);
		else
			agent_row(c, &p, names[i], &why);
		persona_clear(&p);
	}
	json_w_arr_end(&w);
	persona_names_free(names, count);
	buf_addc(&b, '\n');
	int r = as_json ? out_json(&b, e) : columns_print(c, e);

	buf_clear(&b);
	columns_free(c);
	return r;
}

static void
show_line(struct buf *b, const char *name, const char *value)
{
	if (value != NULL && *value != '\0')
		buf_addf(b, "%-12s %s\n", name, value);
}

static int
agent_show(const struct persona *p, bool as_json, struct err *e)
{
	static const struct err fine = ERR_INIT;
	struct buf b = BUF_INIT;
	struct json_w w;
	char *command;

	if (as_json) {
		json_w_init(&w, &b);
		agent_json(&w, p, p->name, &fine);
		buf_addc(&b, '\n');
		return out_json(&b, e);
	}
	show_line(&b, "name", p->name);
	show_line(&b, "from", origin(p));
	show_line(&b, "file", p->path);
	show_line(&b, "description", p->description);
	show_line(&b, "model", p->opts.model);
	if (p->program != NULL) {
		command = persona_command(p);
		show_line(&b, "program", command);
		show_line(&b, "may run", persona_may_run(p, NULL) == 0 ?
		    "yes" : "no (chatd agents trust)");
		free(command);
	}
	show_line(&b, "client data", p->client_data);
	if (p->body != NULL)
		buf_addf(&b, "\n%s", p->body);
	return out_text(&b, e);
}

static int
ask(const struct persona *p, struct err *e)
{
	char *command, line[16];

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		err_set(e, ERR_USAGE, "agents trust: nobody can be asked");
		return err_hint(e, "-y agrees without asking");
	}
	command = persona_command(p);
	out_note("%s may run, outside every sandbox: %s", p->path, command);
	out_note("Type yes to agree:");
	free(command);
	if (fgets(line, sizeof(line), stdin) != NULL &&
	    (line[0] == 'y' || line[0] == 'Y'))
		return 0;
	return err_set(e, ERR_FAILED, "agents trust: nothing was agreed to");
}

static int
agent_trust(const struct persona *p, const struct opts *o, struct err *e)
{
	if (p->program == NULL || !p->project) {
		out_note("agent %s needs no consent", p->name);
		return 0;
	}
	if (!o->yes && ask(p, e) != 0)
		return -1;
	return persona_trust(p, e);
}

static int
agents_run(struct opts *o, struct err *e)
{
	const char *const *words = (const char *const *)o->words.items;
	bool trust = o->words.count == 2 && strcmp(words[0], "trust") == 0;
	struct persona p;
	char *dir;
	int r;

	if (o->words.count == 2 ? !trust :
	    o->words.count == 1 && strcmp(words[0], "trust") == 0) {
		err_set(e, ERR_USAGE, o->words.count == 2 ?
		    "agents: unknown word %.64s" :
		    "agents: %s what? A name is missing", words[0]);
		return err_hint(e, "chatd agents [NAME], chatd agents trust "
		    "NAME");
	}
	dir = path_cwd(e);
	if (dir == NULL)
		return -1;
	if (o->words.count == 0) {
		r = agents_list(dir, o->json, e);
	} else {
		r = persona_load(&p, words[o->words.count - 1], dir, e);
		if (r == 0)
			r = trust ? agent_trust(&p, o, e) :
			    agent_show(&p, o->json, e);
		persona_clear(&p);
	}
	free(dir);
	return r;
}

static const struct opt options[] = {
	{ "json", 0, OPT_FLAG, OPT_EVERY, offsetof(struct opts, json), NULL,
	    NULL, NULL, "for programs" },
	{ "yes", 'y', OPT_FLAG, OPT_EVERY, offsetof(struct opts, yes), NULL,
	    NULL, NULL, "agree without being asked" },
	{ .name = NULL },
};

const struct command cmd_agents = {
	.name = "agents",
	.args = "[NAME | trust NAME]",
	.help = "list the agents, show one, let a project's program run",
	.opts = options,
	.flags = CMD_LOCAL,
	.words_max = 2,
	.run = agents_run,
};
