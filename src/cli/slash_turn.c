/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slash_turn.c - slash commands about how the next turns run */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/permit_rules.h"
#include "agent/persona.h"
#include "agent/setup.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/ask.h"
#include "cli/mcp.h"
#include "cli/opts.h"
#include "cli/session.h"
#include "cli/slash.h"
#include "cli/slash_priv.h"
#include "tool/rule.h"
#include "tool/skills.h"
#include "tool/tool.h"
#include "ui/complete.h"
#include "wire/input.h"

static const struct {
	const char *name, *help;
} modes[] = {
	{ "default", "asks before files change, programs run, the network "
	    "is used" },
	{ "accept-edits", "files below the folder are changed unasked" },
	{ "plan", "only looks; nothing is changed" },
	{ "deny", "what would be asked is denied" },
	{ "allow-all", "nothing is asked but what a rule says" },
};

/* How a turn runs is not told to other servers: their agents know. */
static int
is_ours(const struct slash *s, const char *what, struct err *e)
{
	return s->opts->remote == NULL && !s->session->remote ? 0 :
	    err_set(e, ERR_USAGE, "%s: at another server its agent says so",
	    what);
}

static void	told(struct slash *s, const char *fmt, ...) ATTR_PRINTF(2, 3);

static void
told(struct slash *s, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->ops->tell(s->arg, text);
}

/* --------------------------------------------------------- model, agent */

static int
show_model(struct slash *s, struct err *e)
{
	struct item it = { 0 };
	struct client *cl;

	if (s->opts->model != NULL) {
		told(s, "%s", s->opts->model);
		return 0;
	}
	if (s->session->item.id == NULL) {
		told(s, "not chosen: the first message finds one");
		return 0;
	}
	cl = s->ops->client(s->arg, e);
	if (cl == NULL || ask_get(cl, item_key(&s->session->item), &it,
	    e) != 0)
		return -1;
	told(s, "%s", it.model != NULL ? it.model : "not chosen yet");
	item_clear(&it);
	return 0;
}

int
slash_model(struct slash *s, const char *arg, struct err *e)
{
	struct turn_opts t = { .max_cost = -1 };

	if (*arg == '\0')
		return show_model(s, e);
	if (is_ours(s, "/model", e) != 0)
		return -1;
	str_replace(&s->opts->model, arg);
	str_replace(&t.model, arg);
	session_change(s->session, &t);
	turn_opts_clear(&t);
	s->ops->changed(s->arg);
	told(s, "the next message goes to %s", arg);
	return 0;
}

/* Can it answer? Else the next message would tell. */
static int
is_agent(const char *name, struct err *e)
{
	struct persona p = { .name = NULL };
	char *dir = path_cwd(e);
	int r = dir != NULL ? persona_load(&p, name, dir, e) : -1;

	if (r == 0)
		r = persona_may_run(&p, e);
	persona_clear(&p);
	free(dir);
	return r;
}

void
slash_offer_agents(struct complete_list *list, const char *prefix, void *arg)
{
	char *dir = path_cwd(NULL), **names = NULL;
	size_t count = 0;

	(void)arg;
	if (dir != NULL)
		persona_names(dir, &names, &count);
	for (size_t i = 0; i < count; i++)
		if (strncmp(names[i], prefix, strlen(prefix)) == 0)
			complete_offer(list, names[i]);
	persona_names_free(names, count);
	free(dir);
}

int
slash_agent(struct slash *s, const char *arg, struct err *e)
{
	struct turn_opts t = { .max_cost = -1 };
	const char *task = s->session->item.task;

	if (*arg == '\0') {
		told(s, "%s", s->opts->agent != NULL ? s->opts->agent :
		    task != NULL ? task : "chat");
		return 0;
	}
	if (is_ours(s, "/agent", e) != 0 || is_agent(arg, e) != 0)
		return -1;
	str_replace(&s->opts->agent, arg);
	str_replace(&t.agent, arg);
	session_change(s->session, &t);
	turn_opts_clear(&t);
	told(s, "the next message goes to the agent %s", arg);
	return 0;
}

