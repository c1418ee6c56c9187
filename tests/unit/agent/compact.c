/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compact.c - tests of summaries: when, of what, and when there is none */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#include "world.h"

/* The context of world.c holds 1000 tokens. */
static void
model_calls(struct world *w, const char *id, int64_t tokens)
{
	struct model_usage usage = MODEL_USAGE_INIT;
	struct model_event call = { .type = MODEL_TOOL_CALL, .id = id,
	    .name = "nothing", .text = "{}", .len = 2 };
	struct model_event finish = { .type = MODEL_FINISH,
	    .finish = FINISH_TOOL_CALLS, .usage = &usage };

	usage.input = tokens - 5;
	usage.output = 5;
	model_give(w, &call);
	model_give(w, &finish);
}

static void
summarises_between_steps(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "before");
	world_until_asked(&w, 1);
	model_answers(&w, "said before");
	world_until_complete(&w, 1);
	world_say(&w, "u2", "the question");
	world_until_asked(&w, 2);
	model_calls(&w, "c1", 799);
	world_until_asked(&w, 3);
	assert_has_not(w.models.messages, "Summarise");
	model_calls(&w, "c2", 800);
	world_until_asked(&w, 4);
	assert_has(w.models.system, "You summarise conversations");
	assert_has(w.models.messages, "said before");
	assert_has(w.models.messages, "[nothing gave: there is no tool");
	model_answers(&w, "the sum");
	world_until_asked(&w, 5);
	assert_has(w.models.messages, "<summary>\\nthe sum\\n</summary>\"}]},"
	    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
	    "\"the question\"}]}]");
	assert_has_not(w.models.messages, "said before");
	/* even if that is still too much, not at every step */
	model_calls(&w, "c3", 900);
	world_until_asked(&w, 6);
	assert_has_not(w.models.messages, "Summarise");
	assert_has(w.models.messages, "\"c3\"");
	model_answers(&w, "done");
	world_until_complete(&w, 2);
	assert_has(world_out(&w, 0), "finish-step data-chatd-compacting "
	    "data-chatd-compaction start-step");
	/* the next turn begins with it */
	world_say(&w, "u3", "more");
	world_until_asked(&w, 7);
	assert_has(w.models.messages, "the sum");
	assert_has(w.models.messages, "\"c3\"");
	assert_has_not(w.models.messages, "\"c2\"");
	model_answers(&w, "x");
	world_until_complete(&w, 3);
	world_close(&w);
}

/* What the last answer left counts for the next turn. */
static void
summarises_before_the_first_step(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "before");
	world_until_asked(&w, 1);
	model_calls(&w, "c1", 10);
	world_until_asked(&w, 2);
	struct model_usage usage = MODEL_USAGE_INIT;
	struct model_event finish = { .type = MODEL_FINISH,
	    .finish = FINISH_STOP, .usage = &usage };

	usage.input = 950;
	model_text(&w, "t", "long");
	model_give(&w, &finish);
	world_until_complete(&w, 1);
	world_say(&w, "u2", "next");
	world_until_asked(&w, 3);
	assert_has(w.models.messages, "Summarise this conversation");
	/* the summary fails: the turn goes on with all of it */
	model_broke(&w, ERR_UNREACHABLE, "gone");
	world_until_asked(&w, 4);
	assert_has(w.models.messages, "long");
	assert_has(w.models.messages, "next");
	model_answers(&w, "done");
	world_until_complete(&w, 2);
	assert_has(world_out(&w, 0), "data-chatd-compaction-failed start-step");
	world_close(&w);
}

static void
summarises_when_told_it_is_too_long(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	model_broke(&w, ERR_TOO_BIG, "prompt is too long");
	world_until_asked(&w, 2);
	assert_has(w.models.messages, "Summarise this conversation");
	model_answers(&w, "the sum");
	world_until_asked(&w, 3);
	assert_has(w.models.messages, "the sum");
	assert_has(w.models.messages, "\"one\"");
	/* once */
	model_broke(&w, ERR_TOO_BIG, "prompt is too long");
	world_until_complete(&w, 1);
	assert_has(world_bodies(&w, 0), "prompt is too long");
	world_close(&w);
}

static const char compact[] = "{\"kind\":\"message\",\"payload\":{\"trigger\":"
    "\"action\",\"action\":{\"type\":\"compact\",\"text\":\"be brief\"}}}";

/* By a person; the process dies over it. */
static void
summarises_when_asked(void **state ATTR_UNUSED)
{
	char *dir = world_dir();
	struct world w;

	world_open(&w, dir, NULL);
	world_send(&w, compact);
	world_until_complete(&w, 1);
	assert_has(world_bodies(&w, 0), "nothing to summarise");
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	model_answers(&w, "first");
	world_until_complete(&w, 2);
	world_send(&w, compact);
	world_until_asked(&w, 2);
	assert_has(w.models.messages, "be brief");
	world_close(&w);
	world_open(&w, dir, NULL);
	world_until_asked(&w, 1);
	assert_has(w.models.messages, "Summarise this conversation");
	assert_has(w.models.messages, "be brief");
	model_answers(&w, "the sum");
	world_until_complete(&w, 3);
	assert_int_equal(w.models.asked, 1);
	assert_string_equal(world_transcript(&w),
	    "user:one assistant:first assistant:");
	world_say(&w, "u2", "two");
	world_until_asked(&w, 2);
	assert_has(w.models.messages, "the sum");
	assert_has_not(w.models.messages, "first");
	model_answers(&w, "second");
	world_until_complete(&w, 4);
	world_close(&w);
	world_dir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(summarises_between_steps),
		cmocka_unit_test(summarises_before_the_first_step),
		cmocka_unit_test(summarises_when_told_it_is_too_long),
		cmocka_unit_test(summarises_when_asked),
	};

	return cmocka_run_group_tests_name("agent/compact", tests, NULL, NULL);
}
