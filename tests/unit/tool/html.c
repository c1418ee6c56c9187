/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html.c - the text of a page */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "tool/html.h"

static void
pages_become_text(void **state)
{
	static const struct {
		const char *html, *text;
	} t[] = {
		{ "a  b\n c", "a b c\n" },
		{ "<h1>T</h1><p>x</p><p>y", "# T\n\nx\n\ny\n" },
		{ "<ul><li>a<li>b</ul>z", "- a\n- b\nz\n" },
		{ "<script>if (a<b) x('</p>')</script>k", "k\n" },
		{ "<style>p{}</style><!-- <b> -->k", "k\n" },
		{ "a&amp;b &lt;&#65;&#x42;&nope; &", "a&b <AB&nope; &\n" },
		{ "<a class=x href=\"/u?a=1&amp;b=2\">w <b>v</b></a>",
		    "[w v](/u?a=1&b=2)\n" },
		{ "<a href='#x'>w</a>", "w\n" },
		{ "<pre>a\n  b</pre>", "a\n  b\n" },
		{ "1 < 2 <", "1 < 2 <\n" },
		{ "<svg><p>no</p></svg>yes", "yes\n" },
		{ "<p title=\"a>b\">x", "x\n" },
		{ "<", "<\n" }, { "", "" }, { "<a href", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct buf out = BUF_INIT;

		html_text(&out, t[i].html, strlen(t[i].html), NULL);
		assert_string_equal(out.data, t[i].text);
		buf_clear(&out);
	}
}

static void
the_title_stands_alone(void **state)
{
	struct buf out = BUF_INIT, title = BUF_INIT;
	const char *s = "<head><title>A &amp; B</title></head><body>x";

	(void)state;
	html_text(&out, s, strlen(s), &title);
	assert_string_equal(title.data, "A & B");
	assert_string_equal(out.data, "x\n");
	buf_clear(&out);
	buf_clear(&title);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_become_text),
		cmocka_unit_test(the_title_stands_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
