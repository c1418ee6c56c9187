/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schema.c - does a JSON value fit a JSON Schema? */

/*
 * Schemas and values may both come from strangers. Steps are counted, so that
 * nested alternatives cannot take for ever, and so is the depth, since a $ref
 * may lead to itself. When either runs out the check is broken: it fails,
 * even below "not".
 */

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/pattern.h"
#include "base/schema.h"
#include "base/schema_priv.h"
#include "base/utf8.h"

enum {
	STEPS_MAX = 1000000,
	DEPTH_MAX = 1024,
	STEPS_COMPILE = 1000,	/* what a new pattern counts for */
	STEPS_MATCH = 10,
	SHOWN_MAX = 60,		/* bytes of a value in a message */
};

/* A compiled pattern, found by the place of its text in the schema. */
struct compiled {
	struct compiled *next;
	const char *text;
	struct pattern *pattern;	/* NULL: cannot be used, not judged */
};

struct check {
	const struct json *root;
	struct buf path;	/* JSON pointer to the value */
	struct compiled *patterns;
	size_t steps, depth;
	unsigned quiet;		/* > 0: a mismatch is no error yet */
	bool broken;
	struct err *e;
};

static bool fits(struct check *c, const struct json *schema,
    const struct json *value);

static bool
broken(struct check *c, const char *why)
{
	if (!c->broken)
		err_set(c->e, ERR_CONFIG, "schema: %s", why);
	c->broken = true;
	return false;
}

/* Count work; false when there has been too much. */
static bool
spend(struct check *c, size_t steps)
{
	if (c->broken)
		return false;
	if (steps >= STEPS_MAX - c->steps)
		return broken(c, "too much work");
	c->steps += steps;
	return true;
}

/* "/a/b: " and the sentence; always false. */
static bool mismatch(struct check *c, const char *fmt, ...)
    ATTR_PRINTF(2, 3);

static bool
mismatch(struct check *c, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	if (c->quiet > 0 || c->broken)
		return false;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err_set(c->e, ERR_INPUT, "%s: %s", c->path.len == 0 ? "value" :
	    c->path.data, text);
	return false;
}

/* "WANTED is wanted, not VALUE" */
static bool
wanted(struct check *c, const char *what, const struct json *value)
{
	char *text;
	size_t len, shown;

	if (c->quiet > 0 || c->broken)
		return false;
	text = json_text(value);
	len = strlen(text);
	shown = utf8_prefix(text, len, SHOWN_MAX);
	mismatch(c, "%s is wanted, not %.*s%s", what, (int)shown, text,
	    shown < len ? "..." : "");
	free(text);
	return false;
}

static bool
fits_quietly(struct check *c, const struct json *schema,
    const struct json *value)
{
	bool r;

	c->quiet++;
	r = fits(c, schema, value);
	c->quiet--;
	return r;
}

/* Append "/name", with ~ and / escaped (RFC 6901). */
static void
path_add(struct buf *path, const char *name, size_t len)
{
	size_t i;

	buf_addc(path, '/');
	for (i = 0; i < len; i++) {
		if (name[i] == '~')
			buf_adds(path, "~0");
		else if (name[i] == '/')
			buf_adds(path, "~1");
		else
			buf_addc(path, name[i]);
	}
}

static bool
member_fits(struct check *c, const struct json *schema,
    const struct json *member)
{
	size_t len = c->path.len;
	bool r;

	path_add(&c->path, json_name(member), json_name_len(member));
	r = fits(c, schema, member);
	buf_cut(&c->path, len);
	return r;
}

static bool
item_fits(struct check *c, const struct json *schema,
    const struct json *item, size_t i)
{
	size_t len = c->path.len;
	bool r;

	buf_addf(&c->path, "/%zu", i);
	r = fits(c, schema, item);
	buf_cut(&c->path, len);
	return r;
}

static const struct pattern *
pattern_get(struct check *c, const char *text)
{
	struct compiled *p;

	for (p = c->patterns; p != NULL; p = p->next)
		if (p->text == text)
			return p->pattern;
	if (!spend(c, STEPS_COMPILE))
		return NULL;
	p = xmalloc(sizeof *p);
	*p = (struct compiled){ c->patterns, text, pattern_new(text, NULL) };
	c->patterns = p;
	return p->pattern;
}

