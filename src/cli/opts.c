/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opts.c - arguments to struct opts, by a table */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/opts.h"

/* One call of opts_parse(). */
struct parse {
	struct opts *o;
	const struct opt *own;
	enum opt_scope scope;
	int argc;
	char *const *argv;
	int at;
};

void
strlist_add(struct strlist *l, const char *s)
{
	l->items = xreallocarray(l->items, l->count + 1, sizeof(*l->items));
	l->items[l->count++] = xstrdup(s);
}

void
strlist_clear(struct strlist *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->items[i]);
	free(l->items);
	*l = (struct strlist){ 0 };
}

static const struct opt *
find_in(const struct opt *t, const char *name, size_t len, char letter,
    enum opt_scope scope)
{
	for (; t != NULL && t->name != NULL; t++) {
		if (t->scope > scope)
			continue;
		if (name != NULL ? strncmp(t->name, name, len) == 0 &&
		    t->name[len] == '\0' : t->letter == letter)
			return t;
	}
	return NULL;
}

/* By name (len bytes) or, where that is NULL, by letter. */
static const struct opt *
find(const struct parse *p, const char *name, size_t len, char letter)
{
	const struct opt *t = find_in(p->own, name, len, letter,
	    OPT_CHAT);

	return t != NULL ? t : find_in(opts_common, name, len, letter,
	    p->scope);
}

static bool
wants_value(const struct opt *t)
{
	return t->arg != NULL;
}

bool
opt_is_choice(const char *choices, const char *value)
{
	size_t len = strlen(value);

	for (const char *c = choices; c != NULL; c = strchr(c, '|')) {
		if (*c == '|')
			c++;
		if (strcspn(c, "|") == len && strncmp(c, value, len) == 0)
			return true;
	}
	return false;
}

static int
set_int(const struct opt *t, int *field, const char *value, struct err *e)
{
	char *end;

	errno = 0;
	long n = strtol(value, &end, 10);
	if (*value == '\0' || *end != '\0' || errno != 0 || n < 1 ||
	    n > INT_MAX)
		return err_set(e, ERR_USAGE,
		    "--%s: a number of 1 or more is wanted, not '%s'", t->name,
		    value);
	*field = (int)n;
	return 0;
}

static int
set_real(const struct opt *t, double *field, const char *value, struct err *e)
{
	char *end;

	errno = 0;
	double d = strtod(value, &end);
	if (*value == '\0' || *end != '\0' || errno != 0 || !(d > 0) ||
	    d > 1e12)
		return err_set(e, ERR_USAGE,
		    "--%s: a number above 0 is wanted, not '%s'", t->name,
		    value);
	*field = d;
	return 0;
}

static int
apply(const struct parse *p, const struct opt *t, const char *value,
    struct err *e)
{
	char *field = (char *)p->o + t->offset;

	if (t->choices != NULL && !opt_is_choice(t->choices, value)) {
		err_set(e, ERR_USAGE, "--%s: '%s' is none of its values",
		    t->name, value);
		return err_hint(e, "it is one of %s", t->choices);
	}
	switch (t->kind) {
	case OPT_FLAG:
		*(bool *)field = true;
		return 0;
	case OPT_COUNT:
		++*(int *)field;
		return 0;
	case OPT_STR:
		str_replace((char **)field, value);
		return 0;
	case OPT_SET:
		str_replace((char **)field, t->value);
		return 0;
	case OPT_LIST:
		strlist_add((struct strlist *)field, value);
		return 0;
	case OPT_INT:
		return set_int(t, (int *)field, value, e);
	case OPT_REAL:
		return set_real(t, (double *)field, value, e);
	}
	return 0;
}

