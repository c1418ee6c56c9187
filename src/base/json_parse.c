/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_parse.c - JSON text to a document */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_priv.h"
#include "base/mem.h"
#include "base/utf8.h"

struct block {
	struct block *next;
	struct json nodes[];
};

struct json_doc {
	struct json *root;
	const char *text;	/* our copy of it */
	size_t len;
	struct block *blocks;
	struct json *last;	/* element of root; NULL: none, or not sought */
	struct json_doc *joined;	/* the newest */
	struct json_doc *below;		/* joined before this one */
	struct json *before;	/* the last element when this one came */
	struct json nodes[];
};

enum {
	NODES_FIRST_MAX = 256,	/* nodes that come with the document */
	BLOCK_NODES_MAX = 8192,
	PAD = 8,		/* zeros behind the text */
};

/* An open container, and where its next child is to be hung. */
struct frame {
	struct json *node;
	struct json **tail;
	uint64_t keys;		/* a bit for each, which others may share */
	bool again;		/* one came whose bit was set */
};

/*
 * The text is read in its copy, which the document keeps, and strings stay in
 * their places. Behind it are zeros, at which every loop stops.
 */
struct parse {
	char *p, *end, *text;
	char *out;		/* behind what the open string says */
	char *number_end;	/* gets its NUL when what is there was read */
	struct json_doc *doc;
	struct json *free, *free_end;
	size_t nodes, block_nodes;
	const char *name;	/* of the member whose value comes */
	uint32_t name_len;
	unsigned flags;
	bool suspect;		/* a key that JSON_REFUSE_PROTO looks for */
	struct err *e;
	size_t depth;
	struct frame stack[JSON_DEPTH_MAX];
};

enum state {
	STATE_VALUE,		/* a value must come */
	STATE_FIRST_ELEMENT,	/* a value or "]" */
	STATE_FIRST_KEY,	/* a key or "}" */
	STATE_KEY,
	STATE_AFTER,		/* "," or the end of the container */
	STATE_DONE,
	STATE_FAILED,
};

static enum state
parse_fail(struct parse *p, const char *what)
{
	err_set(p->e, ERR_INPUT, "invalid JSON at byte %zu: %s",
	    (size_t)(p->p - p->text), p->p == p->end ? "unexpected end" :
	    what);
	return STATE_FAILED;
}

/* The next byte that is not blank, not taken; -1 at the end. */
static inline int
peek(struct parse *p)
{
	for (;; p->p++) {
		unsigned char c = (unsigned char)*p->p;

		if (c > ' ')
			return c;
		if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
			return p->p == p->end ? -1 : c;
	}
}

static void
block_new(struct parse *p)
{
	struct block *block;

	if (p->block_nodes < BLOCK_NODES_MAX)
		p->block_nodes *= 2;
	block = xmalloc(sizeof *block +
	    p->block_nodes * sizeof block->nodes[0]);
	block->next = p->doc->blocks;
	p->doc->blocks = block;
	p->free = block->nodes;
	p->free_end = p->free + p->block_nodes;
}

/* A node in its place in the open container, or as the root. */
static inline struct json *
node_new(struct parse *p, enum json_type type)
{
	struct json *v;

	if (p->nodes == JSON_NODES_MAX) {
		err_set(p->e, ERR_TOO_BIG, "JSON with more than %d values",
		    JSON_NODES_MAX);
		return NULL;
	}
	if (p->free == p->free_end)
		block_new(p);
	p->nodes++;
	v = p->free++;
	*v = (struct json){ .name = p->name, .name_len = p->name_len,
	    .type = (uint8_t)type };
	p->name = NULL;
	p->name_len = 0;
	if (p->depth == 0) {
		p->doc->root = v;
	} else {
		struct frame *top = &p->stack[p->depth - 1];

		*top->tail = v;
		top->tail = &v->next;
		top->node->len++;
	}
	return v;
}

/* ---------------------------------------------------------------- strings */

/*
 * A low half behind a high one, each raw or escaped, makes one character:
 * the three bytes of the high one in the pool give way.
 */
