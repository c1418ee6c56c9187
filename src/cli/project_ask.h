/* SPDX-License-Identifier: GPL-3.0-or-later */
/* project_ask.h - asks a person about what a project wants to run */

#ifndef CLI_PROJECT_ASK_H
#define CLI_PROJECT_ASK_H

struct opts;

/*
 * Each MCP server and tool of this folder's project that nobody has said yes
 * or no to, shown whole. Only at a terminal; no answer is asked again the
 * next time. What cannot be kept is told, and ends nothing.
 */
void	project_ask(const struct opts *o);

#endif
