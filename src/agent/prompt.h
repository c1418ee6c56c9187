/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prompt.h - the system prompt: who the model is, where, by which rules */

/*
 * The same session gives the same bytes (prompt caches pay for that), so no
 * date is in it. Instructions are taken from AGENTS.md, else CLAUDE.md: the
 * user's in the configuration folder, then those from the git root down to
 * the session's directory, the nearest last.
 */

#ifndef AGENT_PROMPT_H
#define AGENT_PROMPT_H

struct buf;
struct turn_opts;

enum { PROMPT_FILE_MAX = 64 * 1024 };	/* larger files are cut */

/* body: the agent's own words, or NULL for the common ones; dir may be NULL.
 * opts->system replaces everything. */
void	prompt_system(struct buf *out, const struct turn_opts *opts,
	    const char *body, const char *dir);

#endif
