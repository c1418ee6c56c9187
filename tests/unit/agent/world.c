/* SPDX-License-Identifier: GPL-3.0-or-later */
/* world.c - a store, an agent host and a model that says what it is told to */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/channel.h"
#include "store/store.h"
#include "wire/message.h"
#include "wire/record.h"

#include "world.h"

/* the model */

struct model_call {
	struct models *ms;
	model_event_fn fn;
	void *arg;
	const struct model_event *script;	/* next event, or NULL */
	struct event *ev;
};

struct model *
models_get(struct models *ms, const char *spec, struct err *e)
{
	if (err_is_set(&ms->get)) {
		if (e != NULL)
			*e = ms->get;
		return NULL;
	}
	(void)snprintf(ms->model.spec, sizeof(ms->model.spec), "%s", spec);
	return (struct model *)&ms->model;
}

int64_t
model_context(const struct model *m ATTR_UNUSED)
{
	return 1000;
}

const char *
model_spec(const struct model *m)
{
	return m->spec;
}

void
models_default(struct models *ms, models_default_fn fn, void *arg)
{
	if (ms->defaults) {
		fn("fake:default", "tests have it", arg);
		return;
	}
	ms->default_fn = fn;
	ms->default_arg = arg;
}

static void
call_free(struct model_call *call)
{
	call->ms->call = NULL;
	if (call->ev != NULL)
		event_free(call->ev);
	free(call);
}

static void
call_give(struct model_call *call, const struct model_event *ev)
{
	model_event_fn fn = call->fn;
	void *arg = call->arg;

	/* the call is gone with its last event */
	if (ev->type == MODEL_FINISH || ev->type == MODEL_ERROR)
		call_free(call);
	fn(ev, arg);
}

static void
call_play(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED, void *arg)
{
	struct model_call *call = arg;
	const struct model_event *ev = call->script++;

	if (ev->type != MODEL_FINISH && ev->type != MODEL_ERROR)
		event_active(call->ev, EV_TIMEOUT, 0);
	call_give(call, ev);
}

struct model_call *
model_ask(struct model *m, const struct model_request *rq, model_event_fn fn,
    void *arg, struct err *e ATTR_UNUSED)
{
	struct models *ms = (struct models *)((char *)m -
	    offsetof(struct models, model));
	struct model_call *call = xcalloc(1, sizeof(*call));

	assert_null(ms->call);
	call->ms = ms;
	call->fn = fn;
	call->arg = arg;
	ms->call = call;
	free(ms->messages);
	ms->messages = json_text(rq->messages);
	str_replace(&ms->system, rq->system);
	ms->has_schema = rq->schema != NULL;
	if (ms->asked < ms->scripts_count) {
		call->script = ms->scripts[ms->asked];
		call->ev = event_new(ms->base, -1, 0, call_play, call);
		event_active(call->ev, EV_TIMEOUT, 0);
	}
	ms->asked++;
	return call;
}

void
model_cancel(struct model_call *call)
{
	call->ms->cancelled++;
	call_free(call);
}

const char *
model_finish_name(enum model_finish f)
{
	static const char *const names[] = {
#define X(id, name) [FINISH_##id] = name,
		MODEL_FINISHES(X)
#undef X
	};

	return names[f];
}

/* No program of these tests says what it took. */
bool
model_usage_read(struct model_usage *u, const struct json *v ATTR_UNUSED)
{
	static const struct model_usage unknown = MODEL_USAGE_INIT;

	*u = unknown;
	return false;
}

void
model_usage_write(const struct model_usage *u, struct buf *b)
{
	buf_addf(b, "{\"inputTokens\":%" PRId64 ",\"outputTokens\":%" PRId64
	    "}", u->input, u->output);
}

void
model_give(struct world *w, const struct model_event *ev)
{
	assert_non_null(w->models.call);
	call_give(w->models.call, ev);
}

void
model_event(struct world *w, enum model_event_type type, const char *id,
    const char *text)
{
	struct model_event ev = {
		.type = type, .id = id, .text = text,
		.len = text != NULL ? strlen(text) : 0,
		.name = "lookup",
	};

	assert_non_null(w->models.call);
	call_give(w->models.call, &ev);
}

