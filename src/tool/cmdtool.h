/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmdtool.h - a tool that is a program, and the file that describes it */

/*
 *	description: Counts the words of a text.
 *	inputSchema: {type: object, properties: {text: {type: string}}}
 *	command: [./word-count]
 *	timeout: 10
 *
 * The call's arguments come on stdin, as one line of JSON. What it writes to
 * stdout is the result: JSON, or text. {"output":..,"model":".."} gives both
 * forms of it. Another exit status than 0 is a failure, and the end of stderr
 * says why. It runs in the session's folder and sandbox, and its whole group
 * ends with it.
 */

#ifndef TOOL_CMDTOOL_H
#define TOOL_CMDTOOL_H

#include "base/attr.h"
#include "tool/tool.h"
#include "tool/trust.h"

struct err;

enum {
	CMDTOOL_MS = 120 * 1000,		/* if the file says nothing */
	CMDTOOL_OUTPUT_MAX = 1024 * 1024,	/* more is a failure */
	CMDTOOL_FILE_MAX = 1024 * 1024,
};

struct cmdtool {
	struct tool tool;
	char *name, *title, *description, *schema;
	char **argv;
	char **env;		/* "NAME=value" */
	long timeout_ms;
	char *file;		/* that describes it */
	char *project;		/* the folder of a project's file, or NULL */
	char sum[SHA256_HEX];	/* of the file, and of the project's files
				 * that the command names */
};

/* The name, if the file gives none, is that of the file. */
struct cmdtool	*cmdtool_read(const char *file, const char *project,
		    struct err *e) ATTR_MUST_USE;
void		 cmdtool_free(struct cmdtool *p);
enum trust	 cmdtool_trust(const struct cmdtool *p);
int		 cmdtool_set_trust(const struct cmdtool *p, bool yes,
		    struct err *e) ATTR_MUST_USE;

/* cmdtool_run.c: start() of its tool */
struct tool_run	*cmdtool_start(const struct tool *tool,
		    const struct json *input, const struct tool_env *env,
		    const struct tool_fns *fns, struct err *e);

#endif
