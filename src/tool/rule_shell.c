/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_shell.c - rules for commands, piece by piece */

/*
 * Two questions with two ways of being careful. Is any of it denied? Then a
 * piece is looked at in every form it might be meant in: by the name without
 * its folder, without options, behind the commands that run others, in the
 * text that a shell is given. Is all of it allowed? Then a word counts only
 * as exactly what it is.
 */

#include "config.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "tool/match.h"
#include "tool/rule_priv.h"

enum {
	NESTED_MAX = 4,		/* sh -c "sh -c ..." */
	FOLDERS_MAX = 16,
	LETTERS_MAX = 3,	/* options in one word */
};

struct folders {
	char *v[FOLDERS_MAX];
	size_t count;
	bool unknown;		/* cd to where one cannot tell */
};

/* What could hide a denied command, and so which rule may allow it. */
enum cover {
	COVER_BUILD,	/* what make, npm, ... find: any rule */
	COVER_FILE,	/* a program of the project: one that names it */
	COVER_CODE,	/* what the command itself says: exactly this */
};

struct look {
	struct decision *d;
	enum rule_effect effect;	/* RULE_ASK or RULE_DENY */
	struct folders folders;
	const struct rule *loose;	/* rule_find_loose() */
	const struct rule *suspect;	/* a denial that could be hidden */
	char *suspect_piece;
	enum cover cover;	/* ...in what */
};

bool
rule_is_bash(const struct rule *r, enum rule_effect effect)
{
	return r->effect == effect && match_text(r->tool, "Bash");
}

/* ---------------------------------------------------- denials: the forms */

static void
add_form_word(struct buf *b, const char *s)
{
	if (b->len > 0)
		buf_addc(b, ' ');
	buf_adds(b, s);
}

/* The words from the i-th on, the first without its folder. */
static void
form_words(struct buf *b, const struct shell_piece *p, size_t i)
{
	add_form_word(b, shell_base(p->words[i].text));
	for (i++; i < p->word_count; i++)
		add_form_word(b, p->words[i].text);
}

static void
form_without_options(struct buf *b, const struct shell_piece *p, size_t i)
{
	add_form_word(b, shell_base(p->words[i].text));
	for (i++; i < p->word_count; i++) {
		if (p->words[i].text[0] != '-')
			add_form_word(b, p->words[i].text);
	}
}

static bool
is_git(const struct shell_piece *p, size_t i)
{
	return strcmp(shell_base(p->words[i].text), "git") == 0;
}

/* git's own options, some with a word behind, stand before what it does. */
static size_t
behind_git(const struct shell_piece *p, size_t i)
{
	static const char taking[] =
	    " -C -c --git-dir --work-tree --namespace --super-prefix ";

	for (i++; i < p->word_count && p->words[i].text[0] == '-'; i++) {
		char *key = xasprintf(" %s ", p->words[i].text);

		i += strstr(taking, key) != NULL;
		free(key);
	}
	return i;
}

static void
form_git(struct buf *b, const struct shell_piece *p, size_t i)
{
	buf_adds(b, "git");
	for (i = behind_git(p, i); i < p->word_count; i++)
		add_form_word(b, p->words[i].text);
}

/* "rm *" also holds for rm alone, "git log:*" for "git log" and more. */
static bool
form_matches(const char *pattern, const char *form)
{
	size_t n = strlen(pattern);
	char *head, *loose;
	bool yes = match_text(pattern, form);

	if (yes || n < 3 || pattern[n - 1] != '*' ||
	    (pattern[n - 2] != ' ' && pattern[n - 2] != ':'))
		return yes;
	head = xstrndup(pattern, n - 2);
	loose = xasprintf("%s *", head);
	yes = match_text(head, form) || match_text(loose, form);
	free(head);
	free(loose);
	return yes;
}