void
model_text(struct world *w, const char *id, const char *text)
{
	model_event(w, MODEL_TEXT_START, id, NULL);
	model_event(w, MODEL_TEXT_DELTA, id, text);
	model_event(w, MODEL_TEXT_END, id, NULL);
}

void
model_done(struct world *w, enum model_finish finish)
{
	struct model_usage usage = MODEL_USAGE_INIT;
	struct model_event ev = {
		.type = MODEL_FINISH, .finish = finish, .usage = &usage,
	};

	usage.input = 10;
	usage.output = 5;
	assert_non_null(w->models.call);
	call_give(w->models.call, &ev);
}

void
model_broke(struct world *w, enum err_code code, const char *text)
{
	struct err e = ERR_INIT;
	struct model_event ev = { .type = MODEL_ERROR, .error = &e };

	err_set(&e, code, "%s", text);
	assert_non_null(w->models.call);
	call_give(w->models.call, &ev);
}

void
model_answers(struct world *w, const char *text)
{
	model_text(w, "t1", text);
	model_done(w, FINISH_STOP);
}

/* the world */

char *
world_dir(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = xasprintf("%s/chatd-agent-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");

	assert_non_null(mkdtemp(dir));
	assert_int_equal(setenv("CHATD_HOME", dir, 1), 0);
	return dir;
}

static int
remove_one(const char *path, const struct stat *st ATTR_UNUSED,
    int type ATTR_UNUSED, struct FTW *ftw ATTR_UNUSED)
{
	return remove(path);
}