static void
put_cp(struct parse *p, const char *start, uint32_t cp)
{
	const unsigned char *o = (const unsigned char *)p->out;

	if (cp >= 0xdc00 && cp <= 0xdfff && p->out - start >= 3 &&
	    o[-3] == 0xed && o[-2] >= 0xa0 && o[-2] < 0xb0) {
		uint32_t high = (o[-2] & 0x0fu) << 6 | (o[-1] & 0x3fu);

		p->out -= 3;
		cp = 0x10000 + (high << 10) + (cp - 0xdc00);
	}
	p->out += utf8_encode(cp, p->out);
}

static int
parse_hex4(struct parse *p, uint32_t *cp)
{
	uint32_t v = 0;
	int i;

	if (p->end - p->p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		char c = *p->p++;

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			v = v << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	*cp = v;
	return 0;
}

/* p->p is at the backslash. */
static int
parse_escape(struct parse *p, const char *start)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	uint32_t cp;

	if (++p->p == p->end)
		return -1;
	if (*p->p == 'u') {
		p->p++;
		if (parse_hex4(p, &cp) == -1)
			return -1;
		put_cp(p, start, cp);
		return 0;
	}
	at = memchr(from, *p->p, sizeof from - 1);
	if (at == NULL)
		return -1;
	p->p++;
	*p->out++ = to[at - from];
	return 0;
}

static int
parse_multibyte(struct parse *p, const char *start)
{
	size_t len = (size_t)(p->end - p->p), n;
	uint32_t cp;

	n = (p->flags & JSON_TAKE_WTF8) ? utf8_decode_wtf(p->p, len, &cp) :
	    utf8_decode(p->p, len, &cp);
	if (cp == UTF8_REPLACEMENT &&
	    (n != 3 || memcmp(p->p, "\xef\xbf\xbd", 3) != 0))
		return -1;
	put_cp(p, start, cp);
	p->p += n;
	return 0;
}

#define ONES		0x0101010101010101u
#define HIGHS		0x8080808080808080u
#define HAS_ZERO(x)	(((x) - ONES) & ~(x) & HIGHS)

/* Which bytes of w do not stand for themselves: the lowest bit set is right,
 * those above it may be borrowed. */
static uint64_t
special_bytes(uint64_t w)
{
	return (w & HIGHS) | ((w - ONES * 0x20) & ~w & HIGHS) |
	    HAS_ZERO(w ^ ONES * '"') | HAS_ZERO(w ^ ONES * '\\');
}

/* What stands for itself: no control, no quote, no backslash, ASCII. */
static inline char *
skip_plain(char *s)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t w, special;

	for (;; s += sizeof w) {
		memcpy(&w, s, sizeof w);
		special = special_bytes(w);
		if (special != 0)
			return s + __builtin_ctzll(special) / 8;
	}
#else
	while (*s >= 0x20 && *s <= 0x7f && *s != '"' && *s != '\\')
		s++;
	return s;
#endif
}

/* Only behind an escape, which is longer than what it says, must it move. */
static inline void
take_plain(struct parse *p)
{
	char *s = skip_plain(p->p);
	size_t n = (size_t)(s - p->p);

	if (p->out != p->p)
		memmove(p->out, p->p, n);
	p->out += n;
	p->p = s;
}

static enum state
parse_special(struct parse *p, const char *start)
{
	unsigned char c = (unsigned char)*p->p;

	if (p->p == p->end)
		return parse_fail(p, "");
	if (c < 0x20)
		return parse_fail(p, "control character in a string");
	if (c == '\\' && parse_escape(p, start) == -1)
		return parse_fail(p, "unknown escape");
	if (c >= 0x80 && parse_multibyte(p, start) == -1)
		return parse_fail(p, "not UTF-8");
	return STATE_VALUE;
}

/* p->p is behind the opening quote. */
static inline int
parse_string(struct parse *p, const char **s, uint32_t *len)
{
	char *start = p->p;

	p->out = start;
	for (;;) {
		take_plain(p);
		if (*p->p == '"')
			break;
		if (parse_special(p, start) == STATE_FAILED)
			return -1;
	}
	p->p++;
	*s = start;
	*len = (uint32_t)(p->out - start);
	*p->out = '\0';
	return 0;
}