static bool
words_match_loosely(const struct rule *r, const struct shell_piece *p,
    size_t i)
{
	static void (*const forms[])(struct buf *, const struct shell_piece *,
	    size_t) = { form_words, form_without_options, form_git };
	size_t k;
	bool yes = false;

	for (k = 0; k < NELEM(forms) && !yes; k++) {
		struct buf b = BUF_INIT;

		if (forms[k] == form_git && !is_git(p, i))
			continue;
		forms[k](&b, p, i);
		yes = form_matches(r->pattern, b.data);
		buf_clear(&b);
	}
	return yes;
}

/* Is it a letter of "-xyz"; or, if alike, the first of "--xylophone"? */
static bool
has_letter(const struct shell_piece *p, size_t i, char letter, bool alike)
{
	for (; i < p->word_count; i++) {
		const char *s = p->words[i].text;

		if (s[0] == '-' && s[1] != '-' && strchr(s + 1, letter) != NULL)
			return true;
		if (alike && strncmp(s, "--", 2) == 0 && s[2] == letter)
			return true;
	}
	return false;
}

static bool
has_long(const struct shell_piece *p, size_t i, const char *option, bool alike)
{
	size_t n = strlen(option);

	if (alike && option[2] != '\0' && has_letter(p, i, option[2], false))
		return true;
	for (; i < p->word_count; i++) {
		const char *s = p->words[i].text;
		size_t w = strcspn(s, "=");

		/* an abbreviation, too */
		if (match_text(option, s) || (strncmp(s, "--", 2) == 0 &&
		    w > 2 && w <= n && strncmp(option, s, w) == 0))
			return true;
	}
	return false;
}

/* Does it have the option word of a pattern, -rf as -f -r? */
static bool
has_option(const struct shell_piece *p, size_t i, const char *option,
    bool alike)
{
	/* find's -delete is no row of letters */
	if (strncmp(option, "--", 2) == 0 || strlen(option) > 1 + LETTERS_MAX)
		return has_long(p, i, option, alike && option[1] == '-');
	for (option++; *option != '\0'; option++) {
		if (*option != '*' && !has_letter(p, i, *option, alike))
			return false;
	}
	return true;
}

/*
 * "rm -rf *" is about "rm x -f -r" as well: all its options, wherever they
 * stand, and its words without them. alike: also by the other kind of name.
 */
static bool
options_match(const struct rule *r, const struct shell_piece *p, size_t i,
    bool alike)
{
	struct buf words = BUF_INIT, form = BUF_INIT;
	const char *s = r->pattern;
	size_t n, from = is_git(p, i) ? behind_git(p, i) : i + 1;
	bool all = true, any = false;

	for (; *s != '\0' && all; s += n + (s[n] == ' ')) {
		char *word;

		n = strcspn(s, " ");
		word = xstrndup(s, n);
		if (word[0] != '-' || n < 2)
			add_form_word(&words, word);
		else
			all = any = has_option(p, from, word, alike);
		free(word);
	}
	add_form_word(&form, shell_base(p->words[i].text));
	for (; from < p->word_count; from++) {
		if (p->words[from].text[0] != '-')
			add_form_word(&form, p->words[from].text);
	}
	all = all && any && form_matches(words.data, form.data);
	buf_clear(&words);
	buf_clear(&form);
	return all;
}

/* Could it be the same by options of other names: "rm --recursive -f"? */
static bool
piece_is_alike(const struct rule *r, const struct shell_piece *p,
    unsigned traits)
{
	size_t i, last = traits & TRAIT_EXACT ? p->word_count : 1;

	for (i = 0; i < last && i < p->word_count && !p->data; i++) {
		if (options_match(r, p, i, true))
			return true;
	}
	return false;
}

static bool
piece_matches_loosely(const struct rule *r, const struct shell_piece *p,
    unsigned traits)
{
	size_t i, last = traits & TRAIT_EXACT ? p->word_count : 1;

	if (r->pattern == NULL)
		return true;
	if (form_matches(r->pattern, p->text))
		return true;
	/* Behind a command that runs others each word may begin one. */
	for (i = 0; i < last && i < p->word_count && !p->data; i++) {
		if (words_match_loosely(r, p, i) ||
		    options_match(r, p, i, false))
			return true;
	}
	return false;
}