/* What cannot be used as a pattern does not judge: otherwise is the answer. */
static bool
matches(struct check *c, const char *pattern, const char *s, size_t len,
    bool otherwise)
{
	const struct pattern *p = pattern_get(c, pattern);

	if (p == NULL || !spend(c, STEPS_MATCH + len / 16))
		return otherwise;
	return pattern_match(p, s, len);
}

/* ------------------------------------------------------------- any value */

static const struct {
	const char *name;
	const char *wanted;
	unsigned types;
} type_names[] = {
	{ "null", "null", 1u << JSON_NULL },
	{ "boolean", "true or false", 1u << JSON_TRUE | 1u << JSON_FALSE },
	{ "number", "a number", 1u << JSON_NUMBER },
	{ "integer", "a whole number", 1u << JSON_NUMBER },
	{ "string", "a string", 1u << JSON_STRING },
	{ "array", "an array", 1u << JSON_ARRAY },
	{ "object", "an object", 1u << JSON_OBJECT },
};

static int
type_find(const struct json *name)
{
	size_t i;

	for (i = 0; i < NELEM(type_names); i++)
		if (json_streq(name, type_names[i].name))
			return (int)i;
	return -1;
}

bool
schema_is_type_name(const struct json *name)
{
	return type_find(name) != -1;
}

static bool
is_type(const struct json *name, const struct json *value)
{
	int i = type_find(name);
	double d;

	if (i == -1 || !(type_names[i].types & 1u << json_type(value)))
		return false;
	return !json_streq(name, "integer") ||
	    (json_double(value, &d) == 0 && d == floor(d));
}

static bool
check_type(struct check *c, const struct json *schema, const struct json *word,
    const struct json *value)
{
	struct buf b = BUF_INIT;
	const struct json *name;

	(void)schema;
	if (json_is(word, JSON_STRING)) {
		int i = type_find(word);

		return is_type(word, value) || wanted(c, i == -1 ?
		    json_str(word) : type_names[i].wanted, value);
	}
	JSON_EACH(name, word) {
		int i = type_find(name);

		if (is_type(name, value)) {
			buf_clear(&b);
			return true;
		}
		if (i != -1)
			buf_addf(&b, "%s%s", b.len > 0 ? " or " : "",
			    type_names[i].wanted);
	}
	wanted(c, b.data, value);
	buf_clear(&b);
	return false;
}

/* Equal, counting the elements that may be looked at. */
static bool
same(struct check *c, const struct json *a, const struct json *b)
{
	return spend(c, 1 + json_len(a)) && json_equal(a, b);
}

static bool
check_enum(struct check *c, const struct json *schema, const struct json *word,
    const struct json *value)
{
	const struct json *v;
	char *list;

	(void)schema;
	JSON_EACH(v, word)
		if (same(c, v, value))
			return true;
	list = json_text(word);
	list[utf8_prefix(list, strlen(list), 4 * SHOWN_MAX)] = '\0';
	wanted(c, list, value);
	free(list);
	return false;
}

static bool
check_const(struct check *c, const struct json *schema,
    const struct json *word, const struct json *value)
{
	char *text;

	(void)schema;
	if (same(c, word, value))
		return true;
	text = json_text(word);
	text[utf8_prefix(text, strlen(text), 4 * SHOWN_MAX)] = '\0';
	wanted(c, text, value);
	free(text);
	return false;
}

/* ---------------------------------------------------------------- numbers */

enum bound { BOUND_MIN, BOUND_MAX, BOUND_OVER, BOUND_UNDER };

static bool
number_in(struct check *c, const struct json *word, const struct json *value,
    enum bound bound)
{
	static const char *const texts[] = { "at least", "at most",
	    "more than", "less than" };
	double limit, d;
	char text[ERR_TEXT_MAX];
	bool ok;

	if (json_double(word, &limit) == -1 || json_double(value, &d) == -1)
		return true;
	ok = bound == BOUND_MIN ? d >= limit : bound == BOUND_MAX ?
	    d <= limit : bound == BOUND_OVER ? d > limit : d < limit;
	if (ok)
		return true;
	snprintf(text, sizeof text, "%s %s", texts[bound], json_str(word));
	return wanted(c, text, value);
}

#define BOUND_CHECK(name, bound)					\
static bool								\
name(struct check *c, const struct json *schema,			\
    const struct json *word, const struct json *value)			\
{									\
	(void)schema;							\
	return number_in(c, word, value, bound);			\
}