/* ---------------------------------------------------------------- scalars */

/* Take digits; false if there are none. */
static bool
take_digits(struct parse *p)
{
	const char *start = p->p;

	while (*p->p >= '0' && *p->p <= '9')
		p->p++;
	return p->p > start;
}

static bool
take(struct parse *p, char c)
{
	if (*p->p != c)
		return false;
	p->p++;
	return true;
}

static bool
take_number(struct parse *p)
{
	take(p, '-');
	if (!take(p, '0') && !take_digits(p))
		return false;
	if (take(p, '.') && !take_digits(p))
		return false;
	if (take(p, 'e') || take(p, 'E')) {
		if (!take(p, '+'))
			take(p, '-');
		return take_digits(p);
	}
	return true;
}

static enum state
parse_number(struct parse *p)
{
	const char *start = p->p;
	struct json *v;

	if (!take_number(p))
		return parse_fail(p, "a value is wanted");
	if ((v = node_new(p, JSON_NUMBER)) == NULL)
		return STATE_FAILED;
	v->u.str = start;
	v->len = (uint32_t)(p->p - start);
	p->number_end = p->p;
	return STATE_AFTER;
}

static inline enum state
parse_literal(struct parse *p, const char *word, enum json_type type)
{
	size_t n = strlen(word);

	if (memcmp(p->p, word, n) != 0)	/* the zeros are no letters */
		return parse_fail(p, "no value");
	p->p += n;
	return node_new(p, type) == NULL ? STATE_FAILED : STATE_AFTER;
}

/* ------------------------------------------------------------- containers */

static inline enum state
parse_open(struct parse *p, enum json_type type)
{
	struct json *v;

	if (p->depth == JSON_DEPTH_MAX)
		return parse_fail(p, "nested too deeply");
	if ((v = node_new(p, type)) == NULL)
		return STATE_FAILED;
	p->p++;
	p->stack[p->depth++] = (struct frame){ v, &v->u.first, 0, false };
	return type == JSON_ARRAY ? STATE_FIRST_ELEMENT : STATE_FIRST_KEY;
}

/* Give first the value of again, which a later pass unlinks by its name. */
static void
member_replace(struct json *first, struct json *again)
{
	first->type = again->type;
	first->len = again->len;
	first->u = again->u;
	again->name = NULL;
}

static void
members_unlink(struct json *obj)
{
	struct json **at = &obj->u.first;

	while (*at != NULL) {
		if ((*at)->name != NULL) {
			at = &(*at)->next;
			continue;
		}
		*at = (*at)->next;
		obj->len--;
	}
}

static bool
large_unify(struct json *obj)
{
	struct json_slot *slots = json_sorted(obj);
	struct json *first = slots[0].node;
	bool found = false;
	size_t i;

	for (i = 1; i < obj->len; i++) {
		if (json_same_name(first, slots[i].node)) {
			member_replace(first, slots[i].node);
			found = true;
		} else {
			first = slots[i].node;
		}
	}
	free(slots);
	return found;
}

static bool
small_unify(struct json *obj)
{
	struct json *v, *w;
	bool found = false;

	for (v = obj->u.first; v != NULL; v = v->next) {
		if (v->name == NULL)
			continue;
		for (w = v->next; w != NULL; w = w->next) {
			if (w->name == NULL || !json_same_name(v, w))
				continue;
			member_replace(v, w);
			found = true;
		}
	}
	return found;
}

/*
 * Of duplicate keys the last value wins, at the first one's place. Many keys
 * are sorted, not hashed: nobody can choose keys that make it slow.
 */
static inline enum state
parse_close(struct parse *p)
{
	const struct frame *top = &p->stack[--p->depth];
	struct json *v = top->node;

	p->p++;
	if (top->again &&
	    (v->len > JSON_SMALL ? large_unify(v) : small_unify(v)))
		members_unlink(v);
	return STATE_AFTER;
}