static void
found(struct look *l, const struct rule *r, const char *piece)
{
	rule_settle(l->d, l->effect == RULE_DENY ? RULE_DENIED : RULE_ASKED,
	    r, piece);
}

static void
suspect_in(struct look *l, const struct rule *r, const char *piece,
    enum cover cover)
{
	if (l->effect != RULE_DENY ||
	    (l->suspect != NULL && cover <= l->cover))
		return;
	l->suspect = r;
	l->cover = cover;
	str_replace(&l->suspect_piece, piece);
}

static void
suspect(struct look *l, const struct rule *r, const char *piece)
{
	suspect_in(l, r, piece, COVER_CODE);
}

/* --------------------------------------------------------- denials: paths */

bool
rule_is_sink(const char *path)
{
	static const char *const sinks[] = {
		"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty",
	};
	size_t i;

	for (i = 0; i < NELEM(sinks); i++) {
		if (strcmp(path, sinks[i]) == 0)
			return true;
	}
	return false;
}

/* "/proc/self/root/x" is /x, "/proc/self/cwd/x" is x, whoever looks. */
static const char *
behind_proc(const char *s)
{
	const char *p = s;

	if (strncmp(s, "/proc/", 6) != 0)
		return s;
	p += 6 + strcspn(s + 6, "/");
	if (strncmp(p, "/task/", 6) == 0)
		p += 6 + strcspn(p + 6, "/");
	if (strncmp(p, "/root/", 6) == 0)
		return behind_proc(p + 5);
	return strncmp(p, "/cwd/", 5) == 0 ? p + 5 : s;
}

/* "$HOME/x" and "~/x": known well enough to find what is denied. */
static char *
path_text(const char *s, const char *home)
{
	static const char *const homes[] = { "$HOME", "${HOME}", "~" };
	size_t i;

	s = behind_proc(s);
	for (i = 0; home != NULL && i < NELEM(homes); i++) {
		size_t n = strlen(homes[i]);

		if (strncmp(s, homes[i], n) == 0 &&
		    (s[n] == '/' || s[n] == '\0'))
			return xasprintf("%s%s", home, s + n);
	}
	if (strncmp(s, "$PWD/", 5) == 0)
		return xstrdup(s + 5);
	return xstrdup(s);
}

static const struct rule *
denied_in(struct look *l, const char *dir, const char *path, bool write)
{
	const struct rule *r = rule_find_path(l->d->rules, l->effect, path,
	    false, dir, l->d->home);

	if (r == NULL && write)
		r = rule_find_path(l->d->rules, l->effect, path, true, dir,
		    l->d->home);
	return r;
}

/* Relative to the folder of a cd, the rule's own patterns stay. */
static const struct rule *
denied_from(struct look *l, const char *from, const char *text, bool write)
{
	char *path = text[0] == '/' ? xstrdup(text) :
	    xasprintf("%s/%s", from, text);
	const struct rule *r = denied_in(l, l->d->call->dir, path, write);

	free(path);
	return r;
}

static bool
check_path(struct look *l, const char *word, bool write, const char *piece)
{
	char *text = path_text(word, l->d->home);
	const struct rule *r = NULL;
	size_t i;

	for (i = 0; i < l->folders.count && r == NULL; i++)
		r = denied_from(l, l->folders.v[i], text, write);
	free(text);
	if (r != NULL)
		found(l, r, piece);
	return r != NULL;
}

/* The names that a pattern stands for now. */
static void
check_glob(struct look *l, const char *word, bool write, const char *piece)
{
	char *text = path_text(word, l->d->home);
	size_t i, k;

	for (i = 0; i < l->folders.count; i++) {
		char *pattern = text[0] == '/' ? xstrdup(text) :
		    xasprintf("%s/%s", l->folders.v[i], text);
		glob_t g;

		if (glob(pattern, GLOB_NOSORT, NULL, &g) == 0) {
			for (k = 0; k < g.gl_pathc; k++) {
				if (check_path(l, g.gl_pathv[k], write, piece))
					break;
			}
			globfree(&g);
		}
		free(pattern);
	}
	free(text);
}

