/* SPDX-License-Identifier: GPL-3.0-or-later */
/* permit_rules.c - the rules of all layers, gathered */

#include <stdlib.h>
#include <string.h>

#include "agent/permit_rules.h"
#include "agent/remember.h"
#include "agent/setup.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "tool/rule.h"
#include "wire/item.h"

/* One list of a file: "Bash(git log *)" each. */
static int
add_list(struct rules *rules, enum rule_effect effect, enum rule_layer layer,
    const struct json *lists, const char *file, struct err *e)
{
	const struct json *list = json_get(lists, rule_effect_name(effect));
	const struct json *rule;
	struct err why = ERR_INIT;

	if (json_is_set(list) && !json_is(list, JSON_ARRAY))
		return err_set(e, ERR_CONFIG, "%s: %s: a list of rules is "
		    "wanted", file, rule_effect_name(effect));
	JSON_EACH(rule, list) {
		if (!json_is(rule, JSON_STRING) || rules_add(rules, effect, layer,
		    json_str(rule), &why) == -1)
			return err_set(e, ERR_CONFIG, "%s: %s: %s", file,
			    rule_effect_name(effect), why.text[0] != '\0' ?
			    why.text : "a rule is a text");
		/* remember.h */
		rules_bind(rules, json_get_str(json_get(lists, "definitions"),
		    json_str(rule)));
	}
	return 0;
}

static int
add_lists(struct rules *rules, enum rule_layer layer,
    const struct json *lists, const char *file, struct err *e)
{
	/* a project file only narrows */
	if (layer != RULE_PROJECT && add_list(rules, RULE_ALLOW, layer,
	    lists, file, e) == -1)
		return -1;
	if (add_list(rules, RULE_ASK, layer, lists, file, e) == -1)
		return -1;
	return add_list(rules, RULE_DENY, layer, lists, file, e);
}

/* What is there but cannot be read stops everything: it may deny. Takes
 * path. */
static int
add_file(struct rules *rules, enum rule_layer layer, char *path,
    const char *member, struct err *e)
{
	struct err why = ERR_INIT;
	struct json_doc *doc = conf_read(path, &why);
	const struct json *lists = json_root(doc);
	int rc = 0;

	if (doc == NULL && why.code != ERR_NOT_FOUND)
		rc = err_set(e, ERR_CONFIG, "%s", why.text);
	if (member != NULL)
		lists = json_get(lists, member);
	if (doc != NULL)
		rc = add_lists(rules, layer, lists, path, e);
	json_doc_free(doc);
	free(path);
	return rc;
}

static int
add_project(struct rules *rules, const char *dir, struct err *e)
{
	if (add_file(rules, RULE_PROJECT, path_join(dir,
	    ".chatd/permissions.yaml"), NULL, e) == -1)
		return -1;
	return add_file(rules, RULE_PROJECT, path_join(dir,
	    ".chatd/config.yaml"), "permissions", e);
}

static bool
is_root_of_git(const char *dir)
{
	char *git = path_join(dir, ".git");
	bool yes = path_exists(git);

	free(git);
	return yes;
}

/* The length of the folder above, without its slash. */
static size_t
len_above(const char *dir, size_t len)
{
	while (len > 0 && dir[len - 1] != '/')
		len--;
	return len > 0 ? len - 1 : 0;
}

/* The length of the repository's root within dir; all of it if there is
 * none. */
static size_t
len_of_root(const char *dir)
{
	for (size_t len = strlen(dir); len > 0; len = len_above(dir, len)) {
		char *above = xstrndup(dir, len);
		bool root = is_root_of_git(above);

		free(above);
		if (root)
			return len;
	}
	return strlen(dir);
}

/* From the working directory up to the root of the repository: else a start
 * below it would get around its rules. */
static int
add_projects(struct rules *rules, const char *dir, struct err *e)
{
	size_t len = strlen(dir), root = len_of_root(dir);
	int rc = 0;

	for (; rc == 0 && len >= root && len > 0; len = len_above(dir, len)) {
		char *here = xstrndup(dir, len);

		rc = add_project(rules, here, e);
		free(here);
	}
	return rc;
}

static int
add_user(struct rules *rules, struct err *e)
{
	if (add_file(rules, RULE_USER, path_config("config.yaml"),
	    "permissions", e) == -1)
		return -1;
	return add_file(rules, RULE_USER, remember_path(), NULL, e);
}

/* What a person allowed for a session holds for its sub-agents. */
static int
add_above(struct rules *rules, const char *ancestors, struct err *e)
{
	struct json_doc *doc = ancestors == NULL ? NULL :
	    json_parse(ancestors, strlen(ancestors), 0, NULL);
	const struct json *v;
	int rc = 0;

	JSON_EACH(v, json_root(doc))
		if (rc == 0 && json_str(v) != NULL &&
		    strchr(json_str(v), '/') == NULL)
			rc = add_file(rules, RULE_SESSION,
			    remember_session_path(json_str(v)), NULL, e);
	json_doc_free(doc);
	return rc;
}

int
permit_rules_load(struct rules *rules, const struct setup *s,
    const struct item *it, struct err *e)
{
	if (add_user(rules, e) == -1 || add_projects(rules, s->dir, e) == -1)
		return -1;
	if (s->opts.allowed != NULL && rules_add_list(rules, RULE_ALLOW,
	    RULE_COMMAND_LINE, s->opts.allowed, e) == -1)
		return -1;
	if (s->opts.disallowed != NULL && rules_add_list(rules, RULE_DENY,
	    RULE_COMMAND_LINE, s->opts.disallowed, e) == -1)
		return -1;
	if (add_above(rules, s->ancestors, e) == -1)
		return -1;
	return add_file(rules, RULE_SESSION, remember_session_path(it->id),
	    NULL, e);
}
