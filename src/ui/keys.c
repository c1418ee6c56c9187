/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys.c - the table of keys, and the parser that reads it */

#include "config.h"

#include <string.h>

#include "base/attr.h"
#include "base/utf8.h"
#include "ui/keys.h"

#define PASTE_END "\033[201~"

enum {
	SEQ_MAX = 256,		/* of an escape sequence we wait for */
	WHEEL_MIN = 3,		/* arrows in one read: the wheel (DECSET 1007) */
};

static const struct {
	const char *name, *help;
} words[KEY_COUNT] = {
#define X(id, name, help) { name, help },
	KEYS(X)
#undef X
};

static const struct {
	const char *seq;
	enum key key;
} table[] = {
	{ "\r", KEY_ENTER },
	{ "\n", KEY_NEWLINE },
	{ "\t", KEY_TAB },
	{ "\003", KEY_CTRL_C },
	{ "\004", KEY_CTRL_D },
	{ "\014", KEY_REDRAW },
	{ "\017", KEY_OUTPUT },
	{ "\024", KEY_REASONING },
	{ "\032", KEY_SUSPEND },
	{ "\030s", KEY_SESSIONS },
	{ "\030h", KEY_HELP },
	{ "\030t", KEY_TAKE },
	{ "\030\005", KEY_EDITOR },
	{ "\033\r", KEY_NEWLINE },
	{ "\033\n", KEY_NEWLINE },
	{ "\033[13;2u", KEY_NEWLINE },
	{ "\033[13;3u", KEY_NEWLINE },
	{ "\033[13;5u", KEY_NEWLINE },
	{ "\033[27;2;13~", KEY_NEWLINE },
	{ "\033[27;3;13~", KEY_NEWLINE },
	{ "\033[27;5;13~", KEY_NEWLINE },
	{ "\033[27u", KEY_ESC },
	{ "\033[A", KEY_UP }, { "\033OA", KEY_UP },
	{ "\033[B", KEY_DOWN }, { "\033OB", KEY_DOWN },
	{ "\033[C", KEY_RIGHT }, { "\033OC", KEY_RIGHT },
	{ "\033[D", KEY_LEFT }, { "\033OD", KEY_LEFT },
	{ "\033[5~", KEY_PAGE_UP },
	{ "\033[6~", KEY_PAGE_DOWN },
	{ "\033[H", KEY_HOME }, { "\033OH", KEY_HOME },
	{ "\033[1~", KEY_HOME }, { "\033[7~", KEY_HOME },
	{ "\033[F", KEY_END }, { "\033OF", KEY_END },
	{ "\033[4~", KEY_END }, { "\033[8~", KEY_END },
	{ "\033[Z", KEY_MODE },
	{ "\033[5;3~", KEY_SESSION_PREV },
	{ "\033[6;3~", KEY_SESSION_NEXT },
	{ "\033OP", KEY_HELP }, { "\033[11~", KEY_HELP },
	{ "\033[[A", KEY_HELP }, { "\033[P", KEY_HELP },
	{ "\033[I", KEY_FOCUS_IN },
	{ "\033[O", KEY_FOCUS_OUT },
};

const char *
key_name(enum key key)
{
	return words[key].name;
}

const char *
key_help(enum key key)
{
	return words[key].help;
}

void
keys_init(struct keys *k)
{
	buf_init(&k->pending);
	k->pasting = false;
}

void
keys_clear(struct keys *k)
{
	buf_clear(&k->pending);
	k->pasting = false;
}

/* Bytes of a whole CSI (ESC [ ... final) at s, 0 if more must come. */
static size_t
csi_len(const char *s, size_t len)
{
	size_t i = 2;

	if (len > 3 && s[2] == '[')	/* F1 of the Linux console */
		return 4;
	if (len > 2 && s[2] == '[')
		return 0;
	for (; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || (unsigned char)s[i] >= 0x40)
			return i + 1;
	return len > SEQ_MAX ? len : 0;
}

/* Of a string sequence (OSC, DCS), which ends at BEL or ST. */
static size_t
string_len(const char *s, size_t len)
{
	for (size_t i = 2; i < len; i++) {
		if (s[i] == '\a')
			return i + 1;
		if (s[i] == '\033' && i + 1 < len)
			return i + 2;
	}
	return len > SEQ_MAX * 16 ? len : 0;
}

/* Of what begins at s; 0: more must come. */
static size_t
unit_len(const char *s, size_t len)
{
	if (s[0] == '\030')
		return len > 1 ? 2 : 0;
	if (s[0] != '\033')
		return 1;
	if (len < 2)
		return 0;
	switch (s[1]) {
	case '[':
		return csi_len(s, len);
	case 'O':
		return len > 2 ? 3 : 0;
	case ']':
	case 'P':
		return string_len(s, len);
	case '\033':
	case '\030':	/* begins a sequence of its own */
		return 1;
	default:
		return 2;
	}
}