/* A word may be a path, or hold one: --file=x, -Ix, @x, host:x. */
static void
check_word(struct look *l, const struct shell_word *w, bool write,
    const char *piece)
{
	const char *s;

	if (w->flags & WORD_GLOB)
		check_glob(l, w->text, write, piece);
	if (check_path(l, w->text, write, piece))
		return;
	for (s = w->text; *s != '\0'; s++) {
		if (strchr("=:@,", *s) != NULL && s[1] != '\0' &&
		    check_path(l, s + 1, write, piece))
			return;
	}
	if (w->text[0] == '-' && w->text[1] != '\0' && w->text[2] != '\0')
		check_path(l, w->text + 2, write, piece);
}

/* The first rule of the effect that has to do with paths. */
static const struct rule *
any_path_rule(const struct look *l)
{
	size_t i;

	for (i = 0; i < l->d->rules->count; i++) {
		const struct rule *r = &l->d->rules->v[i];

		if (r->effect == l->effect && r->pattern != NULL &&
		    (rule_is_about(r, true) || rule_is_about(r, false)))
			return r;
	}
	return NULL;
}

/* "Edit" without a pattern: no file may be written. */
static const struct rule *
any_edit_rule(const struct look *l)
{
	size_t i;

	for (i = 0; i < l->d->rules->count; i++) {
		const struct rule *r = &l->d->rules->v[i];

		if (r->effect == l->effect && r->pattern == NULL &&
		    rule_is_about(r, true))
			return r;
	}
	return NULL;
}

static void
check_redirect(struct look *l, const struct shell_redirect *r,
    const struct rule *any, const char *piece)
{
	const struct rule *bare = any_edit_rule(l);
	bool write = r->kind == REDIRECT_OUT;

	if (r->kind != REDIRECT_OUT && r->kind != REDIRECT_IN)
		return;
	if (write && bare != NULL && !rule_is_sink(r->to.text))
		found(l, bare, piece);
	if (any == NULL)
		return;
	check_word(l, &r->to, write, piece);
	if (r->to.flags & WORD_DYNAMIC && !l->d->call->held)
		suspect(l, any, piece);
}

static void
check_paths(struct look *l, const struct shell_piece *p)
{
	const struct rule *any = any_path_rule(l);
	size_t i;

	for (i = 0; i < p->redirect_count; i++)
		check_redirect(l, &p->redirects[i], any, p->text);
	if (any == NULL)
		return;
	for (i = 0; i < p->word_count; i++) {
		/* A word may be written to as well as read: who knows? */
		check_word(l, &p->words[i], true, p->text);
		if (p->words[i].flags & WORD_DYNAMIC && !l->d->call->held)
			suspect(l, any, p->text);
	}
	if (l->folders.unknown && !l->d->call->held)
		suspect(l, any, p->text);
}

/* Later pieces may work where this one goes. */
static void
note_cd(struct folders *f, const struct shell_piece *p, const char *home)
{
	char tilde[] = "~";
	const struct shell_word at_home = { tilde, WORD_TILDE }, *to;
	size_t i, n = f->count;

	if (!(shell_traits(p) & TRAIT_CD))
		return;
	to = p->word_count < 2 ? &at_home : &p->words[p->word_count - 1];
	if (to->flags & (WORD_DYNAMIC | WORD_GLOB) || to->text[0] == '-') {
		f->unknown = true;
		return;
	}
	for (i = 0; i < n; i++) {
		char *text = path_text(to->text, home);

		if (f->count == FOLDERS_MAX)
			f->unknown = true;
		else
			f->v[f->count++] = text[0] == '/' ? xstrdup(text) :
			    xasprintf("%s/%s", f->v[i], text);
		free(text);
	}
}

/* ------------------------------------------------------ denials: the search */

static void search_text(struct look *l, const char *text, size_t len,
    int depth);

/* A word that may hold a command: whole, behind a "=" (--x=cmd, -c a.b=cmd),
 * a ":" (ext::cmd) or an option's letter (-Scmd), with git's "!" before it or
 * not. */