BOUND_CHECK(check_minimum, BOUND_MIN)
BOUND_CHECK(check_maximum, BOUND_MAX)
BOUND_CHECK(check_over, BOUND_OVER)
BOUND_CHECK(check_under, BOUND_UNDER)

static bool
check_multiple(struct check *c, const struct json *schema,
    const struct json *word, const struct json *value)
{
	char text[ERR_TEXT_MAX];
	double step, d, times;

	(void)schema;
	if (json_double(word, &step) == -1 || step <= 0 ||
	    json_double(value, &d) == -1)
		return true;
	/* 0.3 is meant to be a multiple of 0.1 */
	times = d / step;
	if (isfinite(times) &&
	    fabs(times - round(times)) <= 1e-9 * fmax(1, fabs(times)))
		return true;
	snprintf(text, sizeof text, "a multiple of %s", json_str(word));
	return wanted(c, text, value);
}

/* ---------------------------------------------------------------- lengths */

/* Compare n with the keyword's number; less or more than it is wrong. */
static bool
count_in(struct check *c, const struct json *word, size_t n, bool least,
    const char *of)
{
	int64_t limit;

	if (json_int64(word, &limit) == -1 || limit < 0)
		return true;
	if (least ? n >= (uint64_t)limit : n <= (uint64_t)limit)
		return true;
	return mismatch(c, "%s %s %s are wanted, not %zu", least ? "at least" :
	    "at most", json_str(word), of, n);
}

#define COUNT_CHECK(name, type, count, least, of)			\
static bool								\
name(struct check *c, const struct json *schema,			\
    const struct json *word, const struct json *value)			\
{									\
	(void)schema;							\
	return !json_is(value, type) ||					\
	    count_in(c, word, count, least, of);			\
}

#define CHARACTERS	utf8_count(json_str(value), json_len(value))

COUNT_CHECK(check_min_length, JSON_STRING, CHARACTERS, true, "characters")
COUNT_CHECK(check_max_length, JSON_STRING, CHARACTERS, false, "characters")
COUNT_CHECK(check_min_items, JSON_ARRAY, json_len(value), true, "items")
COUNT_CHECK(check_max_items, JSON_ARRAY, json_len(value), false, "items")
COUNT_CHECK(check_min_members, JSON_OBJECT, json_len(value), true, "members")
COUNT_CHECK(check_max_members, JSON_OBJECT, json_len(value), false, "members")

static bool
check_pattern(struct check *c, const struct json *schema,
    const struct json *word, const struct json *value)
{
	char text[ERR_TEXT_MAX];

	(void)schema;
	if (!json_is(word, JSON_STRING) || !json_is(value, JSON_STRING) ||
	    matches(c, json_str(word), json_str(value), json_len(value), true))
		return true;
	snprintf(text, sizeof text, "a match of %.200s", json_str(word));
	return wanted(c, text, value);
}

/* ---------------------------------------------------------------- objects */

static bool
check_properties(struct check *c, const struct json *schema,
    const struct json *word, const struct json *value)
{
	const struct json *sub, *member;

	(void)schema;
	if (!json_is(value, JSON_OBJECT))
		return true;
	JSON_EACH(sub, word) {
		if (!spend(c, 1 + json_len(value) / 8))
			return false;
		member = json_getn(value, json_name(sub), json_name_len(sub));
		if (member != NULL && !member_fits(c, sub, member))
			return false;
	}
	return true;
}

static bool
check_required(struct check *c, const struct json *schema,
    const struct json *word, const struct json *value)
{
	const struct json *name;

	(void)schema;
	if (!json_is(value, JSON_OBJECT))
		return true;
	JSON_EACH(name, word) {
		if (!spend(c, 1 + json_len(value) / 8))
			return false;
		if (json_is(name, JSON_STRING) && json_getn(value,
		    json_str(name), json_len(name)) == NULL)
			return mismatch(c, "\"%s\" is missing", json_str(name));
	}
	return true;
}

static bool
check_pattern_properties(struct check *c, const struct json *schema,
    const struct json *word, const struct json *value)
{
	const struct json *sub, *member;

	(void)schema;
	if (!json_is(value, JSON_OBJECT))
		return true;
	JSON_EACH(sub, word)
		JSON_EACH(member, value)
			if (matches(c, json_name(sub), json_name(member),
			    json_name_len(member), false) &&
			    !member_fits(c, sub, member))
				return false;
	return !c->broken;
}

