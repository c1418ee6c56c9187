/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opts.h - options of the command line: one table for parser, help, shells */

/*
 * Options may stand before or after words; "--" ends them; "-mX", "-m X",
 * "--opt=value" and "--opt value" are the same. Flags of one letter may be
 * joined. An unknown option, a missing value and a value that is none of the
 * choices are ERR_USAGE.
 */

#ifndef CLI_OPTS_H
#define CLI_OPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf;
struct err;

struct strlist {
	char **items;
	size_t count;
};

void	strlist_add(struct strlist *l, const char *s);
void	strlist_clear(struct strlist *l);

/* What was said; NULL, 0, false: not said. */
struct opts {
	/* of chatd and chatd run (cli.md 2) */
	char *model, *agent, *session, *resume;
	bool go_on, fork;
	struct strlist files;
	char *system, *append_system;
	char *dir;
	char *output_format, *input_format;
	char *json_schema, *last_message;
	char *permission_mode, *allowed, *disallowed, *sandbox, *steering;
	bool network;
	int max_steps, max_tokens, compact_at, max_seconds, timeout;
	double max_cost;
	char *reasoning;
	bool ephemeral, line, no_stdin, print;
	bool quiet, verbose, read_only;
	char *log, *debug;
	int raw_output;
	struct strlist metadata;
	char *remote, *token;
	char *secret;		/* of the environment: remote.h */
	bool help, version;
	/* of single commands */
	bool all, json, markdown, records, yes, background, inject;
	char *status, *at, *reason;
	struct strlist listen, origins;
	char *unix_path, *key_file, *ttl, *tls_cert, *tls_key;
	bool read_scope, strict_agents;
	int rate_limit;
	struct strlist tags, remove_tags;
	int limit;
	bool pick;		/* the list of sessions comes first */
	bool project;
	char *scope;
	struct strlist env, headers;
	struct strlist words;
};

enum opt_kind {
	OPT_FLAG,	/* bool */
	OPT_COUNT,	/* int, one more each time */
	OPT_STR,	/* char * */
	OPT_LIST,	/* struct strlist */
	OPT_INT,	/* int, 1 or more */
	OPT_REAL,	/* double, above 0 */
	OPT_SET,	/* char * becomes the table's value */
};

/* Which commands take an option; each takes those before its own, too. */
enum opt_scope {
	OPT_EVERY,	/* all */
	OPT_AGENT,	/* those that say how an agent runs: chatd serve */
	OPT_CHAT,	/* those that talk: chatd, run, resume, attach */
};

/* Choices that the configuration has, too. */
#define OPT_PERMISSION_MODES	"default|accept-edits|plan|deny|allow-all"
#define OPT_SANDBOXES		"read-only|workspace-write|off"
#define OPT_STEERINGS		"inject|queue"

struct opt {
	const char *name;	/* without dashes; NULL ends a table */
	char letter;		/* or 0 */
	enum opt_kind kind;
	enum opt_scope scope;
	size_t offset;		/* in struct opts */
	const char *arg;	/* name of its value for people, or NULL */
	const char *choices;	/* "a|b|c", or NULL: anything */
	const char *value;	/* of OPT_SET */
	const char *help;
};

/* The table of cli.md 2. */
extern const struct opt opts_common[];
/* Of commands that take just --json. */
extern const struct opt opts_json[];

/* Options of own (may be NULL) come before the common ones, of which those
 * within scope count. argv is read from 0 to argc. */
int	opts_parse(struct opts *o, const struct opt *own, enum opt_scope scope,
	    int argc, char *const argv[], struct err *e) ATTR_MUST_USE;
void	opts_clear(struct opts *o);

/* Has this option of the common ones been given a value? */
bool	opt_is_said(const struct opts *o, const struct opt *t);
/* Is value one of "a|b|c"? */
bool	opt_is_choice(const char *choices, const char *value);
/* Is this argument an option that takes the next one as its value? */
bool	opts_takes_next(const struct opt *own, const char *arg);
/* A paragraph of help for each option of a table that is in scope. */
void	opts_help(struct buf *out, const struct opt *table,
	    enum opt_scope scope);

#endif
