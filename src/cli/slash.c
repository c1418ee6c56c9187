/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slash.c - finds slash commands; those about what a person sees */

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/session.h"
#include "cli/slash.h"
#include "cli/slash_priv.h"
#include "ui/complete.h"

int
slash_has_session(const struct slash *s, struct err *e)
{
	return s->session->item.id != NULL ? 0 : err_set(e, ERR_USAGE,
	    "there is no session yet: say something first");
}

int
slash_help(struct slash *s, const char *arg, struct err *e)
{
	(void)arg;
	return s->ops->help(s->arg, e);
}

int
slash_new(struct slash *s, const char *arg, struct err *e)
{
	(void)arg;
	return s->ops->open(s->arg, NULL, e);
}

int
slash_clear(struct slash *s, const char *arg, struct err *e)
{
	(void)arg;
	return s->ops->wipe(s->arg, e) != 0 ? -1 :
	    s->ops->open(s->arg, NULL, e);
}

int
slash_resume(struct slash *s, const char *arg, struct err *e)
{
	return *arg == '\0' ? s->ops->list(s->arg, NULL, e) :
	    s->ops->open(s->arg, arg, e);
}

int
slash_sessions(struct slash *s, const char *arg, struct err *e)
{
	(void)arg;
	return s->ops->list(s->arg, NULL, e);
}

int
slash_search(struct slash *s, const char *arg, struct err *e)
{
	return *arg == '\0' ? err_set(e, ERR_USAGE, "/search WORDS") :
	    s->ops->list(s->arg, arg, e);
}

void
slash_offer_themes(struct complete_list *list, const char *prefix, void *arg)
{
	(void)arg;
	for (size_t i = 0; i < STYLE_THEMES; i++)
		if (strncmp(style_theme_names[i], prefix,
		    strlen(prefix)) == 0)
			complete_offer(list, style_theme_names[i]);
}

int
slash_theme(struct slash *s, const char *arg, struct err *e)
{
	for (int i = 0; i < STYLE_THEMES; i++)
		if (strcmp(arg, style_theme_names[i]) == 0)
			return s->ops->theme(s->arg, (enum style_theme)i, e);
	return err_set(e, ERR_USAGE, "/theme dark, light or none");
}

int
slash_editor(struct slash *s, const char *arg, struct err *e)
{
	(void)arg;
	return s->ops->editor(s->arg, e);
}

int
slash_take(struct slash *s, const char *arg, struct err *e)
{
	(void)arg;
	return s->ops->take(s->arg, e);
}

int
slash_quit(struct slash *s, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	s->ops->leave(s->arg);
	return 0;
}

int
slash_detach(struct slash *s, const char *arg, struct err *e)
{
	return slash_quit(s, arg, e);
}

int
slash_exit(struct slash *s, const char *arg, struct err *e)
{
	return slash_quit(s, arg, e);
}

/* ---------------------------------------------------------------- table */

static const struct complete_command table[] = {
#define X(name, args, help, kind, fn)					\
	{ "/" #name, args, help, COMPLETE_##kind, fn },
	SLASHES(X)
#undef X
};

static slash_fn *const handlers[] = {
#define X(name, args, help, kind, fn) slash_##name,
	SLASHES(X)
#undef X
};

void
slash_table(struct slash *s, struct complete_table *t)
{
	t->commands = table;
	t->count = NELEM(table);
	t->arg = s;
}

static slash_fn *
find(const char *text, size_t len)
{
	for (size_t i = 0; i < NELEM(table); i++)
		if (strlen(table[i].name) == len &&
		    strncmp(table[i].name, text, len) == 0)
			return handlers[i];
	return NULL;
}

int
slash_run(struct slash *s, const char *text, struct err *e)
{
	size_t len = strcspn(text, " \t\n");
	const char *arg = text + len + strspn(text + len, " \t\n");
	slash_fn *fn = find(text, len);

	if (fn == NULL) {
		err_set(e, ERR_USAGE, "there is no command %.*s", (int)len,
		    text);
		return err_hint(e, "/help lists them");
	}
	char *words = xstrdup(arg);
	size_t end = strlen(words);
	while (end > 0 && strchr(" \t\n", words[end - 1]) != NULL)
		words[--end] = '\0';
	int r = fn(s, words, e);
	free(words);
	return r;
}

void
slash_end(struct slash *s)
{
	free(s->undone);
	s->undone = NULL;
}