void
world_dir_remove(char *dir)
{
	assert_int_equal(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	free(dir);
}

static char *
world_mint(const struct item *it ATTR_UNUSED, void *arg ATTR_UNUSED)
{
	return xstrdup("token");
}

static void
world_idle(void *arg)
{
	((struct world *)arg)->idle++;
}

void
world_open_store(struct world *w, const char *dir, const char *config)
{
	struct err e = ERR_INIT;
	bool existed;
	struct store_new n = {
		.external_id = "c1", .type = "chat.agent", .task = "any",
		.config = config != NULL ? config : "{\"basePayload\":{}}",
	};
	char *path = dir != NULL ? path_join(dir, "chatd.db") : NULL;
	char *run = dir != NULL ? path_join(dir, "run") : NULL;

	memset(w, 0, sizeof(*w));
	w->base = event_base_new();
	event_base_priority_init(w->base, 3);
	w->models.base = w->base;
	w->defaults.model = xstrdup("fake:one");
	struct store_opts so = { .base = w->base, .path = path, .run_dir = run };

	w->store = store_open(&so, &e);
	if (w->store == NULL)
		fail_msg("%s", e.text);
	if (store_create(w->store, &n, &w->item, &existed, &e) == -1)
		fail_msg("%s", e.text);
	free(path);
	free(run);
}

static const struct tool *const world_tools[] = { NULL };

void
world_own(struct world *w)
{
	struct err e = ERR_INIT;
	struct owner other;
	struct agent_opts ao = {
		.base = w->base, .store = w->store, .models = &w->models,
		.defaults = &w->defaults, .mint = world_mint,
		.tools = w->tools != NULL ? w->tools : world_tools,
		.on_idle = world_idle, .arg = w,
	};

	w->host = agent_host_new(&ao);
	if (agent_own(w->host, &w->item, &other, &e) == -1)
		fail_msg("%s", e.text);
}

void
world_open(struct world *w, const char *dir, const char *config)
{
	world_open_store(w, dir, config);
	world_own(w);
}

void
world_close(struct world *w)
{
	agent_host_free(w->host);
	assert_null(w->models.call);
	struct err e = ERR_INIT;

	if (store_check(w->store, &e) == -1)
		fail_msg("%s", e.text);
	store_close(w->store);
	if (w->models.default_fn != NULL)
		w->models.default_fn("fake:late", "", w->models.default_arg);
	item_clear(&w->item);
	turn_opts_clear(&w->defaults);
	free(w->models.messages);
	free(w->models.system);
	event_base_free(w->base);
	(void)world_out(NULL, 0);
	(void)world_transcript(NULL);
}

void
world_pass(struct world *w)
{
	(void)event_base_loop(w->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void
world_late(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED, void *arg)
{
	*(bool *)arg = true;
}

/* Waits for the loop, never for the clock; a minute ends a broken test. */
static void
world_until(struct world *w, bool (*done)(struct world *, int), int n)
{
	static const struct timeval limit = { 60, 0 };
	bool late = false;
	struct event *ev = evtimer_new(w->base, world_late, &late);

	evtimer_add(ev, &limit);
	while (!done(w, n) && !late)
		(void)event_base_loop(w->base, EVLOOP_ONCE);
	event_free(ev);
	if (late)
		fail_msg("waited in vain; out is %s", world_out(w, 0));
}

static bool
is_asked(struct world *w, int n)
{
	return w->models.asked >= n;
}

static bool
is_complete(struct world *w, int n)
{
	return world_completes(w) >= n && !agent_busy(w->host, w->item.row);
}

static bool
is_idle(struct world *w, int n)
{
	return w->idle >= n;
}

void
world_until_asked(struct world *w, int n)
{
	world_until(w, is_asked, n);
	assert_int_equal(w->models.asked, n);
}

void
world_until_complete(struct world *w, int n)
{
	world_until(w, is_complete, n);
	assert_int_equal(world_completes(w), n);
}

void
world_until_idle(struct world *w)
{
	world_until(w, is_idle, w->idle + 1);
}

int64_t
world_send(struct world *w, const char *text)
{
	struct err e = ERR_INIT;
	struct buf body = BUF_INIT;
	struct record rec = { 0 };
	int64_t seq;

	record_body_text(&body, text, strlen(text), "p");
	rec.body = body.data;
	rec.body_len = body.len;
	seq = channel_append(agent_owned(w->host, w->item.row), CHANNEL_IN,
	    &rec, NULL, NULL, &e);
	if (seq == -1)
		fail_msg("%s", e.text);
	buf_clear(&body);
	return seq;
}

int64_t
world_say(struct world *w, const char *id, const char *text)
{
	char *json = xasprintf("{\"kind\":\"message\",\"payload\":{\"chatId\":"
	    "\"c1\",\"trigger\":\"submit-message\",\"message\":{\"id\":\"%s\","
	    "\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"text\":\"%s\"}"
	    "]}}}", id, text);
	int64_t seq = world_send(w, json);

	free(json);
	return seq;
}

int64_t
world_stop(struct world *w)
{
	return world_send(w, "{\"kind\":\"stop\"}");
}

/* looking */

struct out_reader {
	struct buf *b;
	bool bodies;
	int64_t next;
	int completes;
	struct reducer *reducer;
};

static int
out_record(const struct record *r, void *arg)
{
	struct out_reader *or = arg;
	const char *control = record_control(r);

	assert_int_equal(r->seq, or->next);	/* no holes */
	or->next++;
	if (control != NULL) {
		const char *in = record_header(r, "session-in-event-id");

		or->completes += strcmp(control, "turn-complete") == 0;
		buf_addf(or->b, "[%s:%s%s] ", control, in != NULL ? in : "-",
		    record_header(r, "public-access-token") != NULL ? "+" :
		    "");
		return 0;
	}
	struct json_doc *doc = json_parse(r->body, r->body_len, 0, NULL);
	const struct json *chunk = json_get(json_root(doc), "data");

	assert_non_null(json_get_str(chunk, "type"));
	if (or->reducer != NULL) {
		struct err e = ERR_INIT;

		if (reducer_apply(or->reducer, chunk, NULL, &e) == -1)
			fail_msg("%s: %s", e.text, r->body);
	}
	if (or->bodies)
		buf_addf(or->b, "%.*s\n", (int)r->body_len, r->body);
	else
		buf_addf(or->b, "%s ", json_get_str(chunk, "type"));
	json_doc_free(doc);
	return 0;
}

static int64_t
out_read(struct world *w, int64_t from, struct out_reader *or)
{
	struct err e = ERR_INIT;
	struct channel *ch = channel_open(w->store, w->item.row, CHANNEL_OUT,
	    &e);

	assert_non_null(ch);
	or->next = from;
	while (or->next < channel_head(ch))
		assert_true(channel_read(ch, or->next, 100, 1 << 20,
		    out_record, or, &e) > 0);
	channel_close(ch);
	return or->next;
}

static const char *
out_text(struct world *w, int64_t from, bool bodies)
{
	static struct buf b = BUF_INIT;
	struct out_reader or = { .b = &b, .bodies = bodies };

	buf_clear(&b);
	if (w == NULL)
		return NULL;
	(void)out_read(w, from, &or);
	if (b.len > 0 && !bodies)
		buf_cut(&b, b.len - 1);
	return b.data;
}

const char *
world_out(struct world *w, int64_t from)
{
	return out_text(w, from, false);
}

const char *
world_bodies(struct world *w, int64_t from)
{
	return out_text(w, from, true);
}

int
world_completes(struct world *w)
{
	struct buf b = BUF_INIT;
	struct out_reader or = { .b = &b };

	(void)out_read(w, 0, &or);
	buf_clear(&b);
	return or.completes;
}

int64_t
world_head(struct world *w)
{
	struct buf b = BUF_INIT;
	struct out_reader or = { .b = &b };
	int64_t head = out_read(w, 0, &or);

	buf_clear(&b);
	return head;
}

int64_t
world_in_cursor(struct world *w)
{
	return store_cursor(w->store, w->item.row, "agent");
}

static int
transcript_message(const char *id ATTR_UNUSED, const char *json, void *arg)
{
	struct buf *b = arg;
	struct err e = ERR_INIT;
	struct json_doc *doc = json_parse(json, strlen(json), 0, &e);
	struct message *m = message_read(json_root(doc), &e);

	assert_non_null(m);
	buf_addf(b, "%s%s:", b->len > 0 ? " " : "",
	    message_role_name(m->role));
	message_text(m, b);
	message_free(m);
	json_doc_free(doc);
	return 0;
}

void
world_find(struct world *w, struct item *it)
{
	struct err e = ERR_INIT;

	assert_int_equal(store_find(w->store, w->item.id, it, &e), 0);
}

const char *
world_transcript(struct world *w)
{
	static struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	bool more;

	buf_clear(&b);
	if (w == NULL)
		return NULL;
	assert_int_equal(store_messages(w->store, w->item.row, 0, NULL,
	    transcript_message, &b, &more, &e), 0);
	return b.data;
}

struct message_list {
	char *json[64];
	int count;
};

static int
list_message(const char *id ATTR_UNUSED, const char *json, void *arg)
{
	struct message_list *l = arg;

	assert_true(l->count < 64);
	l->json[l->count++] = xstrdup(json);
	return 0;
}

char *
world_message(struct world *w, int i)
{
	struct message_list l = { .count = 0 };
	struct err e = ERR_INIT;
	bool more;
	char *json;

	assert_int_equal(store_messages(w->store, w->item.row, 0, NULL,
	    list_message, &l, &more, &e), 0);
	if (i < 0)
		i += l.count;
	assert_true(i >= 0 && i < l.count);
	json = l.json[i];
	l.json[i] = NULL;
	while (l.count > 0)
		free(l.json[--l.count]);
	return json;
}

void
world_check_reduced(struct world *w, int64_t from, int message)
{
	struct buf b = BUF_INIT, seen = BUF_INIT;
	struct out_reader or = { .b = &b, .reducer = reducer_new(NULL, 0) };
	char *stored = world_message(w, message);
	struct json_w jw;

	(void)out_read(w, from, &or);
	json_w_init(&jw, &seen);
	message_write(reducer_message(or.reducer), &jw);
	assert_string_equal(seen.data, stored);
	free(stored);
	reducer_free(or.reducer);
	buf_clear(&b);
	buf_clear(&seen);
}

void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no %s in %s", part, text);
}

void
assert_has_not(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("%s in %s", part, text);
}
