/* SPDX-License-Identifier: GPL-3.0-or-later */
/* approve.c - the question whether a tool call may run */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/mem.h"
#include "ui/approve.h"
#include "ui/card.h"
#include "ui/grid.h"
#include "ui/lines.h"
#include "ui/lookalike.h"
#include "ui/patch.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "ui/width.h"
#include "wire/message.h"

enum { ANSWERS_CELLS = 78 };	/* all of them, with words */

void
approve_init(struct approve *a)
{
	*a = (struct approve){ .state = APPROVE_NONE };
	a->answered = xstrdup("");
}

static void
forget(struct approve *a)
{
	str_replace(&a->id, NULL);
	str_replace(&a->rule, NULL);
	str_replace(&a->dir, NULL);
	str_replace(&a->sandbox, NULL);
	str_replace(&a->diff, NULL);
	str_replace(&a->path, NULL);
	str_replace(&a->reason, NULL);
	str_replace(&a->input, NULL);
	a->scope = NULL;
	a->first = a->hidden = 0;
	a->may_edit = a->unfolded = a->approved = a->listening = false;
	a->state = APPROVE_NONE;
	message_free(a->sub);
	a->sub = NULL;
	a->m = NULL;
	a->part = NULL;
}

void
approve_clear(struct approve *a)
{
	forget(a);
	free(a->answered);
	a->answered = NULL;
}

/* The id of the approval a part waits for; caller frees. */
static char *
approval_id(const struct part *p)
{
	struct json_doc *doc;
	char *id;

	if (p->type != PART_TOOL || p->state != STATE_APPROVAL_REQUESTED ||
	    p->tool->approval == NULL)
		return NULL;
	doc = json_parse(p->tool->approval, strlen(p->tool->approval), 0,
	    NULL);
	const char *s = json_get_str(json_root(doc), "id");
	id = s != NULL ? xstrdup(s) : NULL;
	json_doc_free(doc);
	return id;
}

static bool
is_answered(const struct approve *a, const char *id)
{
	char *word = xasprintf("%s ", id);
	bool is = strstr(a->answered, word) != NULL;

	free(word);
	return is;
}

/* The first part that waits, how many do, and its id. */
static struct part *
find_part(struct approve *a, const struct message *m, char **id)
{
	struct part *p, *found = NULL;

	a->waiting = 0;
	*id = NULL;
	if (m == NULL)
		return NULL;
	TAILQ_FOREACH(p, &m->parts, entry) {
		char *one = approval_id(p);

		if (one != NULL && !is_answered(a, one)) {
			a->waiting++;
			if (found == NULL) {
				found = p;
				*id = one;
				continue;
			}
		}
		free(one);
	}
	return found;
}

/* A call of a sub-agent waits (agent/subagent.h): it is what is shown, as a
 * part of its own. */
static struct message *
read_subagent(const struct json *approval)
{
	const struct json *v = json_path(approval, "descriptor", "subagent",
	    NULL);
	struct message *m = NULL;
	struct buf b = BUF_INIT;
	struct json_doc *doc;
	struct json_w w;

	if (!json_is(v, JSON_OBJECT))
		return NULL;
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "type", "dynamic-tool");
	json_w_kvalue(&w, "toolName", json_get(v, "toolName"));
	json_w_kvalue(&w, "toolCallId", json_get(v, "toolCallId"));
	json_w_kstr(&w, "state", "approval-requested");
	json_w_kvalue(&w, "input", json_get(v, "input"));
	json_w_kvalue(&w, "approval", approval);
	json_w_obj_end(&w);
	doc = json_parse(b.data, b.len, 0, NULL);
	m = message_new("", ROLE_ASSISTANT);
	if (message_add_part(m, json_root(doc), NULL) == -1) {
		message_free(m);
		m = NULL;
	}
	json_doc_free(doc);
	buf_clear(&b);
	return m;
}

/* What is asked about. */
static struct part *
asked(const struct approve *a)
{
	return a->sub != NULL ? TAILQ_FIRST(&a->sub->parts) : a->part;
}

/* Would the details be other lines than what is seen at once? */
static bool
unfolds(const struct approve *a)
{
	static const struct style plain = { .dumb = true };
	struct card_look look = { .style = &plain, .width = 80, .ms = -1 };
	struct lines few, all;
	bool is;

	lines_init(&few);
	lines_init(&all);
	card_arguments(&few, asked(a), &look);
	look.unfolded = true;
	is = card_diff(&all, asked(a), &look);
	if (!is)
		card_arguments(&all, asked(a), &look);
	is = is || all.count != few.count;
	lines_clear(&few);
	lines_clear(&all);
	return is;
}

