/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_allow.c - is all of a command allowed: word for word, as it stands */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tool/match.h"
#include "tool/rule_priv.h"

/* Does a word of the pattern stand for this word? Only "*" for one that is
 * not known. */
static bool
word_allowed(const char *pattern, const struct shell_word *w)
{
	if (strcmp(pattern, "*") == 0)
		return true;
	return w->flags == 0 && match_text(pattern, w->text);
}

/* Word for word; a last "*" stands for any number. */
static bool
words_allowed(const char *pattern, const struct shell_piece *p)
{
	size_t i = 0, n;
	bool yes = true;

	while (yes && *pattern != '\0') {
		char *one;

		pattern += strspn(pattern, " ");
		n = strcspn(pattern, " ");
		if (n == 1 && *pattern == '*' && pattern[1] == '\0')
			return i > 0;
		one = xstrndup(pattern, n);
		yes = *one == '\0' || (i < p->word_count &&
		    word_allowed(one, &p->words[i++]));
		free(one);
		pattern += n;
	}
	return yes && i == p->word_count;
}

static bool
pattern_allows(const struct rule *r, const struct shell_piece *p)
{
	size_t n = strlen(r->pattern);
	char *legacy;
	bool yes;

	/* The name itself must be said. */
	if (r->pattern[0] == '*' || p->word_count == 0)
		return false;
	if (words_allowed(r->pattern, p))
		return true;
	if (n < 3 || strcmp(r->pattern + n - 2, ":*") != 0)
		return false;
	legacy = xasprintf("%.*s *", (int)(n - 2), r->pattern);
	yes = words_allowed(legacy, p);
	free(legacy);
	return yes;
}

static bool
redirect_allowed(const struct decision *d, const struct shell_redirect *r,
    bool moved)
{
	const struct rule_call *c = d->call;
	const struct rule *rule;

	if (r->kind == REDIRECT_DUP || r->kind == REDIRECT_TEXT)
		return true;
	if (r->to.flags & (WORD_DYNAMIC | WORD_GLOB))
		return false;
	if (rule_is_sink(r->to.text))
		return true;
	/* After a cd one cannot be sure what a relative path means. */
	if (moved && r->to.text[0] != '/')
		return false;
	rule = rule_find_path(d->rules, RULE_ALLOW, r->to.text,
	    r->kind == REDIRECT_OUT, c->dir, d->home);
	return rule != NULL;
}

static bool
redirects_allowed(const struct decision *d, const struct shell_piece *p,
    bool moved)
{
	size_t i;

	for (i = 0; i < p->redirect_count; i++) {
		if (!redirect_allowed(d, &p->redirects[i], moved))
			return false;
	}
	return true;
}

/* The rule that allows a piece, or NULL. */
static const struct rule *
piece_allowed(const struct decision *d, const struct shell_piece *p,
    bool moved)
{
	unsigned traits = shell_traits(p);
	bool plain = !(traits & TRAIT_EXACT) && p->assigns == 0 &&
	    redirects_allowed(d, p, moved);
	size_t i;

	for (i = 0; i < d->rules->count; i++) {
		const struct rule *r = &d->rules->v[i];

		if (!rule_is_bash(r, RULE_ALLOW) || r->pattern == NULL)
			continue;
		/* What a pipe feeds it, the rule does not say. */
		if (r->exact != NULL && strcmp(r->exact, p->text) == 0 &&
		    !(traits & TRAIT_EXACT && p->fed))
			return r;
		if (plain && pattern_allows(r, p))
			return r;
	}
	return NULL;
}

static bool
needs_no_rule(const struct decision *d, const struct shell_piece *p,
    bool moved)
{
	return (p->data || p->word_count == 0) && p->assigns == 0 &&
	    redirects_allowed(d, p, moved);
}

static const struct rule *
all_allowed(const struct decision *d, const struct shell *sh)
{
	const struct rule *last = NULL;
	bool moved = false;
	size_t i;

	if (!sh->understood)
		return NULL;
	for (i = 0; i < sh->count; i++) {
		const struct shell_piece *p = &sh->pieces[i];
		const struct rule *r;

		if (needs_no_rule(d, p, moved))
			continue;
		r = piece_allowed(d, p, moved);
		if (r == NULL)
			return NULL;
		moved |= (shell_traits(p) & TRAIT_CD) != 0;
		last = r;
	}
	return last;
}

/* A rule that is the whole command, or that is about no command at all. */
static const struct rule *
whole_allowed(const struct rules *rules, const char *command)
{
	size_t i;

	for (i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->v[i];

		if (rule_is_bash(r, RULE_ALLOW) && (r->pattern == NULL ||
		    (r->exact != NULL && strcmp(r->exact, command) == 0)))
			return r;
	}
	return NULL;
}

void
rule_allow_shell(struct decision *d, const char *command)
{
	const struct rule *r = whole_allowed(d->rules, command);
	struct shell *sh;

	if (r == NULL) {
		sh = shell_split(command, strlen(command));
		r = all_allowed(d, sh);
		shell_free(sh);
	}
	if (r != NULL)
		rule_settle(d, RULE_ALLOWED, r, NULL);
}

bool
rule_allows_exactly(const struct decision *d, const char *command)
{
	const struct rule *r = whole_allowed(d->rules, command);

	return r != NULL && r->pattern != NULL;
}