/* ----------------------------------------------------------------- states */

static inline enum state
state_value(struct parse *p)
{
	struct json *v;

	switch (peek(p)) {
	case '"':
		p->p++;
		if ((v = node_new(p, JSON_STRING)) == NULL ||
		    parse_string(p, &v->u.str, &v->len) == -1)
			return STATE_FAILED;
		return STATE_AFTER;
	case '{':
		return parse_open(p, JSON_OBJECT);
	case '[':
		return parse_open(p, JSON_ARRAY);
	case 't':
		return parse_literal(p, "true", JSON_TRUE);
	case 'f':
		return parse_literal(p, "false", JSON_FALSE);
	case 'n':
		return parse_literal(p, "null", JSON_NULL);
	}
	return parse_number(p);
}

static inline enum state
state_first_element(struct parse *p)
{
	return peek(p) == ']' ? parse_close(p) : state_value(p);
}

static bool
name_is(const struct parse *p, const char *name)
{
	return p->name_len == strlen(name) &&
	    memcmp(p->name, name, p->name_len) == 0;
}

/* The same keys have the same bit. */
static inline void
note_key(struct parse *p)
{
	struct frame *top = &p->stack[p->depth - 1];
	const unsigned char *s = (const unsigned char *)p->name;
	unsigned n = p->name_len;
	unsigned mix = n == 0 ? 0 : n * 7 + s[0] + s[n - 1] * 3u + s[n / 2] * 5u;
	uint64_t bit = (uint64_t)1 << (mix & 63);

	top->again = top->again || (top->keys & bit) != 0;
	top->keys |= bit;
}

static inline enum state
state_key(struct parse *p)
{
	if (peek(p) != '"')
		return parse_fail(p, "a key is wanted");
	p->p++;
	if (parse_string(p, &p->name, &p->name_len) == -1)
		return STATE_FAILED;
	if (peek(p) != ':')
		return parse_fail(p, "\":\" is wanted");
	p->p++;
	note_key(p);
	if (name_is(p, "__proto__") || name_is(p, "constructor"))
		p->suspect = true;
	return STATE_VALUE;
}

static inline enum state
state_first_key(struct parse *p)
{
	return peek(p) == '}' ? parse_close(p) : state_key(p);
}

static inline enum state
state_after(struct parse *p)
{
	int c = peek(p);
	bool object;

	if (p->number_end != NULL) {
		*p->number_end = '\0';
		p->number_end = NULL;
	}
	if (p->depth == 0)
		return c == -1 ? STATE_DONE :
		    parse_fail(p, "text behind the value");
	object = p->stack[p->depth - 1].node->type == JSON_OBJECT;
	if (c == ',') {
		p->p++;
		return object ? STATE_KEY : STATE_VALUE;
	}
	if (c == (object ? '}' : ']'))
		return parse_close(p);
	return parse_fail(p, object ? "\",\" or \"}\" is wanted" :
	    "\",\" or \"]\" is wanted");
}

static enum state
parse_all(struct parse *p)
{
	enum state state = STATE_VALUE;

	for (;;)
		switch (state) {
		case STATE_VALUE:
			state = state_value(p);
			break;
		case STATE_FIRST_ELEMENT:
			state = state_first_element(p);
			break;
		case STATE_FIRST_KEY:
			state = state_first_key(p);
			break;
		case STATE_KEY:
			state = state_key(p);
			break;
		case STATE_AFTER:
			state = state_after(p);
			break;
		default:
			return state;
		}
}

/* ui-message-stream 1.2; what a duplicate key has replaced does not count */
static bool
has_proto(const struct json *v)
{
	const struct json *child;

	if (json_get(v, "__proto__") != NULL ||
	    json_get(json_get(v, "constructor"), "prototype") != NULL)
		return true;
	JSON_EACH(child, v)
		if (has_proto(child))
			return true;
	return false;
}

