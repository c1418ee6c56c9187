/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slash_priv.h - the table of slash commands */

#ifndef CLI_SLASH_PRIV_H
#define CLI_SLASH_PRIV_H

#include "cli/slash.h"

struct complete_list;

/* name, arguments, help, completion, words to offer */
#define SLASHES(X)							\
	X(help, "", "keys and commands", NONE, NULL)			\
	X(new, "", "begin a new session", NONE, NULL)			\
	X(clear, "", "the same, on a clear screen", NONE, NULL)		\
	X(resume, "[ID]", "go on with another session", NONE, NULL)	\
	X(sessions, "", "list the sessions", NONE, NULL)		\
	X(search, "WORDS", "search in all sessions", NONE, NULL)	\
	X(model, "[PROVIDER:MODEL]", "show or change the model", NONE,	\
	    NULL)							\
	X(agent, "[NAME]", "show or change who answers", WORDS,		\
	    slash_offer_agents)						\
	X(permissions, "[MODE]", "show or change who is asked", WORDS,	\
	    slash_offer_modes)						\
	X(tools, "", "what a model can have done here", NONE, NULL)	\
	X(skills, "", "what a model can load when it needs it", NONE,	\
	    NULL)							\
	X(mcp, "", "servers of tools, and whether they are on", NONE, NULL) \
	X(undo, "", "take the last exchange back", NONE, NULL)		\
	X(redo, "", "say again what /undo took back", NONE, NULL)	\
	X(edit, "TEXT", "say your last message in other words", NONE,	\
	    NULL)							\
	X(regenerate, "", "have the last message answered again", NONE,	\
	    NULL)							\
	X(compact, "[WORDS]", "put a summary in place of the history",	\
	    NONE, NULL)							\
	X(fork, "", "go on in a copy", NONE, NULL)			\
	X(rename, "TITLE", "give the session a title", NONE, NULL)	\
	X(export, "FILE", "write the transcript as markdown", PATH, NULL) \
	X(copy, "", "the last answer to the clipboard", NONE, NULL)	\
	X(status, "", "session, model, who is here", NONE, NULL)	\
	X(cost, "", "what the session has used", NONE, NULL)		\
	X(take, "", "take over a turn that somebody else has", NONE, NULL) \
	X(theme, "dark|light|none", "colours for this background", WORDS,	\
	    slash_offer_themes)						\
	X(editor, "", "write the next message in $EDITOR", NONE, NULL)	\
	X(detach, "", "leave; a running turn goes on", NONE, NULL)	\
	X(quit, "", "the same", NONE, NULL)				\
	X(exit, "", "the same", NONE, NULL)

typedef int slash_fn(struct slash *s, const char *arg, struct err *e);
#define X(name, args, help, kind, fn) slash_fn slash_##name;
SLASHES(X)
#undef X

void	slash_offer_agents(struct complete_list *list, const char *prefix,
	    void *arg);
void	slash_offer_modes(struct complete_list *list, const char *prefix,
	    void *arg);
void	slash_offer_themes(struct complete_list *list, const char *prefix,
	    void *arg);
/* Is there a session? ERR_USAGE if not. */
int	slash_has_session(const struct slash *s, struct err *e)
	    ATTR_MUST_USE;

#endif
