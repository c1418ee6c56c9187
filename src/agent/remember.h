/* SPDX-License-Identifier: GPL-3.0-or-later */
/* remember.h - what a person allowed for longer than one call */

/*
 * "session" puts the rule into a file of the session among our data, "always"
 * into permissions.yaml beside the user's config.yaml. Not into the session's
 * row or transcript: those can come from others (create, import).
 *
 * What was said of a tool whose description is a stranger's (MCP) holds for
 * what it said of itself then: "definitions" has the sum for the rule.
 */

#ifndef AGENT_REMEMBER_H
#define AGENT_REMEMBER_H

struct agent;
struct message;

/* The answers in m that ask for it (overlay.h). What cannot be stored is
 * logged: the answer itself counts all the same. */
void	remember_answers(struct agent *ag, const struct message *m);
/* The user's file of rules, and a session's; caller frees. */
char	*remember_path(void);
char	*remember_session_path(const char *id);

#endif
