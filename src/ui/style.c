/* SPDX-License-Identifier: GPL-3.0-or-later */
/* style.c - what a terminal can, and named styles as its bytes */

#include <sys/ioctl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "ui/style.h"

enum {
	STYLE_COLUMNS = 80,
	STYLE_ROWS = 24,
	STYLE_SIZE_MAX = 10000,
	STYLE_URL_MAX = 2048,
};

static const struct {
	const char *attr;
	int c16, c256, rgb, light256, light_rgb;
} looks[STYLE_COUNT] = {
#define X(name, a, low, mid, high, mid2, high2) \
	{ a, low, mid, high, mid2, high2 },
	STYLES(X)
#undef X
};

static const char *const schemes[] = { "https://", "http://", "mailto:" };

static const char *
env_or_empty(style_env_fn *env, const char *name)
{
	const char *value = env(name);

	return value == NULL ? "" : value;
}

static bool
is_any(const char *s, const char *const *words, size_t n)
{
	while (n-- > 0)
		if (strstr(s, words[n]) != NULL)
			return true;
	return false;
}

static enum style_depth
find_depth(style_env_fn *env, const char *term)
{
	static const char *const true_colour[] = { "truecolor", "24bit" };
	static const char *const true_term[] = { "-direct", "kitty",
	    "alacritty", "ghostty", "foot" };
	const char *no_color = env_or_empty(env, "NO_COLOR");

	if (*no_color != '\0')
		return STYLE_MONO;
	if (strncmp(term, "vt1", 3) == 0 || strncmp(term, "vt2", 3) == 0)
		return STYLE_MONO;
	if (is_any(env_or_empty(env, "COLORTERM"), true_colour,
	    NELEM(true_colour)) || is_any(term, true_term, NELEM(true_term)))
		return STYLE_TRUE;
	if (strstr(term, "256color") != NULL)
		return STYLE_256;
	return STYLE_16;
}

/* OSC 8 is harmless where it is unknown, but for a few old terminals. */
static bool
find_links(const char *term)
{
	static const char *const old[] = { "linux", "vt1", "vt2", "cons25",
	    "sun" };
	size_t i;

	for (i = 0; i < NELEM(old); i++)
		if (strncmp(term, old[i], strlen(old[i])) == 0)
			return false;
	return true;
}

/* COLORFGBG is "15;0" or "15;default;0": the last is the background. */
static bool
find_light(const char *colours)
{
	const char *last = strrchr(colours, ';');

	return last != NULL && (strcmp(last, ";7") == 0 ||
	    strcmp(last, ";15") == 0);
}

static size_t
find_size(const char *value)
{
	char *end;
	unsigned long n;

	n = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end != '\0' ||
	    n > STYLE_SIZE_MAX)
		return 0;
	return n;
}

void
style_init_env(struct style *s, bool tty, style_env_fn *env)
{
	const char *term = env_or_empty(env, "TERM");
	const char *force = env_or_empty(env, "CLICOLOR_FORCE");
	bool forced = *force != '\0' && strcmp(force, "0") != 0;
	size_t n;

	*s = (struct style){ .tty = tty, .columns = STYLE_COLUMNS,
	    .rows = STYLE_ROWS };
	s->dumb = !tty || *term == '\0' || strcmp(term, "dumb") == 0;
	s->sgr = !s->dumb || forced;
	s->links = !s->dumb && find_links(term);
	if (s->sgr)
		s->depth = s->best = find_depth(env, term);
	s->light = find_light(env_or_empty(env, "COLORFGBG"));
	if ((n = find_size(env_or_empty(env, "COLUMNS"))) > 0)
		s->columns = n;
	if ((n = find_size(env_or_empty(env, "LINES"))) > 0)
		s->rows = n;
}

static const char *
process_env(const char *name)
{
	return getenv(name);
}

void
style_init(struct style *s, int fd)
{
	style_init_env(s, isatty(fd) == 1, process_env);
	style_resize(s, fd);
}

void
style_resize(struct style *s, int fd)
{
	struct winsize ws;
	size_t columns = find_size(env_or_empty(process_env, "COLUMNS"));

	if (ioctl(fd, TIOCGWINSZ, &ws) == -1)
		return;
	/* A person who sets COLUMNS wants it narrower than the window. */
	if (ws.ws_col > 0 && (columns == 0 || columns > ws.ws_col))
		s->columns = ws.ws_col;
	if (ws.ws_row > 0)
		s->rows = ws.ws_row;
}

const char *const style_theme_names[STYLE_THEMES] = {
	[STYLE_DARK] = "dark",
	[STYLE_LIGHT] = "light",
	[STYLE_NONE] = "none",
};

