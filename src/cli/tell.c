/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tell.c - a line on stderr for what is not the answer */

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/tell.h"
#include "ui/extra.h"
#include "ui/line_out.h"
#include "ui/note.h"
#include "ui/progress.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "wire/message.h"

enum {
	VALUE_MAX = 200,	/* bytes of an input or output that are shown */
	TOKEN_BYTES = 4,	/* of a token, about */
};

struct tell {
	bool notices;		/* is anything said at all */
	bool quiet;
	struct style style;
	struct progress *progress;
	struct line_out *text;	/* on the same screen, or NULL */
	bool piped;		/* to who may write there: "chatd run | head" */
	bool running;
	bool away;		/* it was said that nobody answers */
	size_t bytes;		/* the model has said in this turn */
	char *data_id;		/* of the data part that was said last */
};

struct tell *
tell_new(struct event_base *base, const struct opts *o, struct line_out *text,
    bool text_on_tty)
{
	struct tell *t = xcalloc(1, sizeof(*t));
	struct stat st;

	style_init(&t->style, STDERR_FILENO);
	t->quiet = o->quiet;
	t->notices = !o->quiet && (t->style.tty || o->verbose);
	t->text = text_on_tty && t->style.tty ? text : NULL;
	t->piped = fstat(STDOUT_FILENO, &st) == 0 && S_ISFIFO(st.st_mode);
	if (!o->quiet && t->style.tty)
		t->progress = progress_new(base, STDERR_FILENO, &t->style);
	return t;
}

void
tell_free(struct tell *t)
{
	if (t == NULL)
		return;
	if (t->progress != NULL)
		progress_free(t->progress);
	free(t->data_id);
	free(t);
}

void
tell_start(struct tell *t)
{
	if (t->progress != NULL && !t->running)
		progress_start(t->progress, "thinking");
	if (!t->running)
		t->bytes = 0;
	t->running = true;
}

void
tell_text_begins(struct tell *t)
{
	if (t->progress != NULL && (t->text != NULL || t->piped))
		progress_hide(t->progress);
}

void
tell_turn_end(struct tell *t)
{
	if (t->progress != NULL && t->running)
		progress_stop(t->progress);
	t->running = false;
}

/* text is untrusted; it may have several lines. */
static void
say_always(struct tell *t, unsigned style, const char *before,
    const char *text, size_t len)
{
	struct buf b = BUF_INIT, safe = BUF_INIT;

	if (t->progress != NULL)
		progress_hide(t->progress);
	if (t->text != NULL)
		(void)line_out_flush(t->text, NULL);	/* stdout's own calls
							   report its errors */
	safe_text(&safe, text, len);
	while (safe.len > 0 && safe.data[safe.len - 1] == '\n')
		buf_cut(&safe, safe.len - 1);
	style_add(&b, &t->style, style);
	buf_adds(&b, before);
	buf_add(&b, safe.data, safe.len);
	style_add(&b, &t->style, 0);
	buf_addc(&b, '\n');
	(void)out_write(STDERR_FILENO, b.data, b.len, NULL);
	if (t->progress != NULL)
		progress_show(t->progress);
	buf_clear(&safe);
	buf_clear(&b);
}

static void
say(struct tell *t, unsigned style, const char *before, const char *text,
    size_t len)
{
	if (t->notices)
		say_always(t, style, before, text, len);
}

void
tell_away(struct tell *t, const struct err *why)
{
	static const char begins[] = "no connection, trying again: ";

	if (why != NULL && !t->away)
		say(t, STYLE_BIT(DIM), begins, why->text, strlen(why->text));
	t->away = why != NULL;
}