static void
read_offer(struct approve *a)
{
	const char *text = a->part->tool->approval;
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	const struct json *v = json_get(json_root(doc), "descriptor");

	str_replace(&a->rule, json_get_str(v, "rule"));
	str_replace(&a->dir, json_get_str(v, "dir"));
	str_replace(&a->sandbox, json_get_str(v, "sandbox"));
	str_replace(&a->diff, json_get_str(json_get(v, "preview"), "diff"));
	str_replace(&a->path, json_get_str(json_get(v, "preview"),
	    "file_path"));
	a->may_edit = json_bool(json_get(v, "edit"), false);
	a->sub = read_subagent(json_root(doc));
	a->unfolds = unfolds(a);
	json_doc_free(doc);
}

bool
approve_look(struct approve *a, const struct message *m, int64_t now_us)
{
	char *id;
	struct part *p = find_part(a, m, &id);

	if (p == NULL) {
		forget(a);
		return false;
	}
	if (a->id != NULL && strcmp(a->id, id) == 0) {
		a->m = m;
		a->part = p;
		free(id);
		return false;
	}
	forget(a);
	a->id = id;
	a->m = m;
	a->part = p;
	a->state = APPROVE_ASK;
	a->quiet = now_us + APPROVE_QUIET_US;
	read_offer(a);
	return true;
}

char *
approve_elsewhere(struct approve *a, const char *id)
{
	char *tool = NULL, *answered;

	if (is_answered(a, id))
		return NULL;
	answered = xasprintf("%s%s ", a->answered, id);
	free(a->answered);
	a->answered = answered;
	if (a->id != NULL && strcmp(a->id, id) == 0) {
		tool = xstrdup(asked(a)->tool->name);
		forget(a);
	}
	return tool;
}

bool
approve_is_open(const struct approve *a)
{
	return a->state == APPROVE_ASK || a->state == APPROVE_REASON ||
	    a->state == APPROVE_EDIT;
}

/* ----------------------------------------------------------------- keys */

static enum approve_answer
yes(struct approve *a, const char *scope)
{
	a->approved = true;
	a->scope = scope;
	return ANSWER_SEND;
}

static enum approve_answer
act(struct approve *a, char key)
{
	switch (key) {
	case 'y':
		return yes(a, NULL);
	case 'a':
		return a->rule != NULL ? yes(a, "session") : ANSWER_WAIT;
	case 'p':
		return a->rule != NULL ? yes(a, "always") : ANSWER_WAIT;
	case 'n':
		a->state = APPROVE_REASON;
		a->approved = false;
		return ANSWER_REASON;
	case 'e':
		if (!a->may_edit)
			return ANSWER_WAIT;
		a->state = APPROVE_EDIT;
		return ANSWER_EDIT;
	case 'd':
		a->unfolded = !a->unfolded;
		a->first = 0;
		return ANSWER_WAIT;
	default:
		return ANSWER_WAIT;
	}
}

bool
approve_scroll(struct approve *a, long lines)
{
	if (a->hidden == 0)
		return false;
	if (lines < 0)
		a->first -= (size_t)-lines < a->first ? (size_t)-lines :
		    a->first;
	else
		a->first += (size_t)lines;	/* as far as there are lines */
	return true;
}

enum approve_answer
approve_key(struct approve *a, char key, int64_t now_us)
{
	if (a->state != APPROVE_ASK)
		return ANSWER_NO_KEY;
	if (!a->listening && now_us < a->quiet) {
		/* a finger that was busy before the question came */
		a->quiet = now_us + APPROVE_QUIET_US;
		return ANSWER_WAIT;
	}
	a->listening = true;
	return act(a, key);
}

void
approve_text(struct approve *a, const char *text)
{
	if (a->state == APPROVE_EDIT) {
		str_replace(&a->input, text);
		a->approved = true;
	} else if (*text != '\0') {
		str_replace(&a->reason, text);
	}
}

void
approve_input(const struct approve *a, struct buf *out)
{
	const char *input = part_tool_input(a->part);

	buf_adds(out, input != NULL ? input : "{}");
}

static void
write_remember(const struct approve *a, struct json_w *w)
{
	json_w_key(w, "remember");
	json_w_obj(w);
	json_w_kstr(w, "toolCallId", a->part->tool->call_id);
	json_w_kstr(w, "scope", a->scope);
	json_w_kstr(w, "rule", a->rule);
	json_w_obj_end(w);
}

