/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn_ask.c - what a turn asks the model, and whether the answer fits */

#include <stdlib.h>
#include <string.h>

#include "agent/agent_priv.h"
#include "agent/client_data.h"
#include "agent/history.h"
#include "agent/hydrate.h"
#include "agent/prompt.h"
#include "agent/told.h"
#include "agent/toolset.h"
#include "agent/turn_priv.h"
#include "agent/turn_servers.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/schema.h"
#include "tool/skills.h"
#include "wire/message.h"

/* The history is read once in a turn. */
int
turn_tell(struct turn *t, struct err *e)
{
	const struct message *m = reducer_message(t->emit.reducer);
	struct history h;

	if (t->told != NULL)
		return 0;
	if (hydrate_history(t, &h, e) == -1)
		return -1;
	t->told = told_new(&h, m, t->setup.spec, e);
	history_clear(&h);
	return t->told != NULL ? 0 : -1;
}

/* So is what the system prompt is made from: were a file of it changed by the
 * turn itself, all that a provider has cached would be lost. */
/* The agent's words, with what the client says; NULL: it has none. */
static char *
turn_body(struct turn *t)
{
	const struct persona *p = &t->setup.persona;
	struct buf b = BUF_INIT;
	struct json_doc *data;

	if (p->body == NULL)
		return NULL;
	if (p->client_data == NULL)
		return xstrdup(p->body);
	data = client_data_of(t);
	client_data_fill(&b, p->body, json_root(data));
	json_doc_free(data);
	return buf_take(&b);
}

static const char *
turn_system(struct turn *t)
{
	struct buf b = BUF_INIT;

	if (t->system == NULL) {
		char *body = turn_body(t);

		prompt_system(&b, &t->setup.opts, body, t->setup.dir);
		free(body);
		if (t->setup.opts.system == NULL)
			skills_write(t->skills, &b);
		turn_servers_prompt(t, &b);
		t->system = b.len > 0 ? buf_take(&b) : xstrdup("");
		buf_clear(&b);
	}
	return *t->system != '\0' ? t->system : NULL;
}

/* The schema as it was given; *out stays NULL when there is none. */
static int
turn_schema(struct turn *t, struct json_doc **out, struct err *e)
{
	const char *text = t->setup.opts.json_schema;

	if (text == NULL)
		return 0;
	*out = json_parse(text, strlen(text), 0, e);
	return *out == NULL ? -1 : schema_valid(json_root(*out), e);
}

static struct json_doc *
turn_tools(struct turn *t, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_doc *doc;

	toolset_write(t->toolset, t->permit, &b);
	doc = json_parse(b.data, b.len, 0, e);
	buf_clear(&b);
	return doc;
}

/* Behind everything and not in the system prompt, so that going into plan mode
 * and out of it costs nothing of what a provider has cached. */
static const char *
turn_extra(const struct turn *t)
{
	static const char plan[] = "[Plan mode is on. Nothing is changed or "
	    "run now: only look at things, and when you know what to do "
	    "give the plan to the tool Plan, which asks the user.]";
	const char *mode = t->setup.opts.permission_mode;

	if (t->extra != NULL)
		return t->extra;
	return mode != NULL && strcmp(mode, "plan") == 0 ? plan : NULL;
}

int
turn_ask(struct turn *t, struct model *m, model_event_fn fn, struct err *e)
{
	const struct json *prompt = told_now(t->told,
	    reducer_message(t->emit.reducer), turn_extra(t), e);
	struct json_doc *tools = turn_tools(t, e), *schema = NULL;

	if (prompt != NULL && tools != NULL &&
	    turn_schema(t, &schema, e) == 0) {
		struct model_request rq = {
			.system = turn_system(t),
			.messages = prompt,
			.tools = json_len(json_root(tools)) > 0 ?
			    json_root(tools) : NULL,
			.schema = json_root(schema),
			.reasoning = t->setup.opts.reasoning,
			.session = t->ag->id,
		};

		t->call = model_ask(m, &rq, fn, t, e);
	}
	json_doc_free(tools);
	json_doc_free(schema);
	return t->call != NULL ? 0 : -1;
}

/* The texts of the last step, joined. */
static void
turn_answer(struct turn *t, struct buf *out)
{
	struct part *p;

	TAILQ_FOREACH(p, &reducer_message(t->emit.reducer)->parts, entry) {
		if (p->type == PART_STEP_START)
			buf_reset(out);
		else if (p->type == PART_TEXT)
			buf_add(out, p->text.data, p->text.len);
	}
}

int
turn_check_answer(struct turn *t, struct err *e)
{
	struct json_doc *schema = NULL, *value = NULL;
	struct buf text = BUF_INIT;
	int rc = -1;

	if (t->setup.opts.json_schema == NULL)
		return 0;
	turn_answer(t, &text);
	if (turn_schema(t, &schema, e) == -1)
		goto done;
	value = json_parse(text.data, text.len, 0, NULL);
	if (value == NULL)
		err_set(e, ERR_INPUT, "the answer is not JSON");
	else
		rc = schema_check(json_root(schema), json_root(value), e);
done:
	json_doc_free(schema);
	json_doc_free(value);
	buf_clear(&text);
	return rc;
}

/* The answer itself is marked as broken, and so told only here. */
void
turn_ask_correction(struct turn *t, const struct err *why)
{
	struct buf answer = BUF_INIT;

	turn_answer(t, &answer);
	free(t->extra);
	t->extra = xasprintf("Your answer was:\n\n%s\n\nIt does not fit the "
	    "JSON Schema that was asked for (%s). Answer again with only the "
	    "corrected JSON.", answer.data, why->text);
	buf_clear(&answer);
}