static void
say_tool(struct tell *t, const char *what, const char *name,
    const char *value)
{
	struct buf b = BUF_INIT;
	size_t len = value != NULL ? strlen(value) : 0;

	buf_addf(&b, "%s%s%s", name != NULL ? name : "?",
	    value != NULL ? " " : "", value != NULL ? value : "");
	if (len > VALUE_MAX) {
		buf_cut(&b, b.len - (len - VALUE_MAX));
		buf_adds(&b, "...");
	}
	say(t, STYLE_BIT(TOOL), what, b.data, b.len);
	buf_clear(&b);
}

static void
on_tool_input(struct tell *t, const struct json *chunk,
    const struct part *p)
{
	char *input = json_text(json_get(chunk, "input"));

	(void)p;
	say_tool(t, "tool: ", json_get_str(chunk, "toolName"), input);
	free(input);
}

static void
on_tool_output(struct tell *t, const struct json *chunk,
    const struct part *p)
{
	const char *error = json_get_str(chunk, "errorText");

	if (p != NULL)
		say_tool(t, error != NULL ? "tool failed: " : "tool done: ",
		    p->tool->name, error != NULL ? error : p->tool->output);
}

static void
on_approval(struct tell *t, const struct json *chunk,
    const struct part *p)
{
	(void)chunk;
	if (p != NULL)
		say_tool(t, "waits for approval: ", p->tool->name,
		    p->tool->input);
}

static void
on_denied(struct tell *t, const struct json *chunk, const struct part *p)
{
	(void)chunk;
	if (p != NULL)
		say_tool(t, "denied: ", p->tool->name, NULL);
}

static void
on_reasoning_end(struct tell *t, const struct json *chunk,
    const struct part *p)
{
	(void)chunk;
	if (p != NULL && p->text.len > 0)
		say(t, STYLE_BIT(DIM), "reasoning: ", p->text.data,
		    p->text.len);
}

static void
on_note(struct tell *t, const struct json *chunk, const struct part *p)
{
	struct buf b = BUF_INIT;

	(void)p;
	if (note_chunk(&b, chunk))
		say(t, STYLE_BIT(WARN), "", b.data, b.len);
	buf_clear(&b);
}

/* An MCP server, or a tool that a file describes, cannot be used. Also where
 * nobody looks on: the answer may be poorer for it. */
static void
on_missing(struct tell *t, const struct json *chunk, const struct part *p)
{
	struct buf b = BUF_INIT;

	(void)p;
	if (note_chunk(&b, chunk) && (t->notices || (!t->quiet &&
	    !json_streq(json_path(chunk, "data", "state", NULL), "starting"))))
		say_always(t, STYLE_BIT(WARN), "chatd: ", b.data, b.len);
	buf_clear(&b);
}

static void
on_hook(struct tell *t, const struct json *chunk, const struct part *p)
{
	struct buf b = BUF_INIT;

	(void)p;
	if (note_chunk(&b, chunk) && (t->notices || (!t->quiet &&
	    !json_streq(json_path(chunk, "data", "outcome", NULL), "denied"))))
		say_always(t, STYLE_BIT(WARN), "chatd: ", b.data, b.len);
	buf_clear(&b);
}

static void
on_model(struct tell *t, const struct json *chunk, const struct part *p)
{
	struct buf b = BUF_INIT;

	(void)p;
	if (note_chunk(&b, chunk))
		say(t, STYLE_BIT(DIM), "", b.data, b.len);
	buf_clear(&b);
}

static void
on_injected(struct tell *t, const struct json *chunk, const struct part *p)
{
	const struct json *v;

	(void)p;
	JSON_EACH(v, json_path(chunk, "data", "messages", NULL)) {
		const char *text = json_get_str(v, "text");

		if (text != NULL)
			say(t, STYLE_BIT(DIM), "told the model: ", text,
			    strlen(text));
	}
}

static void
on_compaction(struct tell *t, const struct json *chunk,
    const struct part *p)
{
	const char *text = json_get_str(json_get(chunk, "data"), "summary");

	(void)p;
	if (text != NULL)
		say(t, STYLE_BIT(DIM), "summarised what was before: ", text,
		    strlen(text));
}

