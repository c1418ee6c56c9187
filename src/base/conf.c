/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conf.c - YAML as JSON */

/*
 * libyaml's events are written as JSON text, which is then parsed: the values
 * that come out are the same ones that the rest of the program knows.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"

/* A key of a mapping that is still open; its text is in conf.names. */
struct key {
	size_t at, len;
	yaml_mark_t mark;
	const struct buf *names;
};

struct level {
	bool mapping;
	bool value;		/* a key stands, its value comes */
	size_t keys;		/* the first of its keys in conf.keys */
	size_t names;		/* where their text begins */
};

struct conf {
	const char *text, *name;
	size_t len;
	size_t line;		/* lines before text */
	yaml_parser_t parser;
	struct buf json;
	struct json_w w;
	struct buf names;
	struct key *keys;
	size_t key_count, key_cap;
	struct level levels[JSON_DEPTH_MAX];
	size_t depth;
	bool done;		/* the document has ended */
	struct err *e;
};

static int
conf_fail(struct conf *c, yaml_mark_t mark, const char *what)
{
	return err_set(c->e, ERR_CONFIG, "%s:%zu:%zu: %s", c->name,
	    c->line + mark.line + 1, mark.column + 1, what);
}

static bool
is_one_of(const char *s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(s, *words) == 0)
			return true;
	return false;
}

/* ---------------------------------------------------------------- numbers */

static const char digits[] = "0123456789";

/*
 * [-+]? (\.[0-9]+ | [0-9]+(\.[0-9]*)?) ([eE][-+]?[0-9]+)?, written as JSON
 * wants it: without plus and leading zeros, with digits around the point.
 */
static bool
write_decimal(struct buf *b, const char *s)
{
	const char *sign = *s == '-' ? "-" : "", *whole, *part = "", *power;
	size_t n, m = 0;

	s += *s == '-' || *s == '+';
	whole = s;
	n = strspn(s, digits);
	s += n;
	if (*s == '.') {
		part = ++s;
		m = strspn(s, digits);
		s += m;
	}
	if (n + m == 0)
		return false;
	power = s;
	if (*s == 'e' || *s == 'E') {
		s += s[1] == '-' || s[1] == '+' ? 2 : 1;
		if (strspn(s, digits) == 0)
			return false;
		s += strspn(s, digits);
	}
	if (*s != '\0')
		return false;
	for (; n > 0 && *whole == '0'; n--)
		whole++;
	buf_addf(b, "%s%.*s%s%.*s%s", sign, n == 0 ? 1 : (int)n,
	    n == 0 ? "0" : whole, m == 0 ? "" : ".", (int)m, part, power);
	return true;
}

/* 0x1f and 0o17, if they fit. */
static bool
write_based(struct buf *b, const char *s)
{
	int base = strncmp(s, "0x", 2) == 0 ? 16 :
	    strncmp(s, "0o", 2) == 0 ? 8 : 0;
	const char *allowed = base == 16 ? "0123456789abcdefABCDEF" :
	    "01234567";
	unsigned long long n;

	if (base == 0 || s[2] == '\0' || s[2 + strspn(s + 2, allowed)] != '\0')
		return false;
	errno = 0;
	n = strtoull(s + 2, NULL, base);
	if (errno != 0)
		return false;
	buf_addf(b, "%llu", n);
	return true;
}

/* ---------------------------------------------------------------- scalars */

static int
write_plain(struct conf *c, const char *s, size_t len, yaml_mark_t mark)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL",
	    NULL };
	static const char *const trues[] = { "true", "True", "TRUE", NULL };
	static const char *const falses[] = { "false", "False", "FALSE", NULL };
	static const char *const odd[] = { ".inf", ".Inf", ".INF", "-.inf",
	    "-.Inf", "-.INF", "+.inf", "+.Inf", "+.INF", ".nan", ".NaN",
	    ".NAN", NULL };
	struct buf number = BUF_INIT;

	if (is_one_of(s, odd))
		return conf_fail(c, mark, "not a finite number");
	if (is_one_of(s, nulls))
		json_w_null(&c->w);
	else if (is_one_of(s, trues))
		json_w_bool(&c->w, true);
	else if (is_one_of(s, falses))
		json_w_bool(&c->w, false);
	else if (write_decimal(&number, s) || write_based(&number, s))
		json_w_raw(&c->w, number.data, number.len);
	else
		json_w_strn(&c->w, s, len);
	buf_clear(&number);
	return 0;
}

/* A tag that says no more than the core schema does. */
static bool
is_core_tag(const char *tag)
{
	static const char *const core[] = { YAML_NULL_TAG, YAML_BOOL_TAG,
	    YAML_INT_TAG, YAML_FLOAT_TAG, YAML_STR_TAG, YAML_SEQ_TAG,
	    YAML_MAP_TAG, "!", NULL };

	return is_one_of(tag, core);
}

