/* SPDX-License-Identifier: GPL-3.0-or-later */
/* permit.h - may this call run: rules in layers, and a mode */

/*
 *	defaults	notes and reads are allowed, all else is asked
 *	user		config.yaml: permissions: {allow, ask, deny} with lists
 *			of rules, and permissions.yaml beside it, where
 *			"always" writes
 *	project		.chatd/permissions.yaml, .chatd/config.yaml: ask, deny
 *	command line	--allowed-tools, --disallowed-tools
 *	session		what a person allowed for this session
 *
 * Deny beats ask beats allow, whichever layer they stand in. A mode only says
 * what becomes of calls that no rule speaks of, and "deny" of those that
 * would be asked.
 */

#ifndef AGENT_PERMIT_H
#define AGENT_PERMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "tool/sandbox.h"

struct err;
struct item;
struct json;
struct setup;
struct tool;

struct permit;

enum permit_verdict {
	PERMIT_ALLOW,
	PERMIT_ASK,
	PERMIT_DENY,
};

/* Who decided: kept with the call for `chatd why`. */
struct ruling {
	enum permit_verdict verdict;
	const char *by;		/* "rule", "mode", "default", "hook" */
	const char *layer;	/* "user", ...; NULL: no rule */
	char *rule;		/* its text, or NULL */
	char *reason;		/* for the model and people; NULL: allowed */
	bool open;		/* asked, since no rule speaks of it */
	char *suggest;		/* asked: the exact rule for "always" */
};

/* ERR_CONFIG: a file of rules cannot be read, so nothing may run. */
struct permit	*permit_new(const struct setup *s, const struct item *it,
		    struct err *e) ATTR_MUST_USE;
void		 permit_free(struct permit *p);
/* Do they say the same of every call? */
bool		 permit_same(const struct permit *a, const struct permit *b);
/* hold: how well a sandbox holds what the tool runs. Clear with
 * ruling_clear(). */
void		 permit_judge(const struct permit *p, const struct tool *tool,
		    const struct json *input, enum sandbox_hold hold,
		    struct ruling *out);
/* What is asked after all, is denied where nobody is asked. */
void		 permit_no_asking(const struct permit *p, struct ruling *r);
/* Is every call of this tool denied? Then the model is not told of it. */
bool		 permit_forbids(const struct permit *p,
		    const struct tool *tool);
/* Is every tool of this MCP server? Then it is not started. */
bool		 permit_forbids_server(const struct permit *p,
		    const char *server);
/* May a file that no argument names be touched? tool_env's may(). */
int		 permit_may(const char *path, bool write, void *permit,
		    struct err *e);

/* The same for a call that nobody was asked about and no rule allows: it
 * writes only what a sandboxed command could. */
int		 permit_may_unasked(const char *path, bool write,
		    void *permit, struct err *e);

/* Paths that a rule denies to all, for the sandbox; rule_paths_free(). False:
 * there are too many, the lists are not whole. */
bool		 permit_paths(const struct permit *p, char ***hidden,
		    char ***fixed);

const char	*permit_verdict_name(enum permit_verdict v);
void		 ruling_clear(struct ruling *r);
/* {"chatd":{"decision":..,"by":..,"layer":..,"rule":..,"reason":..,"at":ms}} */
char		*ruling_json(const struct ruling *r);	/* caller frees */

#endif