int
style_answer_light(const char *s, size_t len)
{
	/* of red, green and blue, in thousandths (ITU-R BT.601) */
	static const unsigned weights[] = { 299, 587, 114 };
	unsigned light = 0, v[3];
	char text[40] = "";
	int end[3];

	memcpy(text, s, len < sizeof(text) ? len : sizeof(text) - 1);
	if (sscanf(text, "\033]11;rgb:%4x%n/%4x%n/%4x%n", &v[0], &end[0],
	    &v[1], &end[1], &v[2], &end[2]) != 3)
		return -1;
	int from = (int)strlen("\033]11;rgb:");
	for (size_t i = 0; i < NELEM(weights); i++) {
		int digits = end[i] - from;

		if (digits < 1 || digits > 4)
			return -1;
		light += weights[i] * v[i] / ((1u << 4 * digits) - 1);
		from = end[i] + 1;
	}
	return light > 500;
}

void
style_set_theme(struct style *s, enum style_theme theme)
{
	s->light = theme == STYLE_LIGHT;
	s->depth = theme == STYLE_NONE ? STYLE_MONO : s->best;
}

static void
add_colour(struct buf *out, const struct style *s, size_t name)
{
	int rgb = s->light ? looks[name].light_rgb : looks[name].rgb;

	if (looks[name].c16 < 0 || s->depth == STYLE_MONO)
		return;
	if (s->depth == STYLE_16)
		buf_addf(out, ";%d", looks[name].c16);
	else if (s->depth == STYLE_256)
		buf_addf(out, ";38;5;%d", s->light ?
		    looks[name].light256 : looks[name].c256);
	else
		buf_addf(out, ";38;2;%d;%d;%d", rgb >> 16, rgb >> 8 & 0xff,
		    rgb & 0xff);
}

static void
add_mark(struct buf *out, unsigned bits)
{
	char mark[STYLE_MARK_LEN] = { STYLE_MARK };

	for (size_t i = 1; i < STYLE_MARK_LEN; i++)
		mark[i] = (char)(0x40 | (bits >> (6 * (i - 1)) & 0x3f));
	buf_add(out, mark, sizeof(mark));
}

unsigned
style_mark_bits(const char *p)
{
	unsigned bits = 0;

	for (size_t i = 1; i < STYLE_MARK_LEN; i++)
		bits |= ((unsigned char)p[i] & 0x3fu) << (6 * (i - 1));
	return bits;
}

/* ";1;38;5;80" */
static void
add_params(struct buf *out, const struct style *s, unsigned bits)
{
	for (size_t i = 0; i < STYLE_COUNT; i++) {
		if ((bits & 1u << i) == 0)
			continue;
		if (looks[i].attr[0] != '\0')
			buf_addf(out, ";%s", looks[i].attr);
		add_colour(out, s, i);
	}
}

void
style_add(struct buf *out, const struct style *s, unsigned bits)
{
	if (s->marks) {
		add_mark(out, bits);
	} else if (s->sgr) {
		buf_adds(out, "\033[0");
		add_params(out, s, bits);
		buf_addc(out, 'm');
	}
}

void
style_add_plain(struct buf *out, const struct style *s, unsigned bits)
{
	struct buf params = BUF_INIT;

	if (s->sgr && !s->marks)
		add_params(&params, s, bits);
	if (params.len > 0)
		buf_addf(out, "\033[%sm", params.data + 1);
	else if (s->marks)
		add_mark(out, bits);
	buf_clear(&params);
}

void
style_adds(struct buf *out, const struct style *s, unsigned bits,
    const char *text)
{
	if (bits != 0)
		style_add(out, s, bits);
	buf_adds(out, text);
	if (bits != 0)
		style_add(out, s, 0);
}

bool
style_url_ok(const char *url, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (url[i] <= 0x20 || url[i] >= 0x7f)
			return false;
	if (len > STYLE_URL_MAX)
		return false;
	for (i = 0; i < NELEM(schemes); i++) {
		size_t n = strlen(schemes[i]);

		if (len > n && strncasecmp(url, schemes[i], n) == 0)
			return true;
	}
	return false;
}

bool
style_link(struct buf *out, const struct style *s, const char *url,
    size_t len)
{
	if (!s->links || !style_url_ok(url, len))
		return false;
	if (s->marks) {
		buf_addc(out, STYLE_MARK_LINK);
		buf_add(out, url, len);
		buf_addc(out, STYLE_MARK_LINK);
		return true;
	}
	buf_adds(out, "\033]8;;");
	buf_add(out, url, len);
	buf_adds(out, "\033\\");
	return true;
}

void
style_link_end(struct buf *out, const struct style *s)
{
	static const char end[] = { STYLE_MARK_LINK, STYLE_MARK_LINK };

	if (s->marks && s->links)
		buf_add(out, end, sizeof(end));
	else if (s->links)
		buf_adds(out, "\033]8;;\033\\");
}
