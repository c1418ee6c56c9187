/* SPDX-License-Identifier: GPL-3.0-or-later */
/* match.c - file name patterns */

/*
 * No backtracking: at[i] says that the pattern so far can end before byte i
 * of the text; each element of the pattern moves the whole set on.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tool/match.h"

struct set {
	unsigned char *at;	/* 0 .. len */
	const char *text;
	size_t len;
};

static size_t
next_char(const char *s, size_t i)
{
	i++;
	while (((unsigned char)s[i] & 0xc0) == 0x80)
		i++;
	return i;
}

static void
step_literal(struct set *s, char c)
{
	size_t i;

	for (i = s->len; i-- > 0;)
		s->at[i + 1] = s->at[i] && s->text[i] == c;
	s->at[0] = 0;
}

/* Any number of characters; slashes too if cross. */
static void
step_star(struct set *s, bool cross)
{
	size_t i;

	for (i = 0; i < s->len; i++) {
		if (s->at[i] && (cross || s->text[i] != '/'))
			s->at[i + 1] = 1;
	}
}

/* Nothing, or whole parts with their slash. */
static void
step_parts(struct set *s)
{
	bool open = false;
	size_t i;

	for (i = 0; i <= s->len; i++) {
		open |= s->at[i] != 0;
		if (open && i > 0 && s->text[i - 1] == '/')
			s->at[i] = 1;
	}
}

/* Is c in the set after "["? *end: behind its "]"; NULL if there is none. */
static bool
in_set(const char *p, char c, const char **end)
{
	bool not = *p == '!' || *p == '^', found = false;
	const char *start = p += not;

	for (; *p != '\0' && (*p != ']' || p == start); p++) {
		if (p[1] == '-' && p[2] != ']' && p[2] != '\0') {
			found |= (unsigned char)c >= (unsigned char)p[0] &&
			    (unsigned char)c <= (unsigned char)p[2];
			p += 2;
		} else {
			found |= *p == c;
		}
	}
	*end = *p == ']' ? p + 1 : NULL;
	return found != not;
}

/* One character that is (set NULL) any but a slash, or in the set. */
static void
step_one(struct set *s, const char *set, bool cross)
{
	unsigned char *to = xcalloc(s->len + 2, 1);
	const char *end;
	size_t i;

	for (i = 0; i < s->len; i++) {
		if (!s->at[i] || (s->text[i] == '/' && !cross))
			continue;
		if (set == NULL)
			to[next_char(s->text, i)] = 1;
		else if (in_set(set, s->text[i], &end))
			to[i + 1] = 1;
	}
	memcpy(s->at, to, s->len + 1);
	free(to);
}

static bool
run(const char *pattern, const char *text, bool cross)
{
	struct set s = { .text = text, .len = strlen(text) };
	const char *p = pattern, *end;
	bool yes;

	s.at = xcalloc(s.len + 2, 1);
	s.at[0] = 1;
	while (*p != '\0') {
		if (!cross && strncmp(p, "**/", 3) == 0 &&
		    (p == pattern || p[-1] == '/')) {
			step_parts(&s);
			p += 3;
		} else if (*p == '*') {
			size_t n = strspn(p, "*");

			step_star(&s, cross || n > 1);
			p += n;
		} else if (*p == '?' && !cross) {
			step_one(&s, NULL, cross);
			p++;
		} else if (*p == '[' && !cross &&
		    (in_set(p + 1, 'x', &end), end != NULL)) {
			step_one(&s, p + 1, cross);
			p = end;
		} else {
			if (*p == '\\' && p[1] != '\0')
				p++;
			step_literal(&s, *p++);
		}
	}
	yes = s.at[s.len] != 0;
	free(s.at);
	return yes;
}

bool
match_path(const char *pattern, const char *path)
{
	return run(pattern, path, false);
}

bool
match_text(const char *pattern, const char *text)
{
	return run(pattern, text, true);
}

static void
list_add(struct match_list *out, char *s)
{
	out->v = xreallocarray(out->v, out->count + 1, sizeof *out->v);
	out->v[out->count++] = s;
}

/* The "}" that closes the "{" at p; *commas counts those between. */
static const char *
closing(const char *p, unsigned *commas)
{
	int depth = 0;

	for (*commas = 0; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '{')
			depth++;
		else if (*p == '}' && --depth == 0)
			return p;
		else if (*p == ',' && depth == 1)
			++*commas;
	}
	return NULL;
}

/* The end of an alternative: the next comma at this depth, or the "}". */
static const char *
alternative_end(const char *p, const char *close)
{
	int depth = 0;

	for (; p < close; p++) {
		if (*p == '\\')
			p++;
		else if (*p == '{')
			depth++;
		else if (*p == '}')
			depth--;
		else if (*p == ',' && depth == 0)
			return p;
	}
	return close;
}

void
match_expand(struct match_list *out, const char *pattern)
{
	const char *open = pattern, *close, *p, *end;
	unsigned commas;

	for (;; open++) {
		open += strcspn(open, "{\\");
		if (*open == '\\' && open[1] != '\0') {
			open++;
			continue;
		}
		if (*open != '{')
			break;
		close = closing(open, &commas);
		if (close == NULL || commas == 0)
			continue;
		if (out->count >= MATCH_ALTERNATIVES_MAX)
			break;
		for (p = open + 1; p <= close; p = end + 1) {
			char *one;

			end = alternative_end(p, close);
			one = xasprintf("%.*s%.*s%s", (int)(open - pattern),
			    pattern, (int)(end - p), p, close + 1);
			match_expand(out, one);
			free(one);
		}
		return;
	}
	list_add(out, xstrdup(pattern));
}

void
match_list_clear(struct match_list *list)
{
	while (list->count > 0)
		free(list->v[--list->count]);
	free(list->v);
	list->v = NULL;
}