/* ---------------------------------------------------------- permissions */

const char *
slash_mode(const struct slash *s)
{
	return s->opts->permission_mode;
}

static int
set_mode(struct slash *s, size_t i, struct err *e)
{
	struct turn_opts t = { .max_cost = -1 };

	if (is_ours(s, "permission mode", e) != 0)
		return -1;
	str_replace(&s->opts->permission_mode, modes[i].name);
	str_replace(&t.permission_mode, modes[i].name);
	session_change(s->session, &t);
	turn_opts_clear(&t);
	s->ops->changed(s->arg);
	told(s, "%s, from the next message on: %s", modes[i].name,
	    modes[i].help);
	return 0;
}

/* NELEM(modes): there is none of this name. */
static size_t
find_mode(const char *name)
{
	size_t i = 0;

	while (i < NELEM(modes) && strcmp(modes[i].name, name) != 0)
		i++;
	return i;
}

int
slash_next_mode(struct slash *s, struct err *e)
{
	const char *now = slash_mode(s);
	size_t i = now != NULL ? find_mode(now) : 0;

	return set_mode(s, (i + 1) % NELEM(modes), e);
}

/* All that hold here, with the place each stands in. */
static int
add_rules(struct slash *s, struct buf *b, struct err *e)
{
	struct setup su = { .opts = { .allowed = s->opts->allowed,
	    .disallowed = s->opts->disallowed }, .dir = path_cwd(e) };
	struct item it = { .id = s->session->item.id != NULL ?
	    s->session->item.id : (char []){ "none" } };
	struct rules rules = RULES_INIT;
	int r = su.dir == NULL ? -1 : permit_rules_load(&rules, &su, &it, e);

	for (size_t i = 0; r == 0 && i < rules.count; i++)
		buf_addf(b, "%-5s %s  (%s)\n",
		    rule_effect_name(rules.v[i].effect), rules.v[i].text,
		    rule_layer_name(rules.v[i].layer));
	if (r == 0 && rules.count == 0)
		buf_adds(b, "no rules: the mode decides\n");
	rules_clear(&rules);
	free(su.dir);
	return r;
}

static int
show_permissions(struct slash *s, struct err *e)
{
	const struct opts *o = s->opts;
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < NELEM(modes); i++)
		buf_addf(&b, "%s %-13s %s\n",
		    strcmp(slash_mode(s) != NULL ? slash_mode(s) :
		    modes[0].name, modes[i].name) == 0 ? "*" : " ",
		    modes[i].name, modes[i].help);
	buf_addf(&b, "sandbox %s, network %s\n", o->sandbox != NULL ?
	    o->sandbox : "workspace-write", o->network ? "on" : "off");
	int r = add_rules(s, &b, e);
	if (r == 0) {
		buf_adds(&b, "why a call ran: chatd why ID CALL");
		s->ops->tell(s->arg, b.data);
	}
	buf_clear(&b);
	return r;
}

int
slash_permissions(struct slash *s, const char *arg, struct err *e)
{
	size_t i = find_mode(arg);

	if (*arg == '\0') {
		if (is_ours(s, "/permissions", e) != 0)
			return -1;
		return show_permissions(s, e);
	}
	if (i == NELEM(modes))
		return err_set(e, ERR_USAGE, "there is no permission mode "
		    "'%s': /permissions lists them", arg);
	return set_mode(s, i, e);
}

void
slash_offer_modes(struct complete_list *list, const char *prefix, void *arg)
{
	(void)arg;
	for (size_t i = 0; i < NELEM(modes); i++)
		if (strncmp(modes[i].name, prefix, strlen(prefix)) == 0)
			complete_offer(list, modes[i].name);
}

int
slash_tools(struct slash *s, const char *arg, struct err *e)
{
	struct buf b = BUF_INIT;

	(void)arg;
	if (is_ours(s, "/tools", e) != 0)
		return -1;
	for (const struct tool *const *t = tool_builtins(); *t != NULL; t++)
		buf_addf(&b, "%-12s %s\n", (*t)->name, (*t)->title);
	s->ops->tell(s->arg, b.data);
	buf_clear(&b);
	return 0;
}

