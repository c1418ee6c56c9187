/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_completion.c - chatd completion: words for the shell, from our tables */

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "cli/cmd.h"
#include "cli/out.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyz"

static void
add_options(struct buf *b, const struct opt *t, enum opt_scope scope,
    const char *before)
{
	for (; t != NULL && t->name != NULL; t++)
		if (t->scope <= scope)
			buf_addf(b, "%s--%s", before, t->name);
}

static void
add_names(struct buf *b, const char *before)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		if (!(commands[i]->flags & CMD_HIDDEN))
			buf_addf(b, "%s%s", before, commands[i]->name);
}

/* The words that can stand first behind a command: in the line that tells
 * people of its arguments they are those in lower case. */
static void
add_words(struct buf *b, const struct command *cmd, const char *before)
{
	if (cmd == &cmd_help)
		add_names(b, before);
	for (const char *s = cmd->args; *s != '\0'; ) {
		size_t len = strspn(s, LETTERS);

		if (len > 0)
			buf_addf(b, "%s%.*s", before, (int)len, s);
		s += len;
		s += strcspn(s, LETTERS);
	}
}

static void
add_choices(struct buf *b, const char *choices)
{
	for (; *choices != '\0'; choices++)
		buf_addc(b, *choices == '|' ? ' ' : *choices);
}

/* A line of bash for each option that has choices. */
static void
bash_values(struct buf *b, const struct opt *t)
{
	for (; t != NULL && t->name != NULL; t++) {
		if (t->choices == NULL)
			continue;
		buf_addf(b, "\t--%s) words='", t->name);
		add_choices(b, t->choices);
		buf_adds(b, "' ;;\n");
	}
}

static void
bash(struct buf *b)
{
	buf_adds(b, "_chatd()\n{\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words names\n"
	    "\tCOMPREPLY=()\n\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (commands[i]->flags & CMD_HIDDEN)
			continue;
		buf_addf(b, "\t%s) words='", commands[i]->name);
		add_options(b, commands[i]->opts, OPT_CHAT, " ");
		add_options(b, opts_common, command_scope(commands[i]), " ");
		buf_adds(b, "' names='");
		add_words(b, commands[i], " ");
		buf_adds(b, "' ;;\n");
	}
	buf_adds(b, "\t*) words='");
	add_options(b, opts_common, OPT_CHAT, " ");
	buf_adds(b, "' ;;\n\tesac\n"
	    "\t[ \"$COMP_CWORD\" -eq 1 ] && names='");
	add_names(b, " ");
	buf_adds(b, "'\n\t[ \"$COMP_CWORD\" -gt 2 ] && names=''\n"
	    "\t[ \"${cur#-}\" = \"$cur\" ] && words=$names\n"
	    "\tcase ${COMP_WORDS[COMP_CWORD-1]} in\n");
	bash_values(b, opts_common);
	for (size_t i = 0; commands[i] != NULL; i++)
		bash_values(b, commands[i]->opts);
	buf_adds(b, "\tesac\n"
	    "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	    "}\ncomplete -o default -F _chatd chatd\n");
}

/* text as it can stand between single quotes in zsh's lists */
static void
add_plain(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++)
		if (strchr("'[]:\\", *text) == NULL)
			buf_addc(b, *text);
}

static void
zsh_options(struct buf *b, const struct opt *t, enum opt_scope scope)
{
	for (; t != NULL && t->name != NULL; t++) {
		if (t->scope > scope)
			continue;
		buf_addf(b, " '--%s[", t->name);
		add_plain(b, t->help);
		if (t->choices != NULL) {
			buf_adds(b, "]:value:(");
			add_choices(b, t->choices);
			buf_adds(b, ")'");
		} else {
			buf_adds(b, t->arg != NULL ? "]:value:_files'" : "]'");
		}
	}
}

static void
zsh(struct buf *b)
{
	buf_adds(b, "#compdef chatd\n_chatd()\n{\n\tlocal -a names=(");
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (commands[i]->flags & CMD_HIDDEN)
			continue;
		buf_addf(b, " '%s:", commands[i]->name);
		add_plain(b, commands[i]->help);
		buf_addc(b, '\'');
	}
	buf_adds(b, ")\n\tif (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then\n"
	    "\t\t_describe command names\n\t\treturn\n\tfi\n"
	    "\tcase $words[2] in\n");
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (commands[i]->flags & CMD_HIDDEN)
			continue;
		buf_addf(b, "\t%s) shift words; (( CURRENT-- )); _arguments",
		    commands[i]->name);
		zsh_options(b, commands[i]->opts, OPT_CHAT);
		zsh_options(b, opts_common, command_scope(commands[i]));
		buf_adds(b, " '1:word:(");
		add_words(b, commands[i], " ");
		buf_adds(b, ")' '*:file:_files' ;;\n");
	}
	buf_adds(b, "\t*) _arguments");
	zsh_options(b, opts_common, OPT_CHAT);
	/* read from a file of fpath when first wanted, or by eval */
	buf_adds(b, " '*:file:_files' ;;\n\tesac\n}\n"
	    "if [[ ${funcstack[1]} == _chatd ]]; then\n\t_chatd \"$@\"\n"
	    "else\n\tcompdef _chatd chatd\nfi\n");
}

static void
fish_options(struct buf *b, const struct opt *t, const char *when)
{
	for (; t != NULL && t->name != NULL; t++) {
		buf_addf(b, "complete -c chatd %s -l %s", when, t->name);
		if (t->letter != 0)
			buf_addf(b, " -s %c", t->letter);
		if (t->arg != NULL)
			buf_adds(b, " -r");
		if (t->choices != NULL) {
			buf_adds(b, " -f -a '");
			add_choices(b, t->choices);
			buf_addc(b, '\'');
		}
		buf_adds(b, " -d '");
		add_plain(b, t->help);
		buf_adds(b, "'\n");
	}
}

static void
fish(struct buf *b)
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		struct buf when = BUF_INIT;

		if (commands[i]->flags & CMD_HIDDEN)
			continue;
		buf_addf(b, "complete -c chatd -n __fish_use_subcommand -a %s "
		    "-d '", commands[i]->name);
		add_plain(b, commands[i]->help);
		buf_adds(b, "'\n");
		buf_addf(&when, "-n '__fish_seen_subcommand_from %s'",
		    commands[i]->name);
		fish_options(b, commands[i]->opts, when.data);
		buf_addf(b, "complete -c chatd %s -a '", when.data);
		add_words(b, commands[i], " ");
		buf_adds(b, "'\n");
		buf_clear(&when);
	}
	fish_options(b, opts_common, "");
}

static const struct {
	const char *name;
	void (*fn)(struct buf *b);
} shells[] = {
	{ "bash", bash },
	{ "zsh", zsh },
	{ "fish", fish },
};

static int
completion_run(struct opts *o, struct err *e)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < NELEM(shells); i++)
		if (strcmp(shells[i].name, o->words.items[0]) == 0) {
			shells[i].fn(&b);
			return out_result(&b, e);
		}
	err_set(e, ERR_USAGE, "completion: no words for '%s'",
	    o->words.items[0]);
	return err_hint(e, "bash, zsh or fish");
}

const struct command cmd_completion = {
	.name = "completion",
	.args = "bash|zsh|fish",
	.help = "print the completions of a shell",
	.flags = CMD_LOCAL,
	.words_min = 1,
	.words_max = 1,
	.run = completion_run,
};
