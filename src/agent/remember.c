/* SPDX-License-Identifier: GPL-3.0-or-later */
/* remember.c - what a person allowed for longer than one call */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "agent/agent_priv.h"
#include "agent/remember.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "tool/rule.h"
#include "wire/message.h"

static const char heading[] =
    "# Rules that were answered with \"always\"; chatd adds to \"allow\".\n"
    "# deny beats ask beats allow. See chatd.conf(5).\n";

struct allowed {
	const char *rule;
	const char *definition;		/* of the tool (tool.h), or NULL */
};

char *
remember_path(void)
{
	return path_config("permissions.yaml");
}

static void
add_quoted(struct buf *b, const struct json *v)
{
	json_add_quoted(b, json_str(v) != NULL ? json_str(v) : "", json_len(v));
}

/* A list of the file, in YAML whose strings are written as in JSON. */
static void
list_write(struct buf *b, const char *name, const struct json *list,
    const char *more)
{
	const struct json *v;

	if (more != NULL && json_lists(list, more))
		more = NULL;
	if (json_len(list) == 0 && more == NULL)
		return;
	buf_addf(b, "%s:\n", name);
	JSON_EACH(v, list) {
		buf_adds(b, "  - ");
		add_quoted(b, v);
		buf_addc(b, '\n');
	}
	if (more != NULL) {
		buf_adds(b, "  - ");
		json_add_quoted(b, more, strlen(more));
		buf_addc(b, '\n');
	}
}

static void
definition_write(struct buf *b, const char *rule, size_t len,
    const char *sum)
{
	buf_adds(b, "  ");
	json_add_quoted(b, rule, len);
	buf_adds(b, ": ");
	json_add_quoted(b, sum, strlen(sum));
	buf_addc(b, '\n');
}

/* The newer one of the rule takes the place of what it had. */
static void
definitions_write(struct buf *b, const struct json *before,
    const struct allowed *more)
{
	const struct json *v;
	size_t start = b->len, first;

	buf_adds(b, "definitions:\n");
	first = b->len;
	JSON_EACH(v, before)
		if (json_str(v) != NULL && strcmp(json_name(v), more->rule) != 0)
			definition_write(b, json_name(v), json_name_len(v),
			    json_str(v));
	if (more->definition != NULL)
		definition_write(b, more->rule, strlen(more->rule),
		    more->definition);
	if (b->len == first)
		buf_cut(b, start);
}

static bool
is_there(const struct json *root, const struct allowed *more)
{
	const char *had = json_get_str(json_get(root, "definitions"),
	    more->rule);

	if (!json_lists(json_get(root, "allow"), more->rule))
		return false;
	return had == more->definition || (had != NULL &&
	    more->definition != NULL && strcmp(had, more->definition) == 0);
}

static int
file_add(const char *path, const struct allowed *more, struct err *e)
{
	struct err why = ERR_INIT;
	struct json_doc *doc = conf_read(path, &why);
	const struct json *root = json_root(doc);
	struct buf b = BUF_INIT;
	int rc = 0;

	if (doc == NULL && why.code != ERR_NOT_FOUND)
		return err_pass(e, &why);
	if (!is_there(root, more)) {
		buf_adds(&b, heading);
		list_write(&b, "allow", json_get(root, "allow"), more->rule);
		list_write(&b, "ask", json_get(root, "ask"), NULL);
		list_write(&b, "deny", json_get(root, "deny"), NULL);
		definitions_write(&b, json_get(root, "definitions"), more);
		rc = path_write_whole(path, b.data, b.len, 0600, e);
	}
	buf_clear(&b);
	json_doc_free(doc);
	return rc;
}

/* Several processes may add at the same time. */
static int
add_locked(const char *path, const struct allowed *more, struct err *e)
{
	char *lock = path_data("rules.lock");
	int fd = -1, rc = path_make_parent(path, e);

	if (rc == 0)
		rc = path_make_parent(lock, e);
	if (rc == 0) {
		fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd != -1)
			(void)flock(fd, LOCK_EX);	/* without it: a race */
		rc = file_add(path, more, e);
	}
	if (fd != -1)
		close(fd);
	free(lock);
	return rc;
}

char *
remember_session_path(const char *id)
{
	char *name = xasprintf("rules/%s.yaml", id);
	char *path = path_data(name);

	free(name);
	return path;
}

static bool
is_rule(const char *text, struct err *e)
{
	struct rules rules = RULES_INIT;
	bool yes = false;

	if (text == NULL)
		err_set(e, ERR_INPUT, "no rule to remember");
	else
		yes = rules_add(&rules, RULE_ALLOW, RULE_USER, text, e) == 0;
	rules_clear(&rules);
	return yes;
}

static int
remember_one(struct agent *ag, const struct json *approval, struct err *e)
{
	const struct json *wish = json_get(approval, "remember");
	const char *scope = json_get_str(wish, "scope");
	const struct json *asked = json_get(approval, "descriptor");
	struct allowed more = { .rule = json_get_str(wish, "rule") };

	if (scope == NULL)
		return 0;
	if (more.rule == NULL)
		more.rule = json_get_str(asked, "rule");
	if (!is_rule(more.rule, e))
		return -1;
	/* a wider rule is of tools that nobody has looked at yet */
	if (json_streq(json_get(asked, "rule"), more.rule))
		more.definition = json_get_str(asked, "definition");
	if (strcmp(scope, "always") != 0 && strcmp(scope, "session") != 0)
		return err_set(e, ERR_INPUT, "unknown scope %.32s", scope);
	char *path = *scope == 'a' ? remember_path() :
	    remember_session_path(ag->id);
	int rc = add_locked(path, &more, e);

	free(path);
	return rc;
}

void
remember_answers(struct agent *ag, const struct message *m)
{
	const struct part *p;

	TAILQ_FOREACH(p, &m->parts, entry) {
		struct err e = ERR_INIT;
		struct json_doc *doc;

		if (p->type != PART_TOOL || p->tool->approval == NULL ||
		    p->state != STATE_APPROVAL_RESPONDED)
			continue;
		doc = json_parse(p->tool->approval,
		    strlen(p->tool->approval), 0, NULL);
		if (remember_one(ag, json_root(doc), &e) == -1)
			log_msg(LOG_AGENT, LOG_ERROR, "%s: not remembered: %s",
			    ag->id, e.text);
		json_doc_free(doc);
	}
}
