/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_completion.c - chatd completion: words for the shell, from our tables */

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "cli/cmd.h"
#include "cli/out.h"

static void
add_options(struct buf *b, const struct opt *t, bool chat, const char *before)
{
	for (; t != NULL && t->name != NULL; t++)
		if ((chat || t->scope == OPT_EVERY) && t->kind != OPT_LATER)
			buf_addf(b, "%s--%s", before, t->name);
}

static void
add_names(struct buf *b, const char *before)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		if (!(commands[i]->flags & CMD_HIDDEN))
			buf_addf(b, "%s%s", before, commands[i]->name);
}

static void
bash(struct buf *b)
{
	buf_adds(b, "_chatd()\n{\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} words\n"
	    "\tCOMPREPLY=()\n\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (commands[i]->flags & CMD_HIDDEN)
			continue;
		buf_addf(b, "\t%s) words='", commands[i]->name);
		add_options(b, commands[i]->opts, true, " ");
		add_options(b, opts_common,
		    (commands[i]->flags & CMD_CHAT) != 0, " ");
		buf_adds(b, "' ;;\n");
	}
	buf_adds(b, "\t*) words='");
	add_options(b, opts_common, true, " ");
	buf_adds(b, "' ;;\n\tesac\n"
	    "\t[ \"$COMP_CWORD\" -eq 1 ] && words+='");
	add_names(b, " ");
	buf_adds(b, "'\n\tcase $cur in\n"
	    "\t-*) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) ;;\n"
	    "\t*) [ \"$COMP_CWORD\" -eq 1 ] &&\n"
	    "\t    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) ;;\n"
	    "\tesac\n}\ncomplete -o default -F _chatd chatd\n");
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
zsh_options(struct buf *b, const struct opt *t, bool chat)
{
	for (; t != NULL && t->name != NULL; t++) {
		if ((!chat && t->scope != OPT_EVERY) || t->kind == OPT_LATER)
			continue;
		buf_addf(b, " '--%s[", t->name);
		add_plain(b, t->help);
		buf_adds(b, t->arg != NULL ? "]:value:_files'" : "]'");
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
		buf_addf(b, "\t%s) _arguments", commands[i]->name);
		zsh_options(b, commands[i]->opts, true);
		zsh_options(b, opts_common,
		    (commands[i]->flags & CMD_CHAT) != 0);
		buf_adds(b, " '*:file:_files' ;;\n");
	}
	buf_adds(b, "\t*) _arguments");
	zsh_options(b, opts_common, true);
	buf_adds(b, " '*:file:_files' ;;\n\tesac\n}\ncompdef _chatd chatd\n");
}

static void
fish_options(struct buf *b, const struct opt *t, const char *when, bool chat)
{
	for (; t != NULL && t->name != NULL; t++) {
		if ((!chat && t->scope != OPT_EVERY) || t->kind == OPT_LATER)
			continue;
		buf_addf(b, "complete -c chatd %s -l %s", when, t->name);
		if (t->letter != 0)
			buf_addf(b, " -s %c", t->letter);
		if (t->arg != NULL)
			buf_adds(b, " -r");
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
		fish_options(b, commands[i]->opts, when.data, true);
		buf_clear(&when);
	}
	fish_options(b, opts_common, "", true);
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
