/* SPDX-License-Identifier: GPL-3.0-or-later */
/* player.c - an answer that is written down, played as events */

#include <event2/event.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/mem.h"
#include "model/model_priv.h"
#include "model/player.h"

enum { BURST = 64 };	/* events in one pass of the loop */

struct player_line {
	struct json_doc *doc;
	size_t number, section;
};

struct player {
	struct model_call *call;
	struct event *timer;
	char *name;
	char *request;		/* for expect */
	struct player_line *lines;
	size_t count, next;
	int64_t repeat;		/* times that lines[next] was played */
	int64_t delay_ms;
	int calls;		/* without a result */
};

/* ----------------------------------------------------------------- reading */

size_t
player_count(const struct model_request *rq, const char *role)
{
	const struct json *m;
	size_t n = 0;

	JSON_EACH(m, rq->messages)
		n += json_streq(json_get(m, "role"), role);
	return n;
}

static void
lines_drop(struct player *p)
{
	for (size_t i = 0; i < p->count; i++)
		json_doc_free(p->lines[i].doc);
	p->count = 0;
}

static int
line_add(struct player *p, const char *s, size_t len, size_t number,
    struct err *e)
{
	struct err why = ERR_INIT;
	struct json_doc *doc = json_parse(s, len, 0, &why);

	if (doc == NULL || !json_is(json_root(doc), JSON_OBJECT)) {
		json_doc_free(doc);
		return err_set(e, ERR_CONFIG, "%s:%zu: no JSON object: %.300s",
		    p->name, number, why.text);
	}
	p->lines = xreallocarray(p->lines, p->count + 1, sizeof(*p->lines));
	p->lines[p->count++] = (struct player_line){ doc, number, 0 };
	return 0;
}

/* Keep the lines of section n, or of the last one that there is. */
static void
lines_choose(struct player *p, size_t n)
{
	size_t last = p->count > 0 ? p->lines[p->count - 1].section : 0;
	size_t kept = 0;

	if (n > last)
		n = last;
	for (size_t i = 0; i < p->count; i++) {
		if (p->lines[i].section == n)
			p->lines[kept++] = p->lines[i];
		else
			json_doc_free(p->lines[i].doc);
	}
	p->count = kept;
}

static int
lines_read(struct player *p, const char *text, size_t n, struct err *e)
{
	size_t number = 0, section = 0;
	bool filled = false;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		const char *s = text;

		number++;
		text += len + (text[len] == '\n');
		if (strspn(s, " \t\r") >= len || *s == '#')
			continue;
		if (line_add(p, s, len, number, e) == -1)
			return -1;
		struct player_line *l = &p->lines[p->count - 1];
		if (json_get(json_root(l->doc), "turn") == NULL) {
			l->section = section;
			filled = true;
			continue;
		}
		json_doc_free(l->doc);
		p->count--;
		section += filled;
		filled = false;
	}
	lines_choose(p, n);
	return 0;
}

static char *
request_text(const struct model_request *rq)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "system", rq->system);
	json_w_kvalue(&w, "messages", rq->messages);
	json_w_kvalue(&w, "tools", rq->tools);
	json_w_kvalue(&w, "schema", rq->schema);
	json_w_kstr(&w, "reasoning", rq->reasoning);
	json_w_obj_end(&w);
	return buf_take(&b);
}

/* ------------------------------------------------------------ kinds of line */

static struct model_event
event_of(enum model_event_type type, const struct json *v)
{
	struct model_event ev = {
		.type = type, .id = json_get_str(v, "id"),
		.name = json_get_str(v, "name"),
		.text = json_get_str(v, "text"),
	};

	if (ev.text != NULL)
		ev.len = json_len(json_get(v, "text"));
	return ev;
}

static void
play_text(struct player *p, const struct json *v)
{
	const char *s = json_get_str(v, "text");
	const char *n = s != NULL ? strstr(s, "{n}") : NULL;

	if (s == NULL)
		return;
	if (n == NULL || json_get(v, "repeat") == NULL) {
		model_tell_text(p->call, s, json_len(json_get(v, "text")));
		return;
	}
	char *made = xasprintf("%.*s%lld%s", (int)(n - s), s,
	    (long long)p->repeat, n + 3);
	model_tell_text(p->call, made, strlen(made));
	free(made);
}