static bool
lookup(struct key_event *ev)
{
	for (size_t i = 0; i < NELEM(table); i++)
		if (strlen(table[i].seq) == ev->len &&
		    memcmp(table[i].seq, ev->bytes, ev->len) == 0) {
			ev->key = table[i].key;
			return true;
		}
	if (ev->len == 2 && ev->bytes[0] == '\033' && ev->bytes[1] >= '1' &&
	    ev->bytes[1] <= '9') {
		ev->key = KEY_SESSION_N;
		ev->n = ev->bytes[1] - '0';
		return true;
	}
	if (ev->len == 1 && ev->bytes[0] == '\033') {
		ev->key = KEY_ESC;
		return true;
	}
	return false;
}

/* Plain text at s: up to the next byte that means something. */
static size_t
text_len(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && (unsigned char)s[n] >= 0x20)
		n++;
	return n;
}

static void
give(const char *s, size_t len, keys_fn *fn, void *arg)
{
	struct key_event ev = { .key = KEY_BYTES, .bytes = s, .len = len };

	if (len > 5 && memcmp(s, "\033]11;", 5) == 0)
		ev.key = KEY_BACKGROUND;
	else if (len > 2 && s[0] == '\033' && (s[1] == ']' || s[1] == 'P'))
		return;		/* an answer to nobody's question */
	else
		lookup(&ev);
	fn(&ev, arg);
}

/* What is pasted has lines that end in \n and no end of its own. */
static void
give_paste(struct keys *k, size_t len, keys_fn *fn, void *arg)
{
	struct key_event ev = { .key = KEY_PASTE };
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < len; i++) {
		char c = k->pending.data[i];

		if (c == '\r' && i + 1 < len && k->pending.data[i + 1] == '\n')
			continue;
		buf_addc(&text, c == '\r' ? '\n' : c);
	}
	ev.bytes = text.data;
	ev.len = utf8_prefix(text.data, text.len, KEYS_PASTE_MAX);
	ev.cut = ev.len < text.len;
	if (ev.len > 0)
		fn(&ev, arg);
	buf_clear(&text);
}

/* One step inside a paste; false: its end is not there yet. */
static bool
step_paste(struct keys *k, keys_fn *fn, void *arg)
{
	const char *end = memmem(k->pending.data, k->pending.len, PASTE_END,
	    strlen(PASTE_END));

	if (end == NULL)
		return false;
	size_t len = (size_t)(end - k->pending.data);
	k->pasting = false;
	give_paste(k, len, fn, arg);
	buf_drop(&k->pending, len + strlen(PASTE_END));
	return true;
}

static bool
step(struct keys *k, keys_fn *fn, void *arg)
{
	const char *s = k->pending.data;
	size_t n;

	if (k->pasting)
		return step_paste(k, fn, arg);
	n = text_len(s, k->pending.len);
	if (n == 0)
		n = unit_len(s, k->pending.len);
	if (n == 0)
		return false;
	if (n == 6 && memcmp(s, "\033[200~", 6) == 0) {
		k->pasting = true;
		buf_drop(&k->pending, n);
		return true;
	}
	/* fn may feed more, so what it gets must not be ours */
	char copy[SEQ_MAX];
	if (n > sizeof(copy))
		n = text_len(s, k->pending.len) > 0 ?
		    sizeof(copy) - 4 : sizeof(copy);
	memcpy(copy, s, n);
	buf_drop(&k->pending, n);
	give(copy, n, fn, arg);
	return true;
}

/*
 * Terminals make arrows of the wheel on the alternate screen, several at
 * once; a finger makes one. So the mouse needs no reports, and selecting
 * stays the terminal's.
 */
static bool
is_wheel(const char *p, size_t len, struct key_event *ev)
{
	size_t n = len / 3;

	if (n < WHEEL_MIN || len % 3 != 0 || p[0] != '\033')
		return false;
	for (size_t i = 1; i < n; i++)
		if (memcmp(p, p + 3 * i, 3) != 0)
			return false;
	ev->bytes = p;
	ev->len = 3;
	if (!lookup(ev) || (ev->key != KEY_UP && ev->key != KEY_DOWN))
		return false;
	ev->key = ev->key == KEY_UP ? KEY_WHEEL_UP : KEY_WHEEL_DOWN;
	ev->n = (int)n;
	return true;
}

void
keys_feed(struct keys *k, const char *p, size_t len, keys_fn *fn, void *arg)
{
	struct key_event wheel = { .key = KEY_BYTES };

	if (k->pending.len == 0 && !k->pasting && is_wheel(p, len, &wheel)) {
		fn(&wheel, arg);
		return;
	}
	buf_add(&k->pending, p, len);
	while (k->pending.len > 0 && step(k, fn, arg))
		;
}

bool
keys_waiting(const struct keys *k)
{
	return k->pending.len > 0 && !k->pasting &&
	    k->pending.data[0] == '\033';
}

int
keys_wait_ms(const struct keys *k)
{
	return k->pending.len > 2 && memcmp(k->pending.data, "\033]1", 3) == 0 ?
	    KEYS_ANSWER_MS : KEYS_ESC_MS;
}

void
keys_timeout(struct keys *k, keys_fn *fn, void *arg)
{
	if (!keys_waiting(k))
		return;
	char copy[SEQ_MAX];
	size_t n = k->pending.len < sizeof(copy) ? k->pending.len :
	    sizeof(copy);
	memcpy(copy, k->pending.data, n);
	buf_reset(&k->pending);
	give(copy, n, fn, arg);
}
