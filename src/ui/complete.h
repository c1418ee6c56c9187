/* SPDX-License-Identifier: GPL-3.0-or-later */
/* complete.h - what the word before the cursor could become */

/*
 * Slash commands at the start of the text, their arguments, and file names
 * behind an @: those that begin so first, then those below this folder that
 * have the letters (ui/files). No terminal in here. Names that ui/safe would change are
 * never offered.
 */

#ifndef UI_COMPLETE_H
#define UI_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

struct complete_list;
struct files;

/* Offers the words for an argument that begins with prefix. */
typedef void complete_fn(struct complete_list *list, const char *prefix,
    void *arg);

enum complete_kind {
	COMPLETE_NONE,
	COMPLETE_PATH,		/* files and folders */
	COMPLETE_WORDS,		/* asks fn */
};

struct complete_command {
	const char *name;	/* with its slash: "/model" */
	const char *args;	/* for help: "[PROVIDER:MODEL]" or "" */
	const char *help;	/* one line */
	enum complete_kind kind;
	complete_fn *fn;
};

/* A table borrowed from the caller; arg is handed to each fn. */
struct complete_table {
	const struct complete_command *commands;
	size_t count;
	void *arg;
	struct files *files;	/* for a fuzzy @; NULL: only by prefix */
};

struct complete_list {
	size_t start;		/* the candidates replace text[start..point) */
	char **words;
	size_t count;
	bool paths;		/* words are file names; folders end in / */
};

/* "/word": a command, if perhaps an unknown one. "/usr/bin is full" is not. */
bool	complete_is_command(const char *text);
/* Fill list (cleared by the caller) for the text with the cursor at point. */
void	complete_text(struct complete_list *list,
	    const struct complete_table *table, const char *text,
	    size_t point);
/* Add one candidate (copied) unless it is unsafe or there are too many. */
void	complete_offer(struct complete_list *list, const char *word);
void	complete_clear(struct complete_list *list);

#endif
