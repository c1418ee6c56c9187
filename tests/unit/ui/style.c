/* SPDX-License-Identifier: GPL-3.0-or-later */
/* style.c - tests of terminal abilities and styles */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "ui/style.h"

/* name, value, name, value, NULL: the environment of the case at hand */
static const char *const *vars;

static const char *
fake_env(const char *name)
{
	const char *const *v;

	for (v = vars; *v != NULL; v += 2)
		if (strcmp(*v, name) == 0)
			return v[1];
	return NULL;
}

static struct style
probe(bool tty, const char *const *env)
{
	struct style s;

	vars = env;
	style_init_env(&s, tty, fake_env);
	return s;
}

#define ENV(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
backgrounds(void **state)
{
	static const struct {
		const char *answer;
		int light;
	} all[] = {
		{ "\033]11;rgb:ffff/ffff/ffff\033\\", 1 },
		{ "\033]11;rgb:fdfd/f6f6/e3e3\a", 1 },
		{ "\033]11;rgb:ff/ff/ff\033\\", 1 },
		{ "\033]11;rgb:f/f/f\033\\", 1 },
		{ "\033]11;rgb:0000/0000/0000\033\\", 0 },
		{ "\033]11;rgb:1e/1e/2e\033\\", 0 },
		{ "\033]11;rgb:0000/0000/ffff\033\\", 0 },
		{ "\033]11;rgb:ffff/ffff\033\\", -1 },
		{ "\033]11;?\033\\", -1 },
		{ "\033]11;white\033\\", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_int_equal(style_answer_light(all[i].answer,
		    strlen(all[i].answer)), all[i].light);
}

static void
abilities(void **state)
{
	struct style s;

	(void)state;
	s = probe(true, ENV("TERM", "xterm-256color", "COLUMNS", "40"));
	assert_true(s.sgr && s.links && !s.dumb);
	assert_int_equal(s.depth, STYLE_256);
	assert_int_equal(s.columns, 40);
	s = probe(true, ENV("TERM", "xterm", "COLORTERM", "truecolor"));
	assert_int_equal(s.depth, STYLE_TRUE);
	s = probe(true, ENV("TERM", "linux", "COLUMNS", "0"));
	assert_int_equal(s.depth, STYLE_16);
	assert_false(s.links);
	assert_int_equal(s.columns, 80);
	s = probe(true, ENV("TERM", "xterm-256color", "NO_COLOR", "1"));
	assert_true(s.sgr);
	assert_int_equal(s.depth, STYLE_MONO);
	s = probe(true, ENV("TERM", "dumb"));
	assert_true(s.dumb && s.tty && !s.sgr && !s.links);
	s = probe(false, ENV("TERM", "xterm-256color"));
	assert_true(s.dumb && !s.sgr && !s.links);
	s = probe(false, ENV("TERM", "xterm-256color", "CLICOLOR_FORCE", "1"));
	assert_true(s.dumb && s.sgr);
	s = probe(false, ENV("TERM", "xterm", "CLICOLOR_FORCE", "0"));
	assert_false(s.sgr);
}

static void
check_bytes(enum style_depth depth, unsigned bits, const char *want)
{
	struct style s = { .sgr = true, .depth = depth };
	struct buf out = BUF_INIT;

	style_add(&out, &s, bits);
	assert_string_equal(out.data, want);
	buf_clear(&out);
}

static void
bytes(void **state)
{
	struct style plain = { .sgr = false };
	struct buf out = BUF_INIT;

	(void)state;
	check_bytes(STYLE_16, 0, "\033[0m");
	check_bytes(STYLE_16, STYLE_BIT(BOLD) | STYLE_BIT(CODE),
	    "\033[0;1;36m");
	check_bytes(STYLE_MONO, STYLE_BIT(ERROR), "\033[0;1m");
	check_bytes(STYLE_256, STYLE_BIT(CODE), "\033[0;38;5;80m");
	check_bytes(STYLE_TRUE, STYLE_BIT(CODE), "\033[0;38;2;86;182;194m");
	style_adds(&out, &plain, STYLE_BIT(ERROR), "text");
	assert_string_equal(out.data, "text");
	buf_clear(&out);
}

static void
urls(void **state)
{
	static const struct {
		const char *url;
		bool ok;
	} cases[] = {
		{ "https://example.org/a?b#c", true },
		{ "HTTP://example.org", true },
		{ "mailto:a@example.org", true },
		{ "https://", false },
		{ "file:///etc/passwd", false },
		{ "javascript:alert(1)", false },
		{ "https://exa\u202emple.org", false },
		{ "https://a b", false },
		{ "https://a\033\\b", false },
	};
	struct style s = { .sgr = true, .links = true };
	struct buf out = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		buf_reset(&out);
		assert_int_equal(style_link(&out, &s, cases[i].url,
		    strlen(cases[i].url)), cases[i].ok);
		assert_int_equal(out.len > 0, cases[i].ok);
	}
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(abilities),
		cmocka_unit_test(backgrounds),
		cmocka_unit_test(bytes),
		cmocka_unit_test(urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