static bool
is_named(struct check *c, const struct json *schema, const struct json *member)
{
	const struct json *properties = json_get(schema, "properties"), *sub;
	const char *name = json_name(member);
	size_t len = json_name_len(member);

	if (!spend(c, 1 + json_len(properties) / 8))
		return true;
	if (json_getn(properties, name, len) != NULL)
		return true;
	JSON_EACH(sub, json_get(schema, "patternProperties"))
		if (matches(c, json_name(sub), name, len, true))
			return true;
	return false;
}

static bool
check_additional(struct check *c, const struct json *schema,
    const struct json *word, const struct json *value)
{
	const struct json *member;

	if (!json_is(value, JSON_OBJECT))
		return true;
	JSON_EACH(member, value) {
		if (is_named(c, schema, member))
			continue;
		if (json_is(word, JSON_FALSE))
			return mismatch(c, "\"%s\" is not expected",
			    json_name(member));
		if (!member_fits(c, word, member))
			return false;
	}
	return true;
}

/* The names, as an array of strings: a value that schemas can look at. */
static bool
check_names(struct check *c, const struct json *schema,
    const struct json *word, const struct json *value)
{
	struct buf b = BUF_INIT;
	const struct json *member, *name;
	struct json_doc *doc;
	struct json_w w;
	bool r = true;

	(void)schema;
	if (!json_is(value, JSON_OBJECT) || !spend(c, json_len(value)))
		return true;
	json_w_init(&w, &b);
	json_w_arr(&w);
	JSON_EACH(member, value)
		json_w_strn(&w, json_name(member), json_name_len(member));
	json_w_arr_end(&w);
	doc = json_parse(b.data, b.len, 0, NULL);
	JSON_EACH(name, json_root(doc))
		if (r && !fits_quietly(c, word, name))
			r = mismatch(c, "\"%s\" is no name for a member",
			    json_str(name));
	json_doc_free(doc);
	buf_clear(&b);
	return r;
}

/* ----------------------------------------------------------------- arrays */

static bool
check_prefix(struct check *c, const struct json *schema,
    const struct json *word, const struct json *value)
{
	const struct json *item = json_is(value, JSON_ARRAY) ?
	    json_first(value) : NULL, *sub;
	size_t i = 0;

	(void)schema;
	JSON_EACH(sub, word) {
		if (item == NULL)
			break;
		if (!item_fits(c, sub, item, i++))
			return false;
		item = json_next(item);
	}
	return true;
}

/* A list of schemas is what prefixItems was called before 2020-12. */
static bool
check_items(struct check *c, const struct json *schema,
    const struct json *word, const struct json *value)
{
	size_t prefix = json_len(json_get(schema, "prefixItems")), i = 0;
	const struct json *item;

	if (json_is(word, JSON_ARRAY))
		return check_prefix(c, schema, word, value);
	if (!json_is(value, JSON_ARRAY))
		return true;
	JSON_EACH(item, value)
		if (i++ >= prefix && !item_fits(c, word, item, i - 1))
			return false;
	return true;
}

static bool
check_contains(struct check *c, const struct json *schema,
    const struct json *word, const struct json *value)
{
	int64_t least = 1, most = INT64_MAX, n = 0;
	const struct json *item;

	if (!json_is(value, JSON_ARRAY))
		return true;
	(void)json_int64(json_get(schema, "minContains"), &least);
	(void)json_int64(json_get(schema, "maxContains"), &most);
	JSON_EACH(item, value)
		n += fits_quietly(c, word, item);
	if (n < least)
		return mismatch(c, "too few items are as \"contains\" wants");
	if (n > most)
		return mismatch(c, "too many items are as \"contains\" says");
	return true;
}

static bool
check_unique(struct check *c, const struct json *schema,
    const struct json *word, const struct json *value)
{
	const struct json *a, *b;
	size_t i = 0, k;

	(void)schema;
	if (!json_bool(word, false) || !json_is(value, JSON_ARRAY))
		return true;
	JSON_EACH(a, value) {
		k = ++i;
		for (b = json_next(a); b != NULL; b = json_next(b), k++)
			if (same(c, a, b))
				return mismatch(c, "items %zu and %zu are the "
				    "same", i - 1, k);
	}
	return true;
}