static void
play_text_end(struct player *p, const struct json *v)
{
	(void)v;
	model_close_text(p->call);
}

static void
play_reasoning(struct player *p, const struct json *v)
{
	const struct json *text = json_get(v, "text");

	if (json_is(text, JSON_STRING))
		model_tell_reasoning(p->call, json_str(text), json_len(text));
}

static void
play_reasoning_end(struct player *p, const struct json *v)
{
	const struct json *m = json_get(v, "metadata");
	char *metadata = m != NULL ? json_text(m) : NULL;

	model_close_reasoning(p->call, metadata);
	free(metadata);
}

static void
play_tool_start(struct player *p, const struct json *v)
{
	struct model_event ev = event_of(MODEL_TOOL_START, v);

	model_tell(p->call, &ev);
}

static void
play_tool_delta(struct player *p, const struct json *v)
{
	struct model_event ev = event_of(MODEL_TOOL_DELTA, v);

	model_tell(p->call, &ev);
}

/* An event whose text is a member as JSON. */
static void
play_json(struct player *p, const struct json *v, const char *member,
    enum model_event_type type)
{
	struct model_event ev = event_of(type, v);
	char *text = json_text(json_get(v, member));

	ev.text = text;
	ev.len = strlen(text);
	model_tell(p->call, &ev);
	free(text);
}

static void
play_tool_call(struct player *p, const struct json *v)
{
	p->calls++;
	play_json(p, v, "input", MODEL_TOOL_CALL);
}

static void
play_tool_bad(struct player *p, const struct json *v)
{
	struct model_event ev = event_of(MODEL_TOOL_BAD, v);
	struct err e = ERR_INIT;

	p->calls++;
	err_set(&e, ERR_INVALID, "%s", json_get_str(v, "error") != NULL ?
	    json_get_str(v, "error") : "the arguments are no JSON");
	ev.error = &e;
	model_tell(p->call, &ev);
}

static void
play_tool_result(struct player *p, const struct json *v)
{
	p->calls--;
	play_json(p, v, "output", MODEL_TOOL_RESULT);
}

static void
play_data(struct player *p, const struct json *v)
{
	play_json(p, v, "data", MODEL_DATA);
}

static void
play_url(struct player *p, const struct json *v)
{
	bool file = json_streq(json_get(v, "type"), "file");
	struct model_event ev = event_of(file ? MODEL_FILE : MODEL_SOURCE, v);

	ev.text = json_get_str(v, "url");
	ev.len = ev.text != NULL ? strlen(ev.text) : 0;
	ev.name = json_get_str(v, file ? "mediaType" : "title");
	model_tell(p->call, &ev);
}

static void
play_usage(struct player *p, const struct json *v)
{
	struct model_usage u = MODEL_USAGE_INIT;

	(void)json_int64(json_get(v, "input"), &u.input);
	(void)json_int64(json_get(v, "output"), &u.output);
	(void)json_int64(json_get(v, "reasoning"), &u.reasoning);
	(void)json_int64(json_get(v, "cached"), &u.cache_read);
	(void)json_double(json_get(v, "cost"), &u.cost);
	model_tell_usage(p->call, &u);
}

static void
play_retry(struct player *p, const struct json *v)
{
	struct model_event ev = event_of(MODEL_RETRY, v);
	struct err e = ERR_INIT;

	err_set(&e, ERR_BUSY, "%s", ev.text != NULL ? ev.text : "busy");
	(void)json_int64(json_get(v, "waitMs"), &ev.wait_ms);
	ev.error = &e;
	model_tell(p->call, &ev);
}

static void
play_finish(struct player *p, const struct json *v)
{
	const char *reason = json_get_str(v, "reason");
	int f = FINISH_OTHER;

	for (int i = 0; reason != NULL && i <= FINISH_OTHER; i++)
		if (strcmp(model_finish_name((enum model_finish)i),
		    reason) == 0)
			f = i;
	model_finish(p->call, (enum model_finish)f, reason);
}

static void
play_expect(struct player *p, const struct json *v)
{
	const char *want = json_get_str(v, "expect");
	struct err e = ERR_INIT;

	if (want != NULL && strstr(p->request, want) != NULL)
		return;
	err_set(&e, ERR_FAILED, "%s:%zu: the prompt does not contain %s",
	    p->name, p->lines[p->next].number, want != NULL ? want : "it");
	model_fail(p->call, &e);
}