static int
check_node(struct conf *c, const yaml_char_t *anchor, const yaml_char_t *tag,
    yaml_mark_t mark)
{
	if (anchor != NULL)
		return conf_fail(c, mark, "anchors are not supported");
	if (tag != NULL && !is_core_tag((const char *)tag))
		return conf_fail(c, mark, "unknown tag");
	return 0;
}

static int
write_key(struct conf *c, const yaml_event_t *ev)
{
	const char *s = (const char *)ev->data.scalar.value;
	size_t len = ev->data.scalar.length;

	if (ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    strcmp(s, "<<") == 0)
		return conf_fail(c, ev->start_mark,
		    "merge keys are not supported");
	if (c->key_count == c->key_cap) {
		c->key_cap = c->key_cap == 0 ? 32 : 2 * c->key_cap;
		c->keys = xreallocarray(c->keys, c->key_cap, sizeof *c->keys);
	}
	c->keys[c->key_count++] = (struct key){ c->names.len, len,
	    ev->start_mark, &c->names };
	buf_add(&c->names, s, len);
	json_w_keyn(&c->w, s, len);
	return 0;
}

static struct level *
innermost(struct conf *c)
{
	return c->depth == 0 ? NULL : &c->levels[c->depth - 1];
}

static int
on_scalar(struct conf *c, const yaml_event_t *ev)
{
	const char *tag = (const char *)ev->data.scalar.tag;
	const char *s = (const char *)ev->data.scalar.value;
	struct level *level = innermost(c);

	if (check_node(c, ev->data.scalar.anchor, ev->data.scalar.tag,
	    ev->start_mark) == -1)
		return -1;
	if (level != NULL && level->mapping) {
		level->value = !level->value;
		if (level->value)
			return write_key(c, ev);
	}
	if (tag == NULL ? ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE :
	    strcmp(tag, "!") != 0 && strcmp(tag, YAML_STR_TAG) != 0)
		return write_plain(c, s, ev->data.scalar.length,
		    ev->start_mark);
	json_w_strn(&c->w, s, ev->data.scalar.length);
	return 0;
}

/* ------------------------------------------------------------- containers */

static int
open_level(struct conf *c, bool mapping, yaml_mark_t mark)
{
	struct level *level = innermost(c);

	if (level != NULL && level->mapping) {
		if (!level->value)
			return conf_fail(c, mark, "a key must be a word");
		level->value = false;
	}
	if (c->depth == JSON_DEPTH_MAX)
		return conf_fail(c, mark, "nested too deeply");
	c->levels[c->depth++] = (struct level){ .mapping = mapping,
	    .keys = c->key_count, .names = c->names.len };
	if (mapping)
		json_w_obj(&c->w);
	else
		json_w_arr(&c->w);
	return 0;
}

/* By length and bytes, equal ones in the order of the file. */
static int
key_cmp(const void *va, const void *vb)
{
	const struct key *a = va, *b = vb;
	int r;

	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	r = memcmp(a->names->data + a->at, b->names->data + b->at, a->len);
	if (r != 0)
		return r;
	return a->at < b->at ? -1 : a->at > b->at;
}

static int
check_duplicates(struct conf *c, const struct level *level)
{
	struct key *keys = c->keys + level->keys;
	size_t n = c->key_count - level->keys, i;

	if (n < 2)
		return 0;
	qsort(keys, n, sizeof *keys, key_cmp);
	for (i = 1; i < n; i++) {
		const char *name = c->names.data + keys[i].at;

		if (keys[i].len != keys[i - 1].len || memcmp(name,
		    c->names.data + keys[i - 1].at, keys[i].len) != 0)
			continue;
		return err_set(c->e, ERR_CONFIG, "%s:%zu:%zu: the key \"%.*s\" "
		    "stands in line %zu already", c->name,
		    c->line + keys[i].mark.line + 1, keys[i].mark.column + 1,
		    (int)keys[i].len, name,
		    c->line + keys[i - 1].mark.line + 1);
	}
	return 0;
}

static int
close_level(struct conf *c)
{
	struct level *level = innermost(c);

	if (level->mapping && check_duplicates(c, level) == -1)
		return -1;
	if (level->mapping)
		json_w_obj_end(&c->w);
	else
		json_w_arr_end(&c->w);
	c->key_count = level->keys;
	buf_cut(&c->names, level->names);
	c->depth--;
	return 0;
}

/* ----------------------------------------------------------------- events */

