/* SPDX-License-Identifier: GPL-3.0-or-later */
/* persona.h - an agent as a file: agents/NAME.md */

/*
 * Front matter with the keys of payload.chatd (model, reasoning, ...), and a
 * body that is the system prompt (cli.md 8). The user's own configuration is
 * looked at before the project's .chatd: a project cannot replace an agent
 * that its user has made.
 *
 * Beside those keys:
 *
 *	description	for lists
 *	program		a program that answers (chatd-agent(7)); a string
 *			of words, or a list. A project's needs the user's
 *			consent (persona_trust())
 *	warm		seconds for which it stays between turns
 *	client-data	JSON Schema of what clients send with each message
 */

#ifndef AGENT_PERSONA_H
#define AGENT_PERSONA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "wire/input.h"

struct err;
struct json;

/* The one that needs no file. */
#define PERSONA_DEFAULT "chat"

struct persona {
	struct turn_opts opts;
	char *name;
	char *path;		/* of its file; NULL: it has none */
	bool project;		/* the file is the project's */
	char *description;	/* or NULL */
	char *body;		/* NULL: the common system prompt */
	char **program;		/* argv; or NULL: a model answers */
	int64_t warm_ms;	/* -1: not said */
	char *client_data;	/* JSON Schema, or NULL: any will do */
};

/* ERR_NOT_FOUND: no such agent; ERR_CONFIG: its file is wrong. */
int	persona_load(struct persona *p, const char *name, const char *dir,
	    struct err *e) ATTR_MUST_USE;
/* Of what it says about permissions only what narrows is left: a project's
 * file, and that of a sub-agent, never widens what may be done. */
void	persona_narrow(struct turn_opts *o);
void	persona_clear(struct persona *p);

/* Does client data (NULL: none came) fit? ERR_INVALID says what does not. */
int	persona_check_data(const struct persona *p, const struct json *data,
	    struct err *e) ATTR_MUST_USE;
/* May its program be run? ERR_FORBIDDEN: a project's, not agreed to. */
int	persona_may_run(const struct persona *p, struct err *e) ATTR_MUST_USE;
/* From now on it may, as long as file and command are the same. */
int	persona_trust(const struct persona *p, struct err *e) ATTR_MUST_USE;
/* Its command line, for who is asked. */
char	*persona_command(const struct persona *p);	/* caller frees */

/* The names of all agents there are, sorted, each once. */
void	persona_names(const char *dir, char ***names, size_t *count);
void	persona_names_free(char **names, size_t count);

#endif