static void
on_source(struct tell *t, const struct json *chunk, const struct part *p)
{
	const char *title = json_get_str(chunk, "title");
	const char *url = json_get_str(chunk, "url");
	struct buf b = BUF_INIT;

	(void)p;
	buf_addf(&b, "%s%s%s", title != NULL ? title : "",
	    title != NULL && url != NULL ? " " : "", url != NULL ? url : "");
	say(t, STYLE_BIT(DIM), "source: ", b.data, b.len);
	buf_clear(&b);
}

static void
on_file(struct tell *t, const struct json *chunk, const struct part *p)
{
	struct buf b = BUF_INIT;

	(void)p;
	extra_file(&b, chunk);
	say(t, STYLE_BIT(DIM), "file: ", b.data, b.len);
	buf_clear(&b);
}

/* A part of some agent's own. One that is written again and again (it has an
 * id then) is said once. */
static void
on_data(struct tell *t, const struct json *chunk, const char *type)
{
	const char *id = json_get_str(chunk, "id");
	struct buf b = BUF_INIT;
	char *data;

	if (strncmp(type, "data-chatd-", 11) == 0 ||
	    strcmp(type, "data-subagent") == 0 ||
	    json_bool(json_get(chunk, "transient"), false) ||
	    (id != NULL && t->data_id != NULL && strcmp(id, t->data_id) == 0))
		return;
	str_replace(&t->data_id, id);
	data = json_text(json_get(chunk, "data"));
	extra_data(&b, type, data);
	say(t, STYLE_BIT(DIM), "data: ", b.data, b.len);
	free(data);
	buf_clear(&b);
}

static const struct teller {
	const char *type;
	void (*fn)(struct tell *t, const struct json *chunk,
	    const struct part *p);
} tellers[] = {
	{ "tool-input-available", on_tool_input },
	{ "tool-output-available", on_tool_output },
	{ "tool-output-error", on_tool_output },
	{ "tool-output-denied", on_denied },
	{ "tool-approval-request", on_approval },
	{ "reasoning-end", on_reasoning_end },
	{ "source-url", on_source },
	{ "source-document", on_source },
	{ "file", on_file },
	{ "data-background-injected", on_injected },
	{ "data-pending-message-injected", on_injected },
	{ "data-chatd-compaction", on_compaction },
	{ "data-chatd-compaction-failed", on_note },
	{ "data-chatd-length", on_note },
	{ "data-chatd-retry", on_note },
	{ "data-chatd-fallback", on_note },
	{ "data-chatd-refusal", on_note },
	{ "data-chatd-hook", on_hook },
	{ "data-chatd-mcp", on_missing },
	{ "data-chatd-mode", on_note },
	{ "data-chatd-model", on_model },
	{ "data-chatd-tool", on_missing },
};

/* What it cost exactly is known only when a turn has ended. */
static void
count_tokens(struct tell *t, const struct json *chunk)
{
	const char *text = json_get_str(chunk, "delta");

	if (text == NULL)
		text = json_get_str(chunk, "inputTextDelta");
	if (t->progress == NULL || text == NULL)
		return;
	t->bytes += strlen(text);
	progress_tokens(t->progress, (int64_t)(t->bytes / TOKEN_BYTES));
}

void
tell_chunk(struct tell *t, const struct json *chunk, const struct part *p)
{
	const char *type = json_get_str(chunk, "type");
	bool known = false;

	count_tokens(t, chunk);

	for (size_t i = 0; type != NULL && i < NELEM(tellers); i++)
		if (strcmp(tellers[i].type, type) == 0) {
			tellers[i].fn(t, chunk, p);
			known = true;
		}
	if (!known && type != NULL && strncmp(type, "data-", 5) == 0)
		on_data(t, chunk, type);
	if (type != NULL && strcmp(type, "start") == 0)
		tell_start(t);
}
