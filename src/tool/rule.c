/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule.c - permission rules: what a tool may be called with */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "tool/match.h"
#include "tool/rule_priv.h"
#include "tool/rule_url.h"

static const char *const effect_names[] = { "allow", "ask", "deny" };
static const char *const layer_names[] = {
	"defaults", "user", "project", "command line", "session",
};

const char *
rule_effect_name(enum rule_effect effect)
{
	return effect_names[effect];
}

const char *
rule_layer_name(enum rule_layer layer)
{
	return layer_names[layer];
}

/* ---------------------------------------------------------------- parsing */

static bool
is_escapable(char c)
{
	return c != '\0' && strchr("*()\\", c) != NULL;
}

/*
 * Two forms: for matching, where a backslash that escapes nothing stands for
 * itself; and, if there is no star, the text itself.
 */
static void
take_pattern(struct rule *r, const char *s, size_t len)
{
	struct buf pattern = BUF_INIT, exact = BUF_INIT;
	bool star = false;
	size_t i;

	for (i = 0; i < len; i++) {
		if (s[i] == '\\' && i + 1 < len && is_escapable(s[i + 1])) {
			buf_addc(&pattern, s[i++]);
		} else if (s[i] == '\\') {
			buf_addc(&pattern, '\\');
		} else {
			star |= s[i] == '*';
		}
		buf_addc(&pattern, s[i]);
		buf_addc(&exact, s[i]);
	}
	r->pattern = buf_take(&pattern);
	r->exact = star ? NULL : buf_take(&exact);
	buf_clear(&exact);
}

static bool
is_tool_name(const char *s, size_t len)
{
	return len > 0 && strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.*") == len;
}

static int
parse(struct rule *r, const char *text, struct err *e)
{
	size_t n = strcspn(text, "("), len = strlen(text);

	if (!is_tool_name(text, n) ||
	    (text[n] == '(' && (text[len - 1] != ')' || len - n < 3)))
		return err_set(e, ERR_CONFIG, "not a permission rule: %s "
		    "(Tool or Tool(pattern) is wanted)", text);
	r->text = xstrdup(text);
	r->tool = xstrndup(text, n);
	if (text[n] == '(')
		take_pattern(r, text + n + 1, len - n - 2);
	return 0;
}

static void
rule_clear(struct rule *r)
{
	free(r->text);
	free(r->tool);
	free(r->pattern);
	free(r->exact);
	free(r->definition);
}

int
rules_add(struct rules *rules, enum rule_effect effect, enum rule_layer layer,
    const char *text, struct err *e)
{
	struct rule r = { .effect = effect, .layer = layer };

	if (effect == RULE_ALLOW && layer == RULE_PROJECT)
		return err_set(e, ERR_CONFIG, "a project's file cannot allow "
		    "%s: its rules only narrow", text);
	if (parse(&r, text, e) == -1)
		return -1;
	rules->v = xreallocarray(rules->v, rules->count + 1,
	    sizeof *rules->v);
	rules->v[rules->count++] = r;
	return 0;
}

void
rules_bind(struct rules *rules, const char *definition)
{
	str_replace(&rules->v[rules->count - 1].definition, definition);
}

/* The end of an item: a comma outside of parentheses. */
static const char *
item_end(const char *s)
{
	int depth = 0;

	for (; *s != '\0'; s++) {
		if (*s == '\\' && s[1] != '\0')
			s++;
		else if (*s == '(')
			depth++;
		else if (*s == ')')
			depth--;
		else if (*s == ',' && depth <= 0)
			break;
	}
	return s;
}

int
rules_add_list(struct rules *rules, enum rule_effect effect,
    enum rule_layer layer, const char *list, struct err *e)
{
	while (*list != '\0') {
		const char *end = item_end(list), *stop = end;
		char *one;
		int r = 0;

		list += strspn(list, " \t\n");
		while (stop > list && strchr(" \t\n", stop[-1]) != NULL)
			stop--;
		one = xstrndup(list, stop > list ? (size_t)(stop - list) : 0);
		if (*one != '\0')
			r = rules_add(rules, effect, layer, one, e);
		free(one);
		if (r == -1)
			return -1;
		list = *end == ',' ? end + 1 : end;
	}
	return 0;
}

void
rules_clear(struct rules *rules)
{
	while (rules->count > 0)
		rule_clear(&rules->v[--rules->count]);
	free(rules->v);
	rules->v = NULL;
}

/* --------------------------------------------------------------- deciding */

/* Does the name hold for the tool? A server's name holds for all it has. */
static bool
name_matches(const struct rule *r, const char *tool)
{
	size_t n = strlen(r->tool);

	if (match_text(r->tool, tool))
		return true;
	return strncmp(r->tool, "mcp__", 5) == 0 &&
	    strncmp(tool, r->tool, n) == 0 && strncmp(tool + n, "__", 2) == 0;
}

bool
rule_is_for_all(const struct rule *r, const char *tool)
{
	return r->pattern == NULL && name_matches(r, tool);
}