static void
search_word(struct look *l, const char *s, int depth)
{
	const char *at = s;

	if (strpbrk(s, " \t\n;&|()<>`$'\"\\!") == NULL)
		return;
	if (s[0] == '-' && s[1] != '\0')
		search_text(l, s + 2, strlen(s + 2), depth + 1);
	while (at != NULL) {
		at += *at == '!';
		search_text(l, at, strlen(at), depth + 1);
		at = strpbrk(at, "=:");
		at = at == NULL ? NULL : at + 1;
	}
}

/* What a piece gives to others to run. */
static void
search_inside(struct look *l, const struct shell_piece *p, unsigned traits,
    int depth)
{
	struct buf all = BUF_INIT;
	size_t i;

	if (!(traits & TRAIT_EXACT) || depth >= NESTED_MAX)
		return;
	for (i = 1; i < p->word_count; i++) {
		const char *s = p->words[i].text;

		add_form_word(&all, s);
		search_word(l, s, depth);
	}
	/* eval puts its words together */
	if (traits & TRAIT_SHELL && all.len > 0)
		search_text(l, all.data, all.len, depth + 1);
	for (i = 0; traits & TRAIT_SHELL && i < p->redirect_count; i++) {
		if (p->redirects[i].kind == REDIRECT_TEXT)
			search_text(l, p->redirects[i].to.text,
			    strlen(p->redirects[i].to.text), depth + 1);
	}
	buf_clear(&all);
}

static bool
has_dynamic(const struct shell_piece *p)
{
	size_t i;

	for (i = 0; i < p->redirect_count; i++) {
		if (p->redirects[i].kind != REDIRECT_TEXT &&
		    p->redirects[i].to.flags & (WORD_DYNAMIC | WORD_GLOB))
			return true;
	}
	for (i = 0; i < p->word_count; i++) {
		if (p->words[i].flags & WORD_DYNAMIC)
			return true;
	}
	return false;
}

/* A word that could be the path of a program of the project's; one that is not
 * there may be made by the same command. */
static bool
may_be_program(const struct look *l, const char *word)
{
	char *path = word[0] == '/' ? xstrdup(word) :
	    xasprintf("%s/%s", l->d->call->dir, word);
	struct stat st;
	bool may = stat(path, &st) == -1 || (S_ISREG(st.st_mode) &&
	    st.st_mode & S_IXUSR);

	free(path);
	return may;
}

/* The traits that hide something, of what a piece starts: "timeout 5 bash x",
 * "env ./x". */
static unsigned
traits_behind(const struct look *l, const struct shell_piece *p)
{
	struct shell_piece rest = *p;
	unsigned traits = 0;

	while (rest.word_count > 1) {
		unsigned own;

		rest.words++;
		rest.word_count--;
		own = shell_traits(&rest);
		if (strchr(rest.words->text, '/') != NULL &&
		    !may_be_program(l, rest.words->text))
			own = 0;
		traits |= own;
	}
	return traits;
}

/* "cp /bin/rm x": under another name it would be no command of the rule. */
static bool
names_program_of(const struct rule *r, const struct shell_piece *p)
{
	static const char copying[] = " cp ln mv install link ";
	size_t len = r->pattern == NULL ? 0 : strcspn(r->pattern, " :*?[");
	size_t i;

	for (i = 1; len > 0 && i < p->word_count; i++) {
		const char *s = p->words[i].text, *base = shell_base(s);

		if (base != s && strncmp(base, r->pattern, len) == 0 &&
		    base[len] == '\0')
			return true;
	}
	if (len == 0 || p->word_count == 0 || !has_dynamic(p))
		return false;
	char *key = xasprintf(" %s ", shell_base(p->words[0].text));
	bool copies = strstr(copying, key) != NULL;

	free(key);
	return copies;
}