static int
on_event(struct conf *c, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (c->done)
			return conf_fail(c, ev->start_mark,
			    "more than one document");
		return 0;
	case YAML_DOCUMENT_END_EVENT:
		c->done = true;
		return 0;
	case YAML_ALIAS_EVENT:
		return conf_fail(c, ev->start_mark,
		    "aliases are not supported");
	case YAML_SCALAR_EVENT:
		return on_scalar(c, ev);
	case YAML_SEQUENCE_START_EVENT:
		if (check_node(c, ev->data.sequence_start.anchor,
		    ev->data.sequence_start.tag, ev->start_mark) == -1)
			return -1;
		return open_level(c, false, ev->start_mark);
	case YAML_MAPPING_START_EVENT:
		if (check_node(c, ev->data.mapping_start.anchor,
		    ev->data.mapping_start.tag, ev->start_mark) == -1)
			return -1;
		return open_level(c, true, ev->start_mark);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_level(c);
	default:
		return 0;
	}
}

/* The reader knows only an offset. */
static yaml_mark_t
mark_at(const struct conf *c, size_t offset)
{
	yaml_mark_t mark = { 0 };
	size_t i;

	for (i = 0; i < offset && i < c->len; i++) {
		mark.column++;
		if (c->text[i] == '\n') {
			mark.line++;
			mark.column = 0;
		}
	}
	return mark;
}

static int
parser_fail(struct conf *c)
{
	yaml_parser_t *p = &c->parser;
	const char *what = p->problem == NULL ? "not YAML" : p->problem;

	if (p->error == YAML_READER_ERROR)
		return conf_fail(c, mark_at(c, p->problem_offset), what);
	return conf_fail(c, p->problem_mark, what);
}

static int
read_events(struct conf *c)
{
	bool end = false;
	int r = 0;

	while (!end && r == 0) {
		yaml_event_t ev;

		if (!yaml_parser_parse(&c->parser, &ev))
			return parser_fail(c);
		end = ev.type == YAML_STREAM_END_EVENT;
		r = on_event(c, &ev);
		yaml_event_delete(&ev);
	}
	return r;
}

static struct json_doc *
parse_from_line(const char *text, size_t len, const char *name, size_t line,
    struct err *e)
{
	struct conf c = { .text = text, .len = len, .name = name,
	    .line = line, .json = BUF_INIT, .names = BUF_INIT, .e = e };
	struct json_doc *doc = NULL;

	if (!yaml_parser_initialize(&c.parser))
		fatal(__func__, "out of memory");
	yaml_parser_set_input_string(&c.parser, (const unsigned char *)text,
	    len);
	yaml_parser_set_encoding(&c.parser, YAML_UTF8_ENCODING);
	json_w_init(&c.w, &c.json);
	if (read_events(&c) == 0) {
		if (!c.done)
			json_w_null(&c.w);
		doc = json_parse(c.json.data, c.json.len, 0, e);
	}
	yaml_parser_delete(&c.parser);
	buf_clear(&c.json);
	buf_clear(&c.names);
	free(c.keys);
	return doc;
}

struct json_doc *
conf_parse(const char *text, size_t len, const char *name, struct err *e)
{
	return parse_from_line(text, len, name, 0, e);
}

struct json_doc *
conf_read(const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_doc *doc = NULL;

	if (buf_read_file(&b, path, CONF_FILE_MAX, e) == 0)
		doc = conf_parse(b.data, b.len, path, e);
	buf_clear(&b);
	return doc;
}

/* ----------------------------------------------------------- front matter */

/* Where the line after the one at s begins, if that is only "---". */
static const char *
after_rule(const char *s, const char *end)
{
	if (end - s < 3 || memcmp(s, "---", 3) != 0)
		return NULL;
	for (s += 3; s < end && (*s == ' ' || *s == '\t' || *s == '\r'); s++)
		continue;
	if (s == end)
		return s;
	return *s == '\n' ? s + 1 : NULL;
}

int
conf_front_matter(const char *text, size_t len, const char *name,
    struct json_doc **out, const char **body, struct err *e)
{
	const char *end = text + len, *start, *line, *rest = NULL;
	const struct json *root;

	*out = NULL;
	*body = text;
	start = after_rule(text, end);
	if (start == NULL)
		return 0;
	for (line = start; line != NULL && line < end; line++) {
		rest = after_rule(line, end);
		if (rest != NULL)
			break;
		line = memchr(line, '\n', (size_t)(end - line));
		if (line == NULL)
			break;
	}
	if (rest == NULL)
		return err_set(e, ERR_CONFIG, "%s:1:1: front matter without "
		    "an end", name);
	*out = parse_from_line(start, (size_t)(line - start), name, 1, e);
	if (*out == NULL)
		return -1;
	root = json_root(*out);
	if (json_is_set(root) && !json_is(root, JSON_OBJECT)) {
		json_doc_free(*out);
		*out = NULL;
		return err_set(e, ERR_CONFIG, "%s:2:1: front matter must be "
		    "keys and values", name);
	}
	*body = rest;
	return 0;
}
