/* SPDX-License-Identifier: GPL-3.0-or-later */
/* consent.c - questions about calls that wait, one after the other */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/approval.h"
#include "cli/consent.h"
#include "ui/lookalike.h"
#include "ui/safe.h"
#include "wire/message.h"

struct consent {
	struct json_doc *message;
	struct approval_answer *answers;
	size_t count, at;	/* answers[at] is asked about */
	bool editing;
	char *input;		/* the arguments of answers[at] */
};

/* Of a sub-agent's call, or NULL: what is really asked about. */
static const struct json *
part_subagent(const struct json *part)
{
	return json_path(part, "approval", "descriptor", "subagent", NULL);
}

/* The question about answers[at]. */
static void
consent_begin(struct consent *c)
{
	free(c->input);
	c->input = NULL;
	c->editing = false;
	if (c->at < c->count)
		c->input = json_text(json_get(c->answers[c->at].part,
		    "input"));
}

struct consent *
consent_new(const struct message *m)
{
	struct consent *c = xcalloc(1, sizeof(*c));
	struct buf b = BUF_INIT;
	struct json_w w;
	const struct json *p = NULL;

	json_w_init(&w, &b);
	message_write(m, &w);
	c->message = json_parse(b.data, b.len, 0, NULL);
	buf_clear(&b);
	while ((p = approval_next(json_root(c->message), p)) != NULL) {
		c->answers = xreallocarray(c->answers, c->count + 1,
		    sizeof(*c->answers));
		c->answers[c->count++] = (struct approval_answer){
			.part = p };
	}
	if (c->count == 0) {
		consent_free(c);
		return NULL;
	}
	consent_begin(c);
	return c;
}

void
consent_free(struct consent *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->count; i++) {
		free((char *)(uintptr_t)c->answers[i].reason);
		free((char *)(uintptr_t)c->answers[i].input);
	}
	free(c->answers);
	free(c->input);
	json_doc_free(c->message);
	free(c);
}

/* Nothing of what is agreed to may be hidden: shown, not filtered. */
static void
add_call(struct buf *out, const struct json *part, const char *input)
{
	safe_shows(out, approval_tool(part));
	buf_addc(out, ' ');
	safe_shows(out, input);
	buf_addc(out, '\n');
}

/* What a person would read as something else. */
static void
add_lookalikes(struct buf *out, const struct json *input)
{
	struct buf words = BUF_INIT;
	size_t count = 0;

	lookalike_json(&words, &count, input);
	if (count > 0)
		buf_addf(out, "  look-alikes: %s\n", words.data);
	buf_clear(&words);
}

void
consent_question(const struct consent *c, struct buf *out)
{
	const struct json *part = c->answers[c->at].part;
	const char *reason = json_str(json_path(part, "approval",
	    "descriptor", "reason", NULL));
	const char *rule = approval_rule(part);
	const struct json *sub = part_subagent(part);

	if (c->editing)
		return;
	if (sub != NULL) {
		char *input = json_text(json_get(sub, "input"));

		buf_adds(out, "sub-agent: ");
		add_call(out, sub, input);
		free(input);
	} else {
		add_call(out, part, c->input);
	}
	add_lookalikes(out, json_get(sub != NULL ? sub : part, "input"));
	if (reason != NULL) {
		buf_adds(out, "  ");
		safe_shows(out, reason);
		buf_addc(out, '\n');
	}
	buf_adds(out, "  y once, a for this session, p always");
	if (rule != NULL) {
		buf_adds(out, ": ");
		safe_shows(out, rule);
	}
	buf_addf(out, ", n [REASON] no%s\n", sub != NULL ? "" : ", e edit");
}

const char *
consent_prompt(const struct consent *c)
{
	return c->editing ? "arguments: " : "allow? [y/a/p/n/e] ";
}

const char *
consent_text(const struct consent *c)
{
	return c->editing ? c->input : NULL;
}

static bool
consent_next(struct consent *c)
{
	c->at++;
	consent_begin(c);
	return c->at == c->count;
}

static bool
consent_yes(struct consent *c, const char *scope)
{
	c->answers[c->at].approved = true;
	c->answers[c->at].scope = scope;
	return consent_next(c);
}

static bool
take_input(struct consent *c, const char *line, struct buf *say)
{
	struct err why = ERR_INIT;
	struct json_doc *doc = json_parse(line, strlen(line), 0, &why);
	bool fine = json_is(json_root(doc), JSON_OBJECT);

	json_doc_free(doc);
	c->editing = false;
	if (!fine) {
		buf_addf(say, "that is no JSON object%s%s", why.text[0] != '\0'
		    ? ": " : "", why.text);
		return false;
	}
	c->answers[c->at].input = xstrdup(line);
	return consent_yes(c, NULL);
}

static bool
take_no(struct consent *c, const char *reason)
{
	reason += strspn(reason, " \t");
	if (*reason != '\0')
		c->answers[c->at].reason = xstrdup(reason);
	return consent_next(c);
}

bool
consent_take(struct consent *c, const char *line, struct buf *say)
{
	if (c->editing)
		return take_input(c, line, say);
	if (strcmp(line, "y") == 0)
		return consent_yes(c, NULL);
	if (strcmp(line, "a") == 0)
		return consent_yes(c, "session");
	if (strcmp(line, "p") == 0)
		return consent_yes(c, "always");
	if (line[0] == 'n' && (line[1] == '\0' || line[1] == ' '))
		return take_no(c, line + 1);
	if (strcmp(line, "e") == 0 &&
	    part_subagent(c->answers[c->at].part) == NULL)
		c->editing = true;
	else
		buf_adds(say, "y, a, p, n or e is wanted");
	return false;
}

void
consent_write(const struct consent *c, struct buf *message,
    struct buf *chatd)
{
	approval_write(message, json_root(c->message), c->answers, c->count);
	approval_write_chatd(chatd, c->answers, c->count);
}

const char *
consent_message_id(const struct consent *c)
{
	return json_get_str(json_root(c->message), "id");
}