static void
play_error(struct player *p, const struct json *v)
{
	const struct json *error = json_get(v, "error");
	const char *code = json_get_str(error, "code");
	const char *text = json_get_str(error, "text");
	struct err e = ERR_INIT;

	err_set(&e, code != NULL ? err_code_by_name(code) : ERR_FAILED, "%s",
	    text != NULL ? text : "the script says so");
	if (json_get_str(error, "hint") != NULL)
		err_hint(&e, "%s", json_get_str(error, "hint"));
	model_fail(p->call, &e);
}

static const struct {
	const char *type;
	void (*play)(struct player *, const struct json *);
} kinds[] = {
	{ "text-delta", play_text }, { "text-end", play_text_end },
	{ "reasoning-delta", play_reasoning },
	{ "reasoning-end", play_reasoning_end },
	{ "tool-start", play_tool_start }, { "tool-delta", play_tool_delta },
	{ "tool-call", play_tool_call }, { "tool-bad", play_tool_bad },
	{ "tool-result", play_tool_result }, { "source", play_url },
	{ "file", play_url }, { "data", play_data }, { "usage", play_usage },
	{ "retry", play_retry }, { "finish", play_finish },
};

/* ----------------------------------------------------------------- playing */

static void
play_line(struct player *p, const struct json *v)
{
	const char *type = json_get_str(v, "type");
	struct err e = ERR_INIT;

	if (json_get(v, "expect") != NULL) {
		play_expect(p, v);
		return;
	}
	if (type == NULL && json_get(v, "error") != NULL) {
		play_error(p, v);
		return;
	}
	for (size_t i = 0; type != NULL && i < NELEM(kinds); i++)
		if (strcmp(kinds[i].type, type) == 0) {
			kinds[i].play(p, v);
			return;
		}
	err_set(&e, ERR_CONFIG, "%s:%zu: no such line: %s", p->name,
	    p->lines[p->next].number, type != NULL ? type : "no type");
	model_fail(p->call, &e);
}

/* One event; milliseconds until the next. */
static int64_t
player_step(struct player *p)
{
	const struct json *v;
	int64_t wait = 0, times = 1;

	if (p->next == p->count) {
		model_finish(p->call, p->calls > 0 ? FINISH_TOOL_CALLS :
		    FINISH_STOP, p->calls > 0 ? "tool-calls" : "stop");
		return 0;
	}
	v = json_root(p->lines[p->next].doc);
	if (json_get(v, "wait") != NULL) {
		(void)json_int64(json_get(v, "wait"), &wait);
		p->next++;
		return wait;
	}
	(void)json_int64(json_get(v, "repeat"), &times);
	if (p->repeat < times)
		play_line(p, v);
	if (++p->repeat >= times) {
		p->next++;
		p->repeat = 0;
	}
	return p->delay_ms;
}

static void
player_ran_out(evutil_socket_t fd, short what, void *arg)
{
	struct player *p = arg;
	int64_t wait = 0;

	(void)fd;
	(void)what;
	model_hold(p->call);
	for (int i = 0; i < BURST && wait <= 0 && !p->call->over; i++)
		wait = player_step(p);
	if (!p->call->over) {
		struct timeval tv = {
			.tv_sec = (time_t)(wait / 1000),
			.tv_usec = (suseconds_t)(wait % 1000 * 1000),
		};

		event_add(p->timer, &tv);
	}
	model_release(p->call);
}

int
player_start(struct model_call *call, const struct model_request *rq,
    const char *name, const char *text, size_t n, int64_t delay_ms,
    struct err *e)
{
	struct player *p = xcalloc(1, sizeof(*p));

	call->state = p;
	p->call = call;
	p->name = xstrdup(name);
	p->delay_ms = delay_ms;
	p->timer = event_new(call->model->models->opts.base, -1, 0,
	    player_ran_out, p);
	if (lines_read(p, text, n, e) == -1)
		return -1;
	if (strstr(text, "\"expect\"") != NULL)
		p->request = request_text(rq);
	event_active(p->timer, EV_TIMEOUT, 1);
	return 0;
}

void
player_stop(struct model_call *call)
{
	struct player *p = call->state;

	if (p == NULL)
		return;
	event_free(p->timer);
	lines_drop(p);
	free(p->lines);
	free(p->name);
	free(p->request);
	free(p);
}