static void
doc_new(struct parse *p, const char *text, size_t len)
{
	struct json_doc *doc;

	p->block_nodes = len / 16 + 4;
	if (p->block_nodes > NODES_FIRST_MAX)
		p->block_nodes = NODES_FIRST_MAX;
	doc = xmalloc(sizeof *doc + p->block_nodes * sizeof doc->nodes[0] +
	    len + PAD);
	doc->root = doc->last = doc->before = NULL;
	doc->joined = doc->below = NULL;
	doc->blocks = NULL;
	p->doc = doc;
	p->free = doc->nodes;
	p->free_end = p->free + p->block_nodes;
	p->text = p->p = (char *)p->free_end;
	p->end = p->text + len;
	if (len > 0)
		memcpy(p->text, text, len);
	memset(p->end, 0, PAD);
	doc->text = p->text;
	doc->len = len;
}

static struct json_doc *
parse_text(const char *text, size_t len, unsigned flags, struct err *e)
{
	struct parse p;
	enum state state;

	if (len >= UINT32_MAX) {
		err_set(e, ERR_TOO_BIG, "JSON of %zu bytes", len);
		return NULL;
	}
	/* not = { 0 }: the stack is large and need not be cleared */
	p.nodes = p.depth = 0;
	p.name = p.number_end = NULL;
	p.name_len = 0;
	p.flags = flags;
	p.suspect = false;
	p.e = e;
	doc_new(&p, text, len);
	state = parse_all(&p);
	if (state == STATE_DONE && p.suspect && (flags & JSON_REFUSE_PROTO) &&
	    has_proto(p.doc->root)) {
		err_set(e, ERR_INPUT, "JSON with a forbidden key (__proto__ "
		    "or constructor.prototype)");
		state = STATE_FAILED;
	}
	if (state == STATE_FAILED) {
		json_doc_free(p.doc);
		return NULL;
	}
	return p.doc;
}

struct json_doc *
json_parse(const char *text, size_t len, unsigned flags, struct err *e)
{
	struct buf clean = BUF_INIT;
	struct json_doc *doc;

	if (!(flags & JSON_REPLACE_UTF8) || utf8_valid(text, len))
		return parse_text(text, len, flags, e);
	utf8_add_valid(&clean, text, len);
	doc = parse_text(clean.data, clean.len, flags, e);
	buf_clear(&clean);
	return doc;
}

void
json_doc_free(struct json_doc *doc)
{
	struct block *block, *next;

	if (doc == NULL)
		return;
	while (doc->joined != NULL)
		json_unjoin(doc);
	for (block = doc->blocks; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	free(doc);
}

const struct json *
json_root(const struct json_doc *doc)
{
	return doc == NULL ? NULL : doc->root;
}

const char *
json_source(const struct json_doc *doc, const struct json *v,
    const char *text, size_t len)
{
	const char *s = json_str(v);
	size_t at;

	if (s == NULL || len != doc->len)
		return NULL;
	at = (size_t)(s - doc->text);
	if (memcmp(text + at, s, v->len) != 0 ||
	    (v->type == JSON_STRING && text[at + v->len] != '"'))
		return NULL;
	return text + at;
}

static struct json *
last_from(struct json *v)
{
	while (v != NULL && v->next != NULL)
		v = v->next;
	return v;
}

void
json_join(struct json_doc *doc, struct json_doc *more)
{
	struct json *first = more->root->u.first;

	assert(doc->root->type == JSON_ARRAY);
	assert(more->root->type == JSON_ARRAY);
	if (doc->last == NULL)
		doc->last = last_from(doc->root->u.first);
	more->before = doc->last;
	more->below = doc->joined;
	doc->joined = more;
	if (doc->last != NULL)
		doc->last->next = first;
	else
		doc->root->u.first = first;
	if (first != NULL)
		doc->last = last_from(first);
	doc->root->len += more->root->len;
}

void
json_unjoin(struct json_doc *doc)
{
	struct json_doc *more = doc->joined;

	doc->joined = more->below;
	doc->last = more->before;
	if (doc->last != NULL)
		doc->last->next = NULL;
	else
		doc->root->u.first = NULL;
	doc->root->len -= more->root->len;
	json_doc_free(more);
}
