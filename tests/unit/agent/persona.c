/* SPDX-License-Identifier: GPL-3.0-or-later */
/* persona.c - agents as files, read, bounded and agreed to */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "agent/persona.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "world.h"

struct place {
	char *dir;	/* the project; CHATD_HOME is home below it */
};

static int
setup(void **state)
{
	struct place *pl = xcalloc(1, sizeof(*pl));
	char *home;

	pl->dir = world_dir();
	home = path_join(pl->dir, "home");
	assert_int_equal(setenv("CHATD_HOME", home, 1), 0);
	free(home);
	*state = pl;
	return 0;
}

static int
teardown(void **state)
{
	struct place *pl = *state;

	world_dir_remove(pl->dir);
	free(pl);
	return 0;
}

static void
put(const struct place *pl, bool project, const char *name, const char *text)
{
	char *path = project ? xasprintf("%s/.chatd/agents/%s.md", pl->dir,
	    name) : xasprintf("%s/home/config/agents/%s.md", pl->dir, name);

	assert_int_equal(path_make_parent(path, NULL), 0);
	assert_int_equal(path_write_whole(path, text, strlen(text), 0600,
	    NULL), 0);
	free(path);
}

static void
words_of_a_program(void **state)
{
	const struct place *pl = *state;
	struct persona p;

	put(pl, false, "a", "---\nprogram: node  ./a b.mjs ../c\n---\n");
	assert_int_equal(persona_load(&p, "a", pl->dir, NULL), 0);
	assert_string_equal(p.program[0], "node");
	assert_non_null(strstr(p.program[1], "/home/config/agents/./a"));
	assert_string_equal(p.program[2], "b.mjs");
	assert_non_null(strstr(p.program[3], "/home/config/agents/../c"));
	assert_null(p.program[4]);
	assert_int_equal(p.warm_ms, -1);
	assert_null(p.body);
	persona_clear(&p);

	put(pl, false, "a", "---\nprogram: [sh, \"a b\"]\nwarm: 0.5\n---\nX");
	assert_int_equal(persona_load(&p, "a", pl->dir, NULL), 0);
	assert_string_equal(p.program[1], "a b");
	assert_null(p.program[2]);
	assert_int_equal(p.warm_ms, 500);
	assert_string_equal(p.body, "X");
	persona_clear(&p);
}

static void
refuses_what_cannot_be(void **state)
{
	static const char *const wrong[] = {
		"program: []", "program: \" \"", "program: 5", "warm: often",
		"warm: -1", "warm: 100000", "client-data: {type: 5}",
	};
	const struct place *pl = *state;

	for (size_t i = 0; i < NELEM(wrong); i++) {
		char *text = xasprintf("---\n%s\n---\n", wrong[i]);
		struct err e = ERR_INIT;
		struct persona p;

		put(pl, false, "a", text);
		assert_int_equal(persona_load(&p, "a", pl->dir, &e), -1);
		assert_int_equal(e.code, ERR_CONFIG);
		assert_non_null(strstr(e.text, "a.md: "));
		persona_clear(&p);
		free(text);
	}
}

static void
projects_narrow_and_ask(void **state)
{
	const struct place *pl = *state;
	struct err e = ERR_INIT;
	struct persona p;

	put(pl, true, "a", "---\nprogram: cat\nallowedTools: Bash\n"
	    "sandbox: 'off'\nnetwork: true\n---\n");
	assert_int_equal(persona_load(&p, "a", pl->dir, NULL), 0);
	assert_true(p.project);
	assert_null(p.opts.allowed);
	assert_null(p.opts.sandbox);
	assert_false(p.opts.network);
	assert_int_equal(persona_may_run(&p, &e), -1);
	assert_int_equal(e.code, ERR_FORBIDDEN);
	assert_int_equal(persona_trust(&p, NULL), 0);
	assert_int_equal(persona_may_run(&p, NULL), 0);
	persona_clear(&p);

	put(pl, true, "a", "---\nprogram: cat -n\n---\n");
	assert_int_equal(persona_load(&p, "a", pl->dir, NULL), 0);
	assert_int_equal(persona_may_run(&p, NULL), -1);
	persona_clear(&p);

	put(pl, true, "b", "---\nprogram: cat\n---\n");
	assert_int_equal(persona_load(&p, "b", pl->dir, NULL), 0);
	assert_int_equal(persona_may_run(&p, NULL), -1);
	persona_clear(&p);

	put(pl, false, "a", "---\nprogram: cat -n\n---\n");
	assert_int_equal(persona_load(&p, "a", pl->dir, NULL), 0);
	assert_false(p.project);
	assert_int_equal(persona_may_run(&p, NULL), 0);
	persona_clear(&p);
}

static void
checks_client_data(void **state)
{
	static const struct {
		const char *data;	/* NULL: none */
		int wanted;
	} rows[] = {
		{ "{\"city\":\"Oslo\"}", 0 }, { "{\"city\":5}", -1 },
		{ "{}", -1 }, { "[]", -1 }, { "null", -1 }, { NULL, -1 },
	};
	const struct place *pl = *state;
	struct persona p;

	put(pl, false, "a", "---\nclient-data:\n  type: object\n"
	    "  required: [city]\n  properties: {city: {type: string}}\n---\n");
	assert_int_equal(persona_load(&p, "a", NULL, NULL), 0);
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct json_doc *doc = rows[i].data == NULL ? NULL :
		    json_parse(rows[i].data, strlen(rows[i].data), 0, NULL);
		struct err e = ERR_INIT;

		assert_int_equal(persona_check_data(&p, json_root(doc), &e),
		    rows[i].wanted);
		assert_int_equal(e.code, rows[i].wanted == 0 ? ERR_NONE :
		    ERR_INVALID);
		json_doc_free(doc);
	}
	persona_clear(&p);
	assert_int_equal(persona_load(&p, PERSONA_DEFAULT, NULL, NULL), 0);
	assert_int_equal(persona_check_data(&p, NULL, NULL), 0);
	persona_clear(&p);
}

static void
lists_names(void **state)
{
	const struct place *pl = *state;
	char **names;
	size_t count;

	put(pl, false, "z", "");
	put(pl, false, "a", "");
	put(pl, true, "a", "");
	put(pl, true, "m", "");
	put(pl, true, "no name", "");
	persona_names(pl->dir, &names, &count);
	assert_int_equal(count, 4);
	assert_string_equal(names[0], "a");
	assert_string_equal(names[1], PERSONA_DEFAULT);
	assert_string_equal(names[2], "m");
	assert_string_equal(names[3], "z");
	persona_names_free(names, count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(words_of_a_program), T(refuses_what_cannot_be),
		T(projects_narrow_and_ask), T(checks_client_data),
		T(lists_names),
#undef T
	};

	return cmocka_run_group_tests_name("agent/persona", tests, NULL, NULL);
}
