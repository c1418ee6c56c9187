/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_notes.c - what the agent tells beside its answer, on the screen */

#include <string.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/mem.h"
#include "ui/note.h"
#include "ui/pane.h"
#include "ui/tui_priv.h"

static void
show(struct tui *t, const struct json *chunk)
{
	struct buf b = BUF_INIT;

	if (note_chunk(&b, chunk))
		pane_note(t->pane, b.data, STYLE_BIT(WARN));
	buf_clear(&b);
}

static void
take_cut(struct tui *t, const struct json *chunk)
{
	const char *from = json_get_str(json_get(chunk, "data"), "from");

	if (from != NULL)
		pane_cut(t->pane, from);
	t->reload = true;
}

static void
take_model(struct tui *t, const struct json *chunk)
{
	const char *model = json_get_str(json_get(chunk, "data"), "model");

	if (model != NULL)
		str_replace(&t->model, model);
}

static void
take_mode(struct tui *t, const struct json *chunk)
{
	show(t, chunk);
	t->opts.ops->told(t->opts.arg, chunk);
}

/* That they start is said in the status line. */
static void
take_missing(struct tui *t, const struct json *chunk)
{
	const struct json *data = json_get(chunk, "data");

	if (json_streq(json_get(data, "state"), "starting"))
		t->doing = "starting MCP servers";
	if (!json_streq(json_get(data, "text"), "starting"))
		show(t, chunk);
}

/* A denial is told where it hits: at the call, or as an error. */
static void
take_hook(struct tui *t, const struct json *chunk)
{
	if (!json_streq(json_path(chunk, "data", "outcome", NULL), "denied"))
		show(t, chunk);
}

static void
take_retry(struct tui *t, const struct json *chunk)
{
	(void)chunk;
	t->doing = "trying again";
}

static void
take_compacting(struct tui *t, const struct json *chunk)
{
	(void)chunk;
	t->doing = "summarising";
}

static void
take_nothing(struct tui *t, const struct json *chunk)
{
	(void)t;
	(void)chunk;
}

static const struct {
	const char *type;
	void (*fn)(struct tui *t, const struct json *chunk);
} notes[] = {
	{ "data-chatd-compacting", take_compacting },
	{ "data-chatd-compaction-failed", show },
	{ "data-chatd-length", show },
	{ "data-chatd-cut", take_cut },
	{ "data-chatd-hook", take_hook },
	{ "data-chatd-keepalive", take_nothing },
	{ "data-chatd-mcp", take_missing },
	{ "data-chatd-mode", take_mode },
	{ "data-chatd-model", take_model },
	{ "data-chatd-retry", take_retry },
	{ "data-chatd-tool", take_missing },
};

bool
tui_take_note(struct tui *t, const struct json *chunk)
{
	const char *type = json_get_str(chunk, "type");

	for (size_t i = 0; i < NELEM(notes); i++)
		if (strcmp(type, notes[i].type) == 0) {
			notes[i].fn(t, chunk);
			tui_dirty(t, TUI_STREAM_MS);
			return true;
		}
	/* what stays in a message is shown with it */
	return strncmp(type, "data-chatd-", 11) == 0 &&
	    json_bool(json_get(chunk, "transient"), false);
}