/* Edit speaks for all that edits, Read for all that reads. */
static bool
is_for(const struct rule *r, const struct tool *t)
{
	if (name_matches(r, t->name))
		return true;
	if (t->effect == TOOL_EDITS)
		return rule_is_about(r, true);
	return t->effect == TOOL_READS && t->subject != NULL &&
	    strcmp(r->tool, "Read") == 0;
}

void
rule_settle(struct decision *d, enum rule_decision what, const struct rule *r,
    const char *piece)
{
	if (what <= d->out->decision)
		return;
	d->out->decision = what;
	d->out->rule = r;
	d->out->suspected = false;
	str_replace(&d->out->piece, piece);
}

static enum rule_decision
decision_of(const struct rule *r)
{
	return RULE_ALLOWED + (enum rule_decision)r->effect;
}

static bool
is_path_tool(const struct tool *t)
{
	return t->subject != NULL && (t->effect == TOOL_READS ||
	    t->effect == TOOL_EDITS);
}

/* A pattern against the argument of a tool that is not Bash. */
static bool
matches_subject(const struct decision *d, const struct rule *r,
    const char *subject)
{
	const struct tool *t = d->call->tool;

	if (r->pattern == NULL)
		return true;
	if (is_path_tool(t))
		return rule_matches_path(r, subject, d->call->dir, d->home);
	if (t->effect == TOOL_REACHES && t->subject != NULL)
		return rule_matches_url(r, subject);
	/* What a pattern means there is not known: deny, do not allow. */
	return r->effect != RULE_ALLOW;
}

static bool
is_outdated(const struct rule *r, const struct tool *t)
{
	return r->effect == RULE_ALLOW && r->definition != NULL &&
	    t->definition != NULL && strcmp(r->definition, t->definition) != 0;
}

static void
decide_plain(struct decision *d, const char *subject)
{
	const struct tool *t = d->call->tool;
	size_t i;

	for (i = 0; i < d->rules->count; i++) {
		const struct rule *r = &d->rules->v[i];

		if (!is_for(r, t) || !matches_subject(d, r, subject))
			continue;
		if (is_outdated(r, t))
			d->out->outdated = r;
		else
			rule_settle(d, decision_of(r), r, NULL);
	}
	/* What may not be read may not be edited, either. */
	if (is_path_tool(t) && t->effect == TOOL_EDITS) {
		const struct rule *r = rule_find_path(d->rules, RULE_DENY,
		    subject, false, d->call->dir, d->home);

		if (r != NULL)
			rule_settle(d, RULE_DENIED, r, NULL);
	}
}

void
rule_decide(const struct rules *rules, const struct rule_call *call,
    struct rule_answer *out)
{
	struct decision d = { .rules = rules, .call = call, .out = out,
	    .home = call->home != NULL ? call->home : getenv("HOME") };
	const struct json *arg = call->tool->subject == NULL ? NULL :
	    json_get(call->input, call->tool->subject);
	const char *subject = json_is(arg, JSON_STRING) ? json_str(arg) : NULL;

	*out = (struct rule_answer){ .decision = RULE_UNDECIDED };
	/* A path that is left out is the working folder. */
	if (subject == NULL)
		subject = is_path_tool(call->tool) ? "." : "";
	if (strcmp(call->tool->name, "Bash") == 0)
		rule_decide_shell(&d, subject);
	else
		decide_plain(&d, subject);
}

void
rule_answer_clear(struct rule_answer *a)
{
	free(a->piece);
	a->piece = NULL;
}

void
rule_answer_text(struct buf *out, const struct rule_answer *a)
{
	static const char *const words[] = {
		"no rule decides", "allowed", "to be asked", "denied",
	};

	buf_adds(out, words[a->decision]);
	if (a->rule != NULL)
		buf_addf(out, a->suspected ?
		    ", for what %s (%s) denies could be hidden in it" :
		    " by %s (%s)", a->rule->text,
		    rule_layer_name(a->rule->layer));
	if (a->piece != NULL)
		buf_addf(out, ": %s", a->piece);
}

static void
add_escaped(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (is_escapable(*s))
			buf_addc(out, '\\');
		buf_addc(out, *s);
	}
}

void
rule_for(struct buf *out, const struct rule_call *call)
{
	const struct tool *t = call->tool;
	const char *subject = t->subject == NULL ? NULL :
	    json_get_str(call->input, t->subject);
	size_t n = strlen(call->dir);

	buf_adds(out, t->effect == TOOL_EDITS ? "Edit" : t->name);
	if (subject == NULL)
		return;
	buf_addc(out, '(');
	if (t->effect == TOOL_REACHES) {
		rule_url_host(out, subject);
	} else if (is_path_tool(t)) {
		if (strncmp(subject, call->dir, n) == 0 && subject[n] == '/')
			subject += n + 1;
		/* Without a slash a name would hold at any depth. */
		if (strchr(subject, '/') == NULL && subject[0] != '~')
			buf_adds(out, "./");
		add_escaped(out, subject);
	} else {
		add_escaped(out, subject);
	}
	buf_addc(out, ')');
}