/* How many letters must change to make one of the other. */
static size_t
distance(const char *a, const char *b, size_t blen)
{
	size_t row[64];
	size_t alen = strlen(a);

	if (blen >= NELEM(row) || alen >= NELEM(row))
		return NELEM(row);
	for (size_t j = 0; j <= blen; j++)
		row[j] = j;
	for (size_t i = 1; i <= alen; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= blen; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[blen];
}

static const struct opt *
nearest(const struct parse *p, const char *name, size_t len)
{
	const struct opt *tables[] = { p->own, opts_common };
	const struct opt *best = NULL;
	size_t least = len < 4 ? 2 : 3;

	for (size_t i = 0; i < NELEM(tables); i++)
		for (const struct opt *t = tables[i];
		    t != NULL && t->name != NULL; t++) {
			size_t d = distance(t->name, name, len);
			if (d < least && (i == 0 || t->scope <= p->scope)) {
				least = d;
				best = t;
			}
		}
	return best;
}

static int
unknown(const struct parse *p, const char *name, size_t len, struct err *e)
{
	const struct opt *t = nearest(p, name, len);

	err_set(e, ERR_USAGE, "unknown option: --%.*s", (int)len, name);
	if (t != NULL)
		return err_hint(e, "did you mean --%s?", t->name);
	return err_hint(e, "--help lists the options");
}

/* The value that follows an option; NULL and an error if there is none. */
static const char *
next_value(struct parse *p, const struct opt *t, struct err *e)
{
	if (p->at + 1 < p->argc)
		return p->argv[++p->at];
	err_set(e, ERR_USAGE, "--%s: its value (%s) is missing", t->name,
	    t->arg);
	return NULL;
}

static int
parse_long(struct parse *p, const char *name, struct err *e)
{
	size_t len = strcspn(name, "=");
	const char *value = name[len] == '=' ? name + len + 1 : NULL;
	const struct opt *t = find(p, name, len, 0);

	if (t == NULL)
		return unknown(p, name, len, e);
	if (!wants_value(t) && value != NULL)
		return err_set(e, ERR_USAGE, "--%s takes no value", t->name);
	if (wants_value(t) && value == NULL &&
	    (value = next_value(p, t, e)) == NULL)
		return -1;
	return apply(p, t, value, e);
}

static int
parse_letters(struct parse *p, const char *s, struct err *e)
{
	for (; *s != '\0'; s++) {
		const struct opt *t = find(p, NULL, 0, *s);
		const char *value = NULL;

		if (t == NULL) {
			err_set(e, ERR_USAGE, "unknown option: -%c", *s);
			return err_hint(e, "--help lists the options");
		}
		if (wants_value(t)) {
			value = s[1] != '\0' ? s + 1 : next_value(p, t, e);
			if (value == NULL)
				return -1;
		}
		if (apply(p, t, value, e) != 0)
			return -1;
		if (wants_value(t))
			break;
	}
	return 0;
}

int
opts_parse(struct opts *o, const struct opt *own, enum opt_scope scope,
    int argc, char *const argv[], struct err *e)
{
	struct parse p = { o, own, scope, argc, argv, 0 };

	for (; p.at < argc; p.at++) {
		const char *arg = argv[p.at];
		int r = 0;

		if (strcmp(arg, "--") == 0) {
			while (++p.at < argc)
				strlist_add(&o->words, argv[p.at]);
			break;
		}
		if (strncmp(arg, "--", 2) == 0)
			r = parse_long(&p, arg + 2, e);
		else if (arg[0] == '-' && arg[1] != '\0')
			r = parse_letters(&p, arg + 1, e);
		else
			strlist_add(&o->words, arg);
		if (r != 0)
			return -1;
	}
	return 0;
}

bool
opt_is_said(const struct opts *o, const struct opt *t)
{
	const char *field = (const char *)o + t->offset;

	switch (t->kind) {
	case OPT_FLAG:
		return *(const bool *)field;
	case OPT_COUNT:
	case OPT_INT:
		return *(const int *)field != 0;
	case OPT_REAL:
		return *(const double *)field > 0;
	case OPT_LIST:
		return ((const struct strlist *)field)->count > 0;
	case OPT_STR:
		return *(char *const *)field != NULL;
	case OPT_SET:		/* another way to say an OPT_STR */
		return false;
	}
	return false;
}

static void
clear_field(struct opts *o, const struct opt *t)
{
	char *field = (char *)o + t->offset;

	if (t->kind == OPT_STR || t->kind == OPT_SET)
		str_replace((char **)field, NULL);
	else if (t->kind == OPT_LIST)
		strlist_clear((struct strlist *)field);
}

static void
forget(char **secret)
{
	if (*secret != NULL)
		mem_wipe(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

void
opts_clear(struct opts *o)
{
	for (const struct opt *t = opts_common; t->name != NULL; t++)
		clear_field(o, t);
	free(o->status);
	free(o->at);
	free(o->reason);
	free(o->scope);
	free(o->unix_path);
	free(o->key_file);
	free(o->tls_cert);
	free(o->tls_key);
	free(o->ttl);
	free(o->remote);
	forget(&o->token);
	forget(&o->secret);
	strlist_clear(&o->listen);
	strlist_clear(&o->origins);
	strlist_clear(&o->tags);
	strlist_clear(&o->remove_tags);
	strlist_clear(&o->env);
	strlist_clear(&o->headers);
	strlist_clear(&o->words);
	*o = (struct opts){ 0 };
}

bool
opts_takes_next(const struct opt *own, const char *arg)
{
	struct parse p = { .own = own, .scope = OPT_CHAT };

	if (arg[0] != '-' || arg[1] == '\0')
		return false;
	if (arg[1] == '-') {
		const struct opt *t = strchr(arg, '=') != NULL ? NULL :
		    find(&p, arg + 2, strlen(arg + 2), 0);
		return t != NULL && wants_value(t);
	}
	for (const char *s = arg + 1; *s != '\0'; s++) {
		const struct opt *t = find(&p, NULL, 0, *s);
		if (t != NULL && wants_value(t))
			return s[1] == '\0';
	}
	return false;
}

void
opts_help(struct buf *out, const struct opt *t, enum opt_scope scope)
{
	for (; t != NULL && t->name != NULL; t++) {
		size_t start = out->len;

		if (t->scope > scope)
			continue;
		if (t->letter != 0)
			buf_addf(out, "  -%c, --%s", t->letter, t->name);
		else
			buf_addf(out, "      --%s", t->name);
		if (t->arg != NULL)
			buf_addf(out, " %s", t->choices != NULL ? t->choices :
			    t->arg);
		if (out->len - start < 30)
			buf_addf(out, "%*s", (int)(32 - (out->len - start)),
			    "");
		else
			buf_adds(out, "\n                                ");
		buf_addf(out, "%s\n", t->help);
	}
}
