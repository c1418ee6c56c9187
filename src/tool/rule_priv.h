/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_priv.h - what the files of rule have between them */

#ifndef TOOL_RULE_PRIV_H
#define TOOL_RULE_PRIV_H

#include "tool/rule.h"
#include "tool/shell.h"

struct decision {
	const struct rules *rules;
	const struct rule_call *call;
	const char *home;
	struct rule_answer *out;
};

/* rule_path.c: does the rule's pattern match the path? A denial matches more:
 * the path as written, what is below a match, a bare name anywhere. */
bool	rule_matches_path(const struct rule *r, const char *path,
	    const char *dir, const char *home);
/* Is the rule about reading, or writing, files at all? */
bool	rule_is_about(const struct rule *r, bool write);
/* The first rule of this effect for the path, or NULL. Of those without a
 * pattern only RULE_ALLOW counts. */
const struct rule *rule_find_path(const struct rules *rules,
	    enum rule_effect effect, const char *path, bool write,
	    const char *dir, const char *home);
/* The first denial that nothing keeps a command from but its words: of files
 * that could yet come to be, where a sandbox holds those that are there; of
 * any, where there is none. NULL: there is none such. */
const struct rule *rule_find_loose(const struct rules *rules,
	    const struct rule_call *call, const char *home);

/* rule_shell.c */
void	rule_decide_shell(struct decision *d, const char *command);
bool	rule_is_bash(const struct rule *r, enum rule_effect effect);
/* A file that output goes to and nothing is kept of. */
bool	rule_is_sink(const char *path);
/* Set the answer if it is stronger than the one there. */
void	rule_settle(struct decision *d, enum rule_decision what,
	    const struct rule *r, const char *piece);

/* rule_allow.c: settle it as allowed, if each piece is. */
void	rule_allow_shell(struct decision *d, const char *command);
/* By a rule that is this command, and no pattern. */
bool	rule_allows_exactly(const struct decision *d, const char *command);

/* shell_table.c */
enum shell_trait {
	TRAIT_EXACT = 1,	/* runs other commands, or code */
	TRAIT_CODE = 2,		/* an interpreter: what it does is hidden */
	TRAIT_SHELL = 4,	/* takes shell text */
	TRAIT_CD = 8,		/* changes the folder */
	TRAIT_FILE = 16,	/* is a program of the project */
	TRAIT_BUILD = 32,	/* runs what some file of the project says */
};
unsigned shell_traits(const struct shell_piece *p);
/* All files that it touches stand among its words. */
bool	shell_shows_files(const struct shell_piece *p);
/* ...or below those: grep -r, rg. */
bool	shell_looks_below(const struct shell_piece *p);
/* The last part of a program's path. */
const char *shell_base(const char *path);

#endif