/* Apart from the message: only we may say this, and only over our socket. */
static void
write_chatd(const struct approve *a, struct buf *out)
{
	struct json_w w;

	if (!a->approved || (a->scope == NULL && a->input == NULL))
		return;
	json_w_init(&w, out);
	json_w_obj(&w);
	if (a->scope != NULL)
		write_remember(a, &w);
	if (a->input != NULL) {
		json_w_key(&w, "editedInput");
		json_w_obj(&w);
		json_w_kraw(&w, a->part->tool->call_id, a->input);
		json_w_obj_end(&w);
	}
	json_w_obj_end(&w);
}

void
approve_write(struct approve *a, struct buf *out, struct buf *chatd)
{
	const struct part_tool *tool = a->part->tool;
	struct json_w w;
	char *answered = xasprintf("%s%s ", a->answered, a->id);

	json_w_init(&w, out);
	json_w_obj(&w);
	json_w_kstr(&w, "id", a->m->id);
	json_w_kstr(&w, "role", "assistant");
	json_w_key(&w, "parts");
	json_w_arr(&w);
	json_w_obj(&w);
	json_w_kstr(&w, "type", a->part->type_name);
	json_w_kstr(&w, "toolCallId", tool->call_id);
	if (tool->dynamic)
		json_w_kstr(&w, "toolName", tool->name);
	json_w_kstr(&w, "state", "approval-responded");
	json_w_key(&w, "approval");
	json_w_obj(&w);
	json_w_kstr(&w, "id", a->id);
	json_w_kbool(&w, "approved", a->approved);
	if (a->reason != NULL)
		json_w_kstr(&w, "reason", a->reason);
	json_w_obj_end(&w);
	json_w_obj_end(&w);
	json_w_arr_end(&w);
	json_w_obj_end(&w);
	write_chatd(a, chatd);
	free(a->answered);
	a->answered = answered;
	forget(a);
}

/* ----------------------------------------------------------------- draw */

static void
add_word(struct buf *b, const struct style *st, const char *key,
    const char *what, bool narrow)
{
	style_adds(b, st, STYLE_BIT(BOLD) | STYLE_BIT(WARN), key);
	buf_addf(b, "%s%s%s", *what != '\0' ? " " : "", what, narrow ? " " :
	    "  ");
}

static void
add_fact(struct lines *l, const struct style *st, size_t width,
    const char *name, const char *value)
{
	struct lines_look k = { .style = st, .width = width, .prefix = "  ",
	    .indent = 2, .max = 3 };
	struct buf b = BUF_INIT, clean = BUF_INIT;

	if (value == NULL)
		return;
	safe_shows(&clean, value);
	buf_addf(&b, "%s: %s", name, clean.data);
	lines_wrap(l, b.data, b.len, &k);
	buf_clear(&b);
	buf_clear(&clean);
}

/* Where there is little room, keys go without the words one can guess. */
static void
add_answers(const struct approve *a, struct buf *b, const struct style *st,
    bool narrow)
{
	add_word(b, st, "y", "yes", narrow);
	if (a->rule != NULL) {
		add_word(b, st, "a", narrow ? "session" : "this session",
		    narrow);
		add_word(b, st, "p", "always", narrow);
	}
	add_word(b, st, "n", "no", narrow);
	if (a->may_edit)
		add_word(b, st, "e", narrow ? "" : "edit", narrow);
	if (a->diff != NULL)
		add_word(b, st, "d", narrow ? "" : a->unfolded ? "diff" :
		    "arguments", narrow);
	else if (a->unfolds)
		add_word(b, st, "d", narrow ? "" : a->unfolded ? "less" :
		    "details", narrow);
	add_word(b, st, "Esc", narrow ? "" : "later", narrow);
}

static void
add_keys(const struct approve *a, struct lines *l, const struct style *st,
    size_t cols)
{
	struct buf *b = &l->text;

	if (a->state == APPROVE_REASON) {
		buf_adds(b, cols < ANSWERS_CELLS ?
		    "Why not? Enter sends, Esc goes back\n" :
		    "Why not? Say it to the model below; Enter sends (or "
		    "nothing), Esc goes back\n");
	} else if (a->state == APPROVE_EDIT) {
		buf_adds(b, cols < ANSWERS_CELLS ?
		    "Change it: Enter runs, Esc goes back\n" :
		    "Change the arguments below; Enter runs it so, Esc goes "
		    "back\n");
	} else {
		add_answers(a, b, st, cols < ANSWERS_CELLS);
		buf_addc(b, '\n');
	}
	lines_index(l);
}

/* The change as it would be: all of it can be scrolled to. */
static void
add_preview(const struct approve *a, const struct style *st, size_t cols,
    struct lines *l)
{
	struct patch_look k = { .style = st, .width = cols,
	    .max = SIZE_MAX, .whole = true };

	add_fact(l, st, cols, "changes", a->path);
	patch_lines(l, a->diff, &k);
}