int
slash_skills(struct slash *s, const char *arg, struct err *e)
{
	struct buf b = BUF_INIT;

	(void)arg;
	if (is_ours(s, "/skills", e) != 0)
		return -1;
	char *dir = path_cwd(e);

	if (dir == NULL)
		return -1;
	struct skills *sk = skills_load(dir);

	for (size_t i = 0; i < sk->count; i++)
		buf_addf(&b, "%-12s %s\n", sk->list[i].name,
		    sk->list[i].error != NULL ? sk->list[i].error :
		    sk->list[i].description);
	s->ops->tell(s->arg, b.len > 0 ? b.data : "there are none");
	skills_free(sk);
	free(dir);
	buf_clear(&b);
	return 0;
}

/* What runs, as the server half of the session says; NULL: nothing yet. */
static struct json_doc *
running_servers(struct slash *s)
{
	struct json_doc *doc = NULL;
	struct err e = ERR_INIT;
	struct client *cl = s->session->item.id == NULL ? NULL :
	    s->ops->client(s->arg, &e);
	char *path;

	if (cl == NULL)
		return NULL;
	path = ask_path("/api/chatd/v1/sessions/", s->session->item.id,
	    "/servers");
	/* one that is older does not know; then the configuration is all */
	(void)!ask_only_chatd(cl, "GET", path, NULL, &doc, "/mcp", &e);
	free(path);
	return doc;
}

static const struct json *
find_running(const struct json_doc *doc, const char *name, const char *dir)
{
	const struct json *v;

	JSON_EACH(v, json_root(doc)) {
		if (json_streq(json_get(v, "name"), name) &&
		    json_streq(json_get(v, "dir"), dir))
			return v;
	}
	return NULL;
}

static void
add_server(struct buf *b, const struct mcp_entry *entry,
    const struct json *running)
{
	const char *state = json_get_str(running, "state");
	const char *why = json_get_str(running, "text");
	struct buf words = BUF_INIT;
	int64_t tools = 0;

	if (state == NULL)
		buf_adds(&words, mcp_cli_state(entry));
	else if (strcmp(state, "ready") == 0 &&
	    json_int64(json_get(running, "tools"), &tools) == 0)
		buf_addf(&words, "ready, %lld tool%s", (long long)tools,
		    tools == 1 ? "" : "s");
	else
		buf_adds(&words, state);
	buf_addf(b, "%-12s %-16s ", entry->name, words.data);
	buf_clear(&words);
	if (entry->broken != NULL)
		buf_adds(b, entry->broken);
	else
		mcp_entry_describe(b, entry);
	buf_addc(b, '\n');
	if (why != NULL && *why != '\0')
		buf_addf(b, "%-12s %s\n", "", why);
}

int
slash_mcp(struct slash *s, const char *arg, struct err *e)
{
	struct mcp_config config = { 0 };
	struct json_doc *doc;
	struct buf b = BUF_INIT;
	char *dir;

	(void)arg;
	if (is_ours(s, "/mcp", e) != 0 || (dir = path_cwd(e)) == NULL)
		return -1;
	if (mcp_cli_load(&config, e) != 0) {
		free(dir);
		return -1;
	}
	doc = running_servers(s);
	for (size_t i = 0; i < config.count; i++)
		add_server(&b, &config.v[i], find_running(doc,
		    config.v[i].name, dir));
	json_doc_free(doc);
	free(dir);
	if (b.len > 0)
		buf_adds(&b, "chatd mcp test NAME starts one and shows its "
		    "tools; allow NAME agrees, login NAME signs in");
	s->ops->tell(s->arg, b.len > 0 ? b.data : "no MCP servers; chatd mcp "
	    "add NAME COMMAND adds one");
	mcp_config_clear(&config);
	buf_clear(&b);
	return 0;
}