/* ----------------------------------------------------------- combinations */

static bool
check_all(struct check *c, const struct json *schema, const struct json *word,
    const struct json *value)
{
	const struct json *sub;

	(void)schema;
	JSON_EACH(sub, word)
		if (!fits(c, sub, value))
			return false;
	return true;
}

static size_t
count_fitting(struct check *c, const struct json *list,
    const struct json *value, size_t enough)
{
	const struct json *sub;
	size_t n = 0;

	JSON_EACH(sub, list) {
		n += fits_quietly(c, sub, value);
		if (n == enough)
			break;
	}
	return n;
}

static bool
check_any(struct check *c, const struct json *schema, const struct json *word,
    const struct json *value)
{
	(void)schema;
	if (json_len(word) == 1)
		return check_all(c, schema, word, value);
	return count_fitting(c, word, value, 1) == 1 ||
	    wanted(c, "one of the alternatives", value);
}

static bool
check_one(struct check *c, const struct json *schema, const struct json *word,
    const struct json *value)
{
	size_t n = count_fitting(c, word, value, 2);

	(void)schema;
	if (n == 1)
		return true;
	return wanted(c, n == 0 ? "one of the alternatives" :
	    "exactly one of the alternatives", value);
}

static bool
check_not(struct check *c, const struct json *schema, const struct json *word,
    const struct json *value)
{
	(void)schema;
	if (!fits_quietly(c, word, value))
		return !c->broken;
	return wanted(c, "something else", value);
}

static bool
check_if(struct check *c, const struct json *schema, const struct json *word,
    const struct json *value)
{
	const struct json *sub = json_get(schema,
	    fits_quietly(c, word, value) ? "then" : "else");

	return sub == NULL || fits(c, sub, value);
}

/* ------------------------------------------------------------------- $ref */

static bool
check_ref(struct check *c, const struct json *schema, const struct json *word,
    const struct json *value)
{
	const struct json *sub;

	(void)schema;
	if (!json_is(word, JSON_STRING))
		return true;
	if (!spend(c, json_len(word)))
		return false;
	sub = schema_resolve(c->root, json_str(word));
	if (sub == NULL)
		return broken(c, "a $ref leads nowhere");
	return fits(c, sub, value);
}

/* --------------------------------------------------------------- keywords */

static const struct keyword {
	const char *name;
	bool (*check)(struct check *, const struct json *schema,
	    const struct json *word, const struct json *value);
} keywords[] = {
#define X(name, shape, check) { name, check },
	SCHEMA_KEYWORDS(X)
#undef X
};

static int
keyword_cmp(const void *name, const void *keyword)
{
	return strcmp(name, ((const struct keyword *)keyword)->name);
}

static const struct keyword *
keyword_find(const char *name)
{
	return bsearch(name, keywords, NELEM(keywords), sizeof keywords[0],
	    keyword_cmp);
}

static bool
keywords_fit(struct check *c, const struct json *schema,
    const struct json *value)
{
	const struct json *word;

	/* a wrong type says more than what follows from it */
	word = json_get(schema, "type");
	if (word != NULL && !check_type(c, schema, word, value))
		return false;
	JSON_EACH(word, schema) {
		const struct keyword *k = keyword_find(json_name(word));

		if (!spend(c, 1))
			return false;
		if (k != NULL && k->check != NULL && k->check != check_type &&
		    !k->check(c, schema, word, value))
			return false;
	}
	return !c->broken;
}

static bool
fits(struct check *c, const struct json *schema, const struct json *value)
{
	bool r;

	if (!spend(c, 1))
		return false;
	if (json_is(schema, JSON_FALSE))
		return mismatch(c, "nothing is allowed here");
	if (!json_is(schema, JSON_OBJECT))
		return true;
	if (c->depth == DEPTH_MAX)
		return broken(c, "nested too deeply");
	c->depth++;
	r = keywords_fit(c, schema, value);
	c->depth--;
	return r;
}

int
schema_check(const struct json *schema, const struct json *value,
    struct err *e)
{
	struct check c = { .root = schema, .path = BUF_INIT, .e = e };
	struct compiled *p, *next;
	bool r = fits(&c, schema, value);

	for (p = c.patterns; p != NULL; p = next) {
		next = p->next;
		pattern_free(p->pattern);
		free(p);
	}
	buf_clear(&c.path);
	return r ? 0 : -1;
}