/* Letters that only look like ASCII are told of before all else. */
static void
add_lookalikes(struct part *p, const struct style *st, size_t cols,
    struct lines *l)
{
	struct lines_look k = { .style = st, .width = cols, .prefix = "  ",
	    .indent = 2, .bits = STYLE_BIT(WARN) };
	const char *input = part_tool_input(p);
	struct json_doc *doc = input == NULL ? NULL :
	    json_parse(input, strlen(input), JSON_REPLACE_UTF8, NULL);
	struct buf b = BUF_INIT;
	size_t count = 0;

	buf_adds(&b, "look-alikes: ");
	lookalike_json(&b, &count, json_root(doc));
	if (count > 0)
		lines_wrap(l, b.data, b.len, &k);
	json_doc_free(doc);
	buf_clear(&b);
}

static void
compose_lines(const struct approve *a, const struct style *st, size_t cols,
    struct lines *l)
{
	struct card_look look = { .style = st, .width = cols,
	    .unfolded = a->unfolded, .ms = -1 };
	struct buf b = BUF_INIT, name = BUF_INIT;

	safe_shows(&name, asked(a)->tool->name);
	buf_addf(&b, "May %s run%s?", name.data, a->sub != NULL ?
	    " for a sub-agent" : "");
	if (a->waiting > 1)
		buf_addf(&b, " (1 of %zu)", a->waiting);
	style_adds(&l->text, st, STYLE_BIT(BOLD) | STYLE_BIT(WARN), b.data);
	buf_addc(&l->text, '\n');
	lines_index(l);
	add_lookalikes(asked(a), st, cols, l);
	if (a->diff != NULL && !a->unfolded)
		add_preview(a, st, cols, l);
	else if (a->diff != NULL || !a->unfolded ||
	    !card_diff(l, asked(a), &look))
		card_arguments(l, asked(a), &look);
	add_fact(l, st, cols, "in", a->dir);
	add_fact(l, st, cols, "sandbox", a->sandbox);
	add_fact(l, st, cols, "\"always\" saves the rule", a->rule);
	buf_clear(&b);
	buf_clear(&name);
}

size_t
approve_rows(const struct approve *a, const struct style *st, size_t cols,
    size_t max)
{
	struct lines l;
	size_t rows;

	lines_init(&l);
	compose_lines(a, st, cols > 2 ? cols - 2 : 1, &l);
	rows = l.count + 1;
	lines_clear(&l);
	return rows < max ? rows : max;
}

static void
put_line(struct grid *g, size_t row, const struct lines *l, size_t i)
{
	size_t len;
	const char *s = lines_get(l, i, &len);

	grid_puts(g, row, 0, "\u258c", STYLE_BIT(WARN));
	grid_put(g, row, 2, g->cols, s, len, 0);
}

/* In the place of the lines that are not there. */
static void
put_hidden(struct grid *g, size_t row, size_t count, const char *what)
{
	struct buf b = BUF_INIT;

	grid_fill(g, row, 2, g->cols, " ", 0);
	buf_addf(&b, "\u2026 %zu %s", count, what);
	grid_puts(g, row, 2, b.data, STYLE_BIT(WARN));
	buf_clear(&b);
}

/* The head, then as many of the others as fit, from a->first on. */
static void
draw_lines(struct approve *a, const struct lines *l, struct grid *g,
    size_t top, size_t room)
{
	size_t left;

	a->hidden = l->count > room ? l->count - room : 0;
	if (a->first > a->hidden)
		a->first = a->hidden;
	for (size_t i = 0; i < room && i < l->count; i++)
		put_line(g, top + i, l, i == 0 ? 0 : i + a->first);
	if (a->hidden == 0 || room < 2)
		return;
	left = a->hidden - a->first;
	if (a->first > 0 && room > 3)
		put_hidden(g, top + 1, a->first + 1, "lines above: Up");
	if (left > 0)
		put_hidden(g, top + room - 1, left + 1, "more lines: Down");
}

void
approve_draw(struct approve *a, const struct style *st, struct grid *g,
    size_t top, size_t rows)
{
	struct lines l, keys;
	size_t room = rows > 1 ? rows - 1 : 0;

	lines_init(&l);
	lines_init(&keys);
	compose_lines(a, st, g->cols > 2 ? g->cols - 2 : 1, &l);
	add_keys(a, &keys, st, g->cols);
	if (l.count < room)
		room = l.count;
	draw_lines(a, &l, g, top, room);
	/* the keys are always there */
	if (rows > 0)
		put_line(g, top + room, &keys, 0);
	lines_clear(&l);
	lines_clear(&keys);
}
