/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule.h - permission rules: what a tool may be called with */

/*
 * A rule is a tool name, perhaps with "*" in it, and perhaps a pattern for
 * the argument that the tool is about:
 *
 *	Bash(git log *)		that command with any arguments, or none
 *	Bash(make check)	exactly that
 *	Bash(rm -rf *)		as a denial: the options in any order and place
 *	Edit(src/a.c)		Write and Edit, of that file; two stars in
 *				place of a.c: all that is below src
 *	Read(~/.ssh)		Read, Glob, Grep, and commands that name it
 *	WebFetch(domain:example.com)	that host and those below it
 *	mcp__github__*		all tools of an MCP server; mcp__github too
 *
 * A backslash before * ( ) or \ takes away its meaning.
 *
 * Deny beats ask beats allow, whatever the order and the layer. A command is
 * taken to pieces (shell.h): each piece must be allowed, and each file that
 * output is redirected to; one denied piece denies all. What is not fully
 * understood, and what runs other commands or code (sh -c, eval, xargs, env,
 * find -exec, python, ...), is only allowed by a rule that is exactly it, or
 * by a bare "Bash". Paths are resolved through symlinks before they are
 * matched; a denial also holds for the path as it was written.
 *
 * These functions have no state and do nothing; they only look at links in
 * the file system.
 */

#ifndef TOOL_RULE_H
#define TOOL_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "tool/tool.h"

struct buf;
struct err;
struct json;

enum rule_effect {
	RULE_ALLOW,
	RULE_ASK,
	RULE_DENY,
};

/* Where a rule comes from. A project's can only narrow: no RULE_ALLOW. */
enum rule_layer {
	RULE_DEFAULTS,
	RULE_USER,
	RULE_PROJECT,
	RULE_COMMAND_LINE,
	RULE_SESSION,
};

struct rule {
	enum rule_effect effect;
	enum rule_layer layer;
	char *text;		/* as it was written */
	char *tool;		/* name, "*" in it is possible */
	char *pattern;		/* NULL: any argument */
	char *exact;		/* the pattern without escapes, if it has no
				 * "*"; else NULL */
	char *definition;	/* allows only the tool that says this of
				 * itself (tool.h); NULL: whatever it says */
};

struct rules {
	struct rule *v;
	size_t count;
};

#define RULES_INIT { 0 }

/* ERR_CONFIG names the rule that is none. */
int	rules_add(struct rules *rules, enum rule_effect effect,
	    enum rule_layer layer, const char *text, struct err *e)
	    ATTR_MUST_USE;
/* "A, B(x,y), C": separated by commas outside of parentheses. */
int	rules_add_list(struct rules *rules, enum rule_effect effect,
	    enum rule_layer layer, const char *list, struct err *e)
	    ATTR_MUST_USE;
/* The rule that was added last is about the tool as it was then. */
void	rules_bind(struct rules *rules, const char *definition);
void	rules_clear(struct rules *rules);
const char *rule_effect_name(enum rule_effect effect);	/* "allow" */
const char *rule_layer_name(enum rule_layer layer);	/* "user" */

struct rule_call {
	const struct tool *tool;
	const struct json *input;
	const char *dir;	/* absolute */
	const char *home;	/* NULL: $HOME */
	/* A sandbox that is whole (sandbox.h) keeps denied paths from
	 * commands, so that one whose files cannot be told need not be
	 * asked for that alone. */
	bool held;
	/* There is none, and nobody asks because of that (--sandbox off). */
	bool alone;
};

enum rule_decision {
	RULE_UNDECIDED,		/* the permission mode decides */
	RULE_ALLOWED,
	RULE_ASKED,		/* a person decides, in every mode */
	RULE_DENIED,
};

struct rule_answer {
	enum rule_decision decision;
	const struct rule *rule;	/* the one that decided, or NULL */
	char *piece;		/* of a command: which; or NULL */
	/* ASKED because a denial could be hidden in what is not understood:
	 * rule is that denial. */
	bool suspected;
	/* The tool is another than the one that this rule allowed; or NULL. */
	const struct rule *outdated;
};

void	rule_decide(const struct rules *rules, const struct rule_call *call,
	    struct rule_answer *out);
void	rule_answer_clear(struct rule_answer *a);
/* "denied by Bash(rm *) (user): rm -rf x" */
void	rule_answer_text(struct buf *out, const struct rule_answer *a);

/* Does it speak of every call of the tool of this name? */
bool	rule_is_for_all(const struct rule *r, const char *tool);

/* The narrowest rule that allows this call again: what "always" stores. */
void	rule_for(struct buf *out, const struct rule_call *call);

/* Is this (absolute) path denied for reading, or for writing? For tool_env's
 * may(), and for what a sandbox is to hide. */
const struct rule *rule_denies_path(const struct rules *rules,
	    const char *path, bool write, const char *dir, const char *home);
/* Do any of them keep a path from being read or written? */
bool	rule_denies_paths(const struct rules *rules);
/*
 * The existing paths that path rules deny, for a sandbox: `hidden` may not be
 * read, `fixed` not be written. Patterns that are not "X" or "X/" with stars
 * behind are looked for below dir, to a ceiling. NULL-terminated lists; free
 * with rule_paths_free(). False if the ceiling was met: they are not whole.
 */
bool	rule_paths(const struct rules *rules, const char *dir,
	    const char *home, char ***hidden, char ***fixed);
void	rule_paths_free(char **paths);

#endif