static void
search_piece(struct look *l, const struct shell_piece *p, int depth)
{
	unsigned traits = shell_traits(p);
	const struct rules *rules = l->d->rules;
	unsigned behind = traits & TRAIT_EXACT ? traits_behind(l, p) : 0;
	bool hides = (traits | behind) & TRAIT_CODE || p->assigns > 0 ||
	    (traits & TRAIT_EXACT && (has_dynamic(p) || p->fed));
	bool file = (traits | behind) & (TRAIT_FILE | TRAIT_BUILD);
	size_t i;

	for (i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->v[i];

		if (!rule_is_bash(r, l->effect))
			continue;
		if (piece_matches_loosely(r, p, traits))
			found(l, r, p->text);
		else if (hides || names_program_of(r, p))
			suspect(l, r, p->text);
		else if (piece_is_alike(r, p, traits))
			suspect_in(l, r, p->text, COVER_FILE);
		else if (file)
			suspect_in(l, r, p->text, (traits | behind) &
			    TRAIT_FILE ? COVER_FILE : COVER_BUILD);
	}
	if (l->loose != NULL && (has_dynamic(p) || !shell_shows_files(p) ||
	    (l->d->call->alone && shell_looks_below(p))))
		suspect_in(l, l->loose, p->text, COVER_FILE);
	check_paths(l, p);
	note_cd(&l->folders, p, l->d->home);
	search_inside(l, p, traits, depth);
}

static const struct rule *
any_rule(const struct look *l)
{
	size_t i;

	for (i = 0; i < l->d->rules->count; i++) {
		if (rule_is_bash(&l->d->rules->v[i], l->effect))
			return &l->d->rules->v[i];
	}
	return any_path_rule(l);
}

static void
search_text(struct look *l, const char *text, size_t len, int depth)
{
	struct shell *sh = shell_split(text, len);
	const struct rule *any = any_rule(l);
	size_t i;

	for (i = 0; i < sh->count; i++)
		search_piece(l, &sh->pieces[i], depth);
	if (!sh->understood && depth == 0 && any != NULL)
		suspect(l, any, text);
	shell_free(sh);
}

/* The whole text, too: "Bash(* | sh)" is a rule that people write. */
static void
search_whole(struct look *l, const char *command)
{
	size_t i;

	for (i = 0; i < l->d->rules->count; i++) {
		const struct rule *r = &l->d->rules->v[i];

		if (rule_is_bash(r, l->effect) && (r->pattern == NULL ||
		    form_matches(r->pattern, command)))
			found(l, r, command);
	}
}

static void
search(struct look *l, const char *command)
{
	l->folders.v[l->folders.count++] = xstrdup(l->d->call->dir);
	search_whole(l, command);
	search_text(l, command, strlen(command), 0);
	while (l->folders.count > 0)
		free(l->folders.v[--l->folders.count]);
}

/* ------------------------------------------------------------- deciding */

/* Did the person who allowed it know what it may hide? */
static bool
is_known(const struct decision *d, const char *command, enum cover cover)
{
	bool allowed = d->out->decision == RULE_ALLOWED;

	return rule_allows_exactly(d, command) ||
	    (cover == COVER_BUILD && allowed) || (cover == COVER_FILE &&
	    allowed && d->out->rule->pattern != NULL);
}

void
rule_decide_shell(struct decision *d, const char *text)
{
	struct look deny = { .d = d, .effect = RULE_DENY,
	    .loose = rule_find_loose(d->rules, d->call, d->home) };
	struct look ask = { .d = d, .effect = RULE_ASK };
	size_t n;
	char *command;

	text += strspn(text, " \t\n");
	for (n = strlen(text); n > 0 && strchr(" \t\n", text[n - 1]); n--)
		;
	command = xstrndup(text, n);
	search(&deny, command);
	search(&ask, command);
	rule_allow_shell(d, command);
	if (deny.suspect != NULL && d->out->decision < RULE_ASKED &&
	    !is_known(d, command, deny.cover)) {
		rule_settle(d, RULE_ASKED, deny.suspect, deny.suspect_piece);
		d->out->suspected = true;
	}
	free(deny.suspect_piece);
	free(command);
}
