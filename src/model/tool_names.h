/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tool_names.h - names of tools in the letters that all providers take */

/*
 * providers 11: 64 of letters, digits, "_" and "-", the first a letter or
 * "_". A name of MCP may be anything: on the wire it gets a form of this kind,
 * the same each time, and what comes back is told under its own name.
 */

#ifndef MODEL_TOOL_NAMES_H
#define MODEL_TOOL_NAMES_H

struct json_w;
struct model_call;
struct model_request;

/* Write a member with the wire's form of a name. */
void	tool_name_write(struct json_w *w, const char *member,
	    const char *name);
/* Remember the names of a request that take another form. */
void	tool_names_keep(struct model_call *call,
	    const struct model_request *rq);
void	tool_names_clear(struct model_call *call);
/* The own name behind one from the wire; borrowed. */
const char *tool_name_own(const struct model_call *call, const char *wire);

#endif
