/* SPDX-License-Identifier: GPL-3.0-or-later */
/* metadata.c - message metadata, merged as the original merges it */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "wire/message_priv.h"

/*
 * The original spreads the old value into a new object ({...base}) and then
 * sets the keys of the new one. Both may be anything in JavaScript: strings
 * and arrays have the index keys "0", "1", ..., numbers and booleans none.
 * An entry is one such key; its value is borrowed, or for a string one UTF-16
 * unit, written out here.
 */
struct entry {
	const char *name;
	size_t len;
	const struct json *value;	/* NULL: unit */
	char name_room[24];
	char unit[4];
	size_t unit_len;
};

struct entries {
	struct entry *list;
	struct entry **by_name;
	size_t count;
};

static struct entry *
add_entry(struct entries *es)
{
	struct entry *en = &es->list[es->count++];

	memset(en, 0, sizeof *en);
	return en;
}

static void
name_by_index(struct entries *es)
{
	size_t i;

	/* only now: the list has reached its place */
	for (i = 0; i < es->count; i++) {
		es->list[i].len = (size_t)snprintf(es->list[i].name_room,
		    sizeof es->list[i].name_room, "%zu", i);
		es->list[i].name = es->list[i].name_room;
	}
}

static void
spread_string(struct entries *es, const char *s, size_t len)
{
	struct entry *en;
	uint32_t cp;
	size_t i, n;

	es->list = xreallocarray(NULL, utf8_units(s, len) + 1,
	    sizeof *es->list);
	for (i = 0; i < len; i += n) {
		n = utf8_decode_wtf(s + i, len - i, &cp);
		en = add_entry(es);
		if (cp >= 0x10000) {
			en->unit_len = utf8_encode(
			    0xd800 + ((cp - 0x10000) >> 10), en->unit);
			en = add_entry(es);
			cp = 0xdc00 + ((cp - 0x10000) & 0x3ff);
		}
		en->unit_len = utf8_encode(cp, en->unit);
	}
	name_by_index(es);
}

static void
spread_value(struct entries *es, const struct json *v)
{
	const struct json *m;
	struct entry *en;

	if (json_is(v, JSON_STRING)) {
		spread_string(es, json_str(v), json_len(v));
		return;
	}
	if (!json_is(v, JSON_OBJECT) && !json_is(v, JSON_ARRAY))
		return;
	es->list = xreallocarray(NULL, json_len(v) + 1, sizeof *es->list);
	JSON_EACH(m, v) {
		en = add_entry(es);
		en->value = m;
		en->name = json_name(m);
		en->len = json_name_len(m);
	}
	if (json_is(v, JSON_ARRAY))
		name_by_index(es);
}

static int
entry_cmp(const struct entry *a, const struct entry *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->name, b->name, a->len);
}

static int
by_name_cmp(const void *a, const void *b)
{
	return entry_cmp(*(struct entry *const *)a, *(struct entry *const *)b);
}

static void
spread(struct entries *es, const struct json *v)
{
	size_t i;

	*es = (struct entries){ .count = 0 };
	spread_value(es, v);
	es->by_name = xreallocarray(NULL, es->count + 1,
	    sizeof *es->by_name);
	for (i = 0; i < es->count; i++)
		es->by_name[i] = &es->list[i];
	qsort(es->by_name, es->count, sizeof *es->by_name, by_name_cmp);
}

static void
entries_free(struct entries *es)
{
	free(es->list);
	free(es->by_name);
}

static bool
is_skipped(const struct entry *en)
{
	static const char *const names[] = {
		"__proto__", "constructor", "prototype"
	};
	size_t i;

	for (i = 0; i < NELEM(names); i++)
		if (en->len == strlen(names[i]) &&
		    memcmp(en->name, names[i], en->len) == 0)
			return true;
	return false;
}

static const struct entry *
find_entry(const struct entries *es, const struct entry *like)
{
	struct entry **found = bsearch(&like, es->by_name, es->count,
	    sizeof *es->by_name, by_name_cmp);

	return found == NULL ? NULL : *found;
}

static void
write_entry(struct json_w *w, const struct entry *en)
{
	json_w_keyn(w, en->name, en->len);
	if (en->value != NULL)
		json_w_value(w, en->value);
	else
		json_w_strn(w, en->unit, en->unit_len);
}

static void	merge(const struct json *, const struct json *,
		    struct json_w *);

static void
write_merged(const struct entry *base, const struct entry *over,
    struct json_w *w)
{
	if (!json_is(base->value, JSON_OBJECT) ||
	    !json_is(over->value, JSON_OBJECT)) {
		write_entry(w, over);
		return;
	}
	json_w_keyn(w, base->name, base->len);
	merge(base->value, over->value, w);
}

static void
merge(const struct json *base, const struct json *over, struct json_w *w)
{
	struct entries b, o;
	const struct entry *other;
	size_t i;

	spread(&b, base);
	spread(&o, over);
	json_w_obj(w);
	for (i = 0; i < b.count; i++) {
		other = is_skipped(&b.list[i]) ? NULL :
		    find_entry(&o, &b.list[i]);
		if (other == NULL)
			write_entry(w, &b.list[i]);
		else
			write_merged(&b.list[i], other, w);
	}
	for (i = 0; i < o.count; i++)
		if (!is_skipped(&o.list[i]) &&
		    find_entry(&b, &o.list[i]) == NULL)
			write_entry(w, &o.list[i]);
	json_w_obj_end(w);
	entries_free(&b);
	entries_free(&o);
}

/* "in" wants an object on its right side; it is asked for each key. */
static bool
would_throw(const struct json *base, const struct json *over)
{
	struct entries o;
	bool some = false;
	size_t i;

	if (json_is(base, JSON_OBJECT) || json_is(base, JSON_ARRAY))
		return false;
	spread(&o, over);
	for (i = 0; i < o.count; i++)
		some = some || !is_skipped(&o.list[i]);
	entries_free(&o);
	return some;
}

int
metadata_merge(const char *base, const struct json *over, char **out,
    struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_doc *doc = NULL;
	struct json_w w;
	int status = -1;

	if (base != NULL) {
		doc = json_parse(base, strlen(base), JSON_REPLACE_UTF8, e);
		if (doc == NULL)
			return -1;
	}
	if (!json_is_set(json_root(doc))) {
		*out = json_text(over);
		status = 0;
	} else if (would_throw(json_root(doc), over)) {
		err_set(e, ERR_INPUT,
		    "chunk: metadata does not fit the message's");
	} else {
		json_w_init(&w, &b);
		merge(json_root(doc), over, &w);
		*out = buf_take(&b);
		status = 0;
	}
	json_doc_free(doc);
	return status;
}
