/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_why.c - chatd why: which rule or person decided about a call, and when */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/approval.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"
#include "cli/out.h"
#include "ui/safe.h"

static const struct json *
find_call(const struct json *transcript, const char *call)
{
	const struct json *m, *p, *found = NULL;

	JSON_EACH(m, json_get(transcript, "messages"))
		JSON_EACH(p, json_get(m, "parts"))
			if (json_streq(json_get(p, "toolCallId"), call))
				found = p;
	return found;
}

static void
add_time(struct buf *b, const struct json *at)
{
	char iso[CLOCK_ISO_MAX];
	int64_t ms;

	if (json_int64(at, &ms) == 0)
		buf_addf(b, ", %s", clock_iso(ms, iso));
	buf_addc(b, '\n');
}

/* A line of what others wrote, if there is any. */
static void
add_line(struct buf *b, const char *before, const char *text)
{
	if (text == NULL)
		return;
	buf_adds(b, before);
	safe_shows(b, text);
	buf_addc(b, '\n');
}

/* What the program decided by itself. */
static void
add_ruling(struct buf *b, const struct json *d)
{
	static const struct { const char *name, *words; } verdicts[] = {
		{ "allow", "allowed" }, { "ask", "asked" },
		{ "deny", "denied" },
	};
	const char *rule = json_get_str(d, "rule");

	for (size_t i = 0; i < NELEM(verdicts); i++)
		if (json_streq(json_get(d, "decision"), verdicts[i].name))
			buf_adds(b, verdicts[i].words);
	if (rule != NULL) {
		buf_adds(b, " by the rule ");
		safe_shows(b, rule);
		buf_addf(b, " (%s)", json_get_str(d, "layer"));
	} else if (json_streq(json_get(d, "by"), "mode")) {
		buf_adds(b, " by the permission mode");
	} else {
		buf_adds(b, " by default");
	}
	add_time(b, json_get(d, "at"));
	if (rule == NULL)
		add_line(b, "  ", json_get_str(d, "reason"));
}

static void
add_answer(struct buf *b, const struct json *approval)
{
	const struct json *approved = json_get(approval, "approved");
	const struct json *remember = json_get(approval, "remember");

	if (approval == NULL)
		return;
	if (!json_is_bool(approved)) {
		buf_adds(b, "waits for an answer\n");
		return;
	}
	buf_addf(b, "%s by a person", json_bool(approved, false) ?
	    "approved" : "denied");
	add_time(b, json_get(approval, "at"));
	add_line(b, "  reason: ", json_get_str(approval, "reason"));
	if (json_bool(json_get(approval, "edited"), false))
		buf_adds(b, "  with changed arguments\n");
	if (remember != NULL) {
		buf_addf(b, "  remembered (%s)", json_get_str(remember,
		    "scope"));
		add_line(b, ": ", json_get_str(remember, "rule"));
	}
}

static int
print_text(const struct json *part, struct err *e)
{
	struct buf b = BUF_INIT;
	const struct json *ruling = json_path(part, "toolMetadata", "chatd",
	    NULL);
	char *input = json_text(json_get(part, "input"));

	safe_shows(&b, approval_tool(part));
	add_line(&b, " ", input);
	if (ruling != NULL)
		add_ruling(&b, ruling);
	else
		buf_adds(&b, "never judged: it could not be run\n");
	add_answer(&b, json_get(part, "approval"));
	free(input);
	return out_result(&b, e);
}

static int
print_json(const struct json *part, struct err *e)
{
	static const char *const members[] = {
		"toolCallId", "state", "input", "approval",
	};
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "toolName", approval_tool(part));
	for (size_t i = 0; i < NELEM(members); i++)
		if (json_get(part, members[i]) != NULL)
			json_w_kvalue(&w, members[i], json_get(part,
			    members[i]));
	if (json_path(part, "toolMetadata", "chatd", NULL) != NULL)
		json_w_kvalue(&w, "ruling", json_path(part, "toolMetadata",
		    "chatd", NULL));
	json_w_obj_end(&w);
	buf_addc(&b, '\n');
	return out_json(&b, e);
}

static int
why_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	struct json_doc *doc = NULL;
	const struct json *part;
	int r = ask_transcript(h->client, item_key(it), &doc, e);

	if (r == 0) {
		part = find_call(json_root(doc), o->words.items[1]);
		if (part == NULL)
			r = err_set(e, ERR_NOT_FOUND, "no call %s in %s",
			    o->words.items[1], item_key(it));
		else
			r = o->json ? print_json(part, e) :
			    print_text(part, e);
	}
	json_doc_free(doc);
	return r;
}

static int
why_run(struct opts *o, struct err *e)
{
	return on_session(o, why_one, e);
}

const struct command cmd_why = {
	.name = "why",
	.args = "ID CALL",
	.help = "tell which rule or person decided about a tool call",
	.opts = opts_json,
	.words_min = 2,
	.words_max = 2,
	.run = why_run,
};
