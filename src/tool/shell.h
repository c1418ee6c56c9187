/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shell.h - a command line taken to pieces, as the shell would */

/*
 * A command becomes the flat list of the simple commands in it, wherever they
 * stand: after && || ; | & and line ends, in ( ) and { }, in if, while and
 * for, in $( ) and backticks, in <( ) and >( ), in quotes and in
 * here-documents.
 *
 * It is no shell: what it does not know for certain it does not guess. Then
 * `understood` is false and `why` says what it was; the pieces are what could
 * be seen all the same, good for finding what is forbidden and not for
 * finding what is allowed.
 */

#ifndef TOOL_SHELL_H
#define TOOL_SHELL_H

#include <stdbool.h>
#include <stddef.h>

enum {
	SHELL_PIECES_MAX = 512,
	SHELL_DEPTH_MAX = 24,
	SHELL_TEXT_MAX = 256 * 1024,
};

enum shell_word_flags {
	WORD_DYNAMIC = 1,	/* its value is known when it runs */
	WORD_GLOB = 2,		/* file names may take its place */
	WORD_TILDE = 4,		/* begins with ~ */
	WORD_SPLITS = 8,	/* dynamic, and may become several */
};

struct shell_word {
	char *text;		/* quotes taken off; $x stays as it is */
	unsigned flags;
};

enum shell_redirect_kind {
	REDIRECT_IN,
	REDIRECT_OUT,
	REDIRECT_DUP,		/* 2>&1 */
	REDIRECT_TEXT,		/* here-document or here-string */
};

struct shell_redirect {
	enum shell_redirect_kind kind;
	struct shell_word to;	/* file, or the text itself */
};

struct shell_piece {
	char *text;		/* as it stands in the command */
	struct shell_word *words;
	size_t word_count;
	struct shell_redirect *redirects;
	size_t redirect_count;
	size_t assigns;		/* NAME=value in front */
	bool fed;		/* reads what something else writes */
	bool data;		/* the list of a for loop: no command */
};

struct shell {
	struct shell_piece *pieces;
	size_t count;
	bool pipes;		/* there is one somewhere */
	bool understood;
	const char *why;
};

struct shell	*shell_split(const char *command, size_t len);
void		 shell_free(struct shell *sh);

#endif
