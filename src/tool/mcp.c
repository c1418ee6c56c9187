/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp.c - a client of one MCP server: its connection and requests */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "tool/mcp_priv.h"

enum {
	CONNECT_MS = 30 * 1000,
	CONNECT_SLOW_MS = 120 * 1000,	/* npx fetches the program first */
	RELIST_MS = 200,		/* several notices in a row: one list */
	INSTRUCTIONS_MAX = 4096,
	RESTART_WINDOW_US = 600 * 1000 * 1000,
};

static void connect_server(struct mcp *m);
static void connection_over(struct mcp *m, const struct err *e, bool again);

static struct timeval
ms(int64_t n)
{
	return (struct timeval){ .tv_sec = (time_t)(n / 1000),
	    .tv_usec = (suseconds_t)(n % 1000 * 1000) };
}

/* --------------------------------------------------------------- requests */

static void
request_free(struct mcp_request *r)
{
	TAILQ_REMOVE(&r->mcp->requests, r, entry);
	event_free(r->clock);
	free(r);
}

static int
send_text(struct mcp *m, const struct buf *b, int64_t id, struct err *e)
{
	if (m->transport == NULL)
		return err_set(e, ERR_UNREACHABLE,
		    "MCP server %s is not connected%s%s", mcp_name(m),
		    m->why.text[0] != '\0' ? ": " : "", m->why.text);
	log_debug(LOG_TOOL, "mcp %s < %.300s", mcp_name(m), b->data);
	return m->transport->ops->send(m->transport, b->data, b->len, id, e);
}

void
mcp_notify(struct mcp *m, const char *method, const char *params)
{
	struct buf b = BUF_INIT;

	jsonrpc_notification(&b, method, params);
	/* Nobody waits for what a notification says. */
	(void)send_text(m, &b, -1, NULL);
	buf_clear(&b);
}

static void
tell_cancelled(struct mcp_request *r, const char *reason)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	/* "initialize" must not be cancelled. */
	if (strcmp(r->method, "initialize") == 0)
		return;
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kint(&w, "requestId", r->id);
	json_w_kstr(&w, "reason", reason);
	json_w_obj_end(&w);
	mcp_notify(r->mcp, "notifications/cancelled", b.data);
	buf_clear(&b);
}

void
mcp_request_cancel(struct mcp_request *r, const char *reason)
{
	tell_cancelled(r, reason);
	request_free(r);
}

/* Its answer, or why there is none; the request is gone before. */
static void
request_over(struct mcp_request *r, const struct jsonrpc *msg,
    const struct err *e)
{
	struct mcp *m = r->mcp;
	mcp_answer_fn fn = r->fn;
	void *arg = r->arg;

	request_free(r);
	fn(m, msg, e, arg);
}

static void
clock_ran_out(evutil_socket_t fd, short what, void *arg)
{
	struct mcp_request *r = arg;
	struct err e = ERR_INIT;

	(void)fd;
	(void)what;
	err_set(&e, ERR_TIMEOUT, "MCP server %s did not answer %s within "
	    "%lld s", mcp_name(r->mcp), r->method, (long long)r->ms / 1000);
	tell_cancelled(r, "timeout");
	request_over(r, NULL, &e);
}

struct mcp_request *
mcp_request(struct mcp *m, const char *method, const char *params,
    int64_t limit_ms, mcp_answer_fn fn, void *arg, struct err *e)
{
	struct mcp_request *r = xcalloc(1, sizeof *r);
	struct timeval tv = ms(limit_ms);
	struct buf b = BUF_INIT;
	int sent;

	r->mcp = m;
	r->id = ++m->next_id;
	r->method = method;
	r->fn = fn;
	r->arg = arg;
	r->ms = limit_ms;
	r->started = clock_mono_us();
	r->clock = event_new(m->opts.base, -1, 0, clock_ran_out, r);
	event_add(r->clock, &tv);
	TAILQ_INSERT_TAIL(&m->requests, r, entry);
	jsonrpc_request(&b, r->id, method, params);
	sent = send_text(m, &b, r->id, e);
	buf_clear(&b);
	if (sent == 0)
		return r;
	request_free(r);
	return NULL;
}

static struct mcp_request *
find_request(const struct mcp *m, int64_t id)
{
	struct mcp_request *r;

	TAILQ_FOREACH(r, &m->requests, entry) {
		if (r->id == id)
			return r;
	}
	return NULL;
}

static void
fail_all(struct mcp *m, const struct err *e)
{
	struct mcp_request *r;

	while ((r = TAILQ_FIRST(&m->requests)) != NULL)
		request_over(r, NULL, e);
}

/* ------------------------------------------------------- what the server says */

static void
relist_due(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	mcp_list_start(arg);
}

/* The token of a call is the id of its request. */
static void
progress_came(struct mcp *m, const struct json *params)
{
	struct mcp_request *r;
	struct timeval tv;
	int64_t id;

	if (json_int64(json_get(params, "progressToken"), &id) == -1 ||
	    (r = find_request(m, id)) == NULL)
		return;
	if ((clock_mono_us() - r->started) / 1000 < MCP_CALL_MAX_MS) {
		tv = ms(r->ms);
		event_add(r->clock, &tv);
	}
	if (r->on_progress != NULL)
		r->on_progress(params, r->arg);
}

static void
notification_came(struct mcp *m, const struct jsonrpc *msg)
{
	struct timeval tv = ms(RELIST_MS);
	char *text;

	if (strcmp(msg->method, "notifications/progress") == 0) {
		progress_came(m, msg->params);
	} else if (strcmp(msg->method,
	    "notifications/tools/list_changed") == 0) {
		/* not put off by each more: some never stop */
		if (m->state == MCP_READY && !evtimer_pending(m->relist, NULL))
			event_add(m->relist, &tv);
		mcp_unsettle(m);
	} else if (strcmp(msg->method, "notifications/message") == 0) {
		text = json_text(msg->params);
		log_debug(LOG_TOOL, "mcp %s: %.500s", mcp_name(m), text);
		free(text);
	}
}

static void
answer_roots(struct mcp *m, struct buf *out, const struct json *id)
{
	struct buf b = BUF_INIT;
	struct json_w w;
	char *uri = xasprintf("file://%s", m->dir);

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_key(&w, "roots");
	json_w_arr(&w);
	json_w_obj(&w);
	json_w_kstr(&w, "uri", uri);
	json_w_kstr(&w, "name", "project");
	json_w_obj_end(&w);
	json_w_arr_end(&w);
	json_w_obj_end(&w);
	jsonrpc_result(out, id, b.data);
	buf_clear(&b);
	free(uri);
}

/* Which call it is about is not said: the oldest tells it. */
static void
tell_declined(struct mcp *m, const struct json *params)
{
	struct mcp_request *r;

	TAILQ_FOREACH(r, &m->requests, entry) {
		if (r->on_declined != NULL) {
			r->on_declined(params, r->arg);
			return;
		}
	}
}

static void
answer_form(struct mcp *m, struct buf *out, const struct jsonrpc *msg)
{
	struct buf b = BUF_INIT;

	if (!m->opts.accept)
		tell_declined(m, msg->params);
	/* only forms are declared, at most (mcp 4.4) */
	if (json_streq(json_get(msg->params, "mode"), "url")) {
		jsonrpc_error(out, msg->id, JSONRPC_BAD_PARAMS,
		    "chatd does not open addresses for a server");
		return;
	}
	log_msg(LOG_TOOL, LOG_INFO, "mcp %s asks: %s", mcp_name(m),
	    m->opts.accept ? "answered with its defaults" : "declined");
	mcp_elicit_answer(&b, msg->params, m->opts.accept);
	jsonrpc_result(out, msg->id, b.data);
	buf_clear(&b);
}

static void
request_came(struct mcp *m, const struct jsonrpc *msg)
{
	struct buf b = BUF_INIT;

	if (strcmp(msg->method, "ping") == 0)
		jsonrpc_result(&b, msg->id, "{}");
	else if (strcmp(msg->method, "roots/list") == 0)
		answer_roots(m, &b, msg->id);
	else if (strcmp(msg->method, "elicitation/create") == 0)
		answer_form(m, &b, msg);
	else
		jsonrpc_error(&b, msg->id, JSONRPC_NO_METHOD,
		    "chatd does not do this");
	(void)send_text(m, &b, -1, NULL);
	buf_clear(&b);
}

static void
message_came(const struct json *message, void *arg)
{
	struct mcp *m = arg;
	struct mcp_request *r;
	struct jsonrpc msg;
	struct err e = ERR_INIT;
	int64_t id;

	if (jsonrpc_read(&msg, message, &e) == -1) {
		log_msg(LOG_TOOL, LOG_WARN, "mcp %s: %s", mcp_name(m), e.text);
	} else if (msg.kind == JSONRPC_REQUEST) {
		request_came(m, &msg);
	} else if (msg.kind == JSONRPC_NOTIFICATION) {
		notification_came(m, &msg);
	} else if (json_int64(msg.id, &id) == 0 &&
	    (r = find_request(m, id)) != NULL) {
		request_over(r, &msg, NULL);
	}
	/* Else a late answer, after a cancel: normal. */
}

static void
lost(int64_t id, const struct err *e, void *arg)
{
	struct mcp_request *r = find_request(arg, id);

	if (r != NULL)
		request_over(r, NULL, e);
}

static void
closed(const struct err *e, bool again, void *arg)
{
	connection_over(arg, e, again);
}

/* -------------------------------------------------------- beginning and end */

/* Free the transport of a connection that is over. */
static void
bury(struct mcp *m)
{
	if (m->dying != NULL)
		m->dying->ops->free(m->dying);
	m->dying = NULL;
}

static void
tell_changed(evutil_socket_t fd, short what, void *arg)
{
	struct mcp *m = arg;

	(void)fd;
	(void)what;
	bury(m);
	if (m->opts.on_change != NULL)
		m->opts.on_change(m, m->opts.arg);
}

void
mcp_unsettle(struct mcp *m)
{
	if (m->unsettled == 0)
		m->unsettled = clock_mono_us();
}

int64_t
mcp_unsettled_ms(const struct mcp *m)
{
	return m->unsettled == 0 ? 0 :
	    1 + (clock_mono_us() - m->unsettled) / 1000;
}

/* Also where nothing new is to be had: who waits must hear of it. */
void
mcp_changed(struct mcp *m)
{
	if (m->state == MCP_FAILED || (m->state == MCP_READY &&
	    m->coming == NULL && !evtimer_pending(m->relist, NULL)))
		m->unsettled = 0;
	event_active(m->changed, EV_TIMEOUT, 0);
}

/* The server refused to begin. */
static void
refused(struct mcp *m, const struct jsonrpc *msg, struct err *why)
{
	struct buf words = BUF_INIT;

	mcp_revision_refused(&words, msg->code, msg->data);
	err_set(why, ERR_FAILED, "MCP server %s: %.300s%s", mcp_name(m),
	    msg->message, words.data);
	buf_clear(&words);
}

static void
initialized(struct mcp *m, const struct jsonrpc *msg, const struct err *e,
    void *arg)
{
	struct err why = ERR_INIT;
	struct buf words = BUF_INIT;
	const char *version, *text;

	(void)arg;
	/* Lost with its connection: that is told already. */
	if (m->transport == NULL)
		return;
	version = msg == NULL ? NULL :
	    json_get_str(msg->params, "protocolVersion");
	if (e != NULL)
		why = *e;
	else if (msg->kind == JSONRPC_ERROR)
		refused(m, msg, &why);
	else if (!mcp_revision_known(version))
		err_set(&why, ERR_FAILED, "MCP server %s speaks revision %s, "
		    "chatd " MCP_REVISION, mcp_name(m),
		    version == NULL ? "none" : version);
	if (err_is_set(&why)) {
		/* Starting it again would give the same answer. */
		connection_over(m, &why, false);
		return;
	}
	text = json_get_str(msg->params, "instructions");
	mcp_add_plain(&words, text == NULL ? "" : text, INSTRUCTIONS_MAX);
	free(m->instructions);
	m->instructions = buf_take(&words);
	m->has_tools = json_is(json_path(msg->params, "capabilities", "tools",
	    NULL), JSON_OBJECT);
	mcp_notify(m, "notifications/initialized", NULL);
	m->transport->ops->ready(m->transport, version);
	err_clear(&m->why);
	m->state = MCP_READY;
	if (m->has_tools)
		mcp_list_start(m);
	else
		mcp_changed(m);
}

static int64_t
connect_limit(const struct mcp_entry *e)
{
	static const char *const slow[] = { "npx", "uvx", "bunx", "docker" };
	int64_t limit = CONNECT_MS;
	size_t i;

	for (i = 0; e->argv != NULL && i < NELEM(slow); i++) {
		if (strcmp(e->argv[0], slow[i]) == 0)
			limit = CONNECT_SLOW_MS;
	}
	/* who lets turns wait longer knows that it takes longer */
	return e->start_ms > limit ? e->start_ms : limit;
}

static void
connect_server(struct mcp *m)
{
	static const char head[] = "{\"protocolVersion\":\"" MCP_REVISION "\","
	    "\"clientInfo\":{\"name\":\"" PACKAGE_NAME "\",\"title\":\""
	    PACKAGE_NAME "\",\"version\":\"" PACKAGE_VERSION "\"},"
	    "\"capabilities\":{\"roots\":{}";
	struct buf params = BUF_INIT;
	struct mcp_transport_fns fns = { message_came, lost, closed, m };
	const struct mcp_entry *entry = m->opts.entry;
	struct err e = ERR_INIT;

	m->state = MCP_CONNECTING;
	mcp_unsettle(m);
	m->starts[m->start_count++ % (int)NELEM(m->starts)] = clock_mono_us();
	if (entry->broken != NULL)
		err_set(&e, ERR_CONFIG, "MCP server %s", entry->broken);
	else if (entry->url != NULL)
		m->transport = mcp_http_new(m->opts.base, m->opts.pool, entry,
		    &fns, &e);
	else
		m->transport = mcp_stdio_new(m->opts.base, entry, m->dir, &fns,
		    &e);
	buf_addf(&params, "%s%s}}", head, m->opts.accept ?
	    ",\"elicitation\":{\"form\":{\"applyDefaults\":true}}" : "");
	if (m->transport == NULL || mcp_request(m, "initialize", params.data,
	    connect_limit(entry), initialized, NULL, &e) == NULL)
		connection_over(m, &e, false);
	buf_clear(&params);
}

static void
restart_due(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	connect_server(arg);
}

/* How long until the next start; -1: it was started too often. */
static int64_t
restart_delay(const struct mcp *m)
{
	int64_t oldest, now = clock_mono_us(), delay = 1000;
	int recent = 0;
	size_t i;

	for (i = 0; i < NELEM(m->starts); i++) {
		oldest = m->starts[i];
		recent += oldest != 0 && now - oldest < RESTART_WINDOW_US;
	}
	if (recent >= (int)NELEM(m->starts))
		return -1;
	while (--recent > 0)
		delay *= 2;
	return delay;
}

/* Also called from within the transport's callbacks: they are its last. */
static void
connection_over(struct mcp *m, const struct err *e, bool again)
{
	int64_t delay = again ? restart_delay(m) : -1;
	struct mcp_transport *t = m->transport;
	struct timeval tv = ms(delay == -1 ? 0 : delay);

	m->transport = NULL;
	m->why = *e;
	m->state = delay == -1 ? MCP_FAILED : MCP_WAITING;
	event_del(m->relist);
	mcp_unsettle(m);
	if (delay != -1)
		event_add(m->restart, &tv);
	fail_all(m, e);
	if (m->coming != NULL) {
		mcp_listing_free(m->coming);
		m->coming = NULL;
	}
	/* It is not freed from within its own callback. */
	bury(m);
	m->dying = t;
	mcp_changed(m);
}

struct mcp *
mcp_new(const struct mcp_opts *opts)
{
	struct mcp *m = xcalloc(1, sizeof *m);
	struct timeval now = { 0 };

	m->opts = *opts;
	m->dir = xstrdup(opts->dir);
	m->instructions = xstrdup("");
	TAILQ_INIT(&m->requests);
	SLIST_INIT(&m->listings);
	m->restart = event_new(opts->base, -1, 0, restart_due, m);
	m->relist = event_new(opts->base, -1, 0, relist_due, m);
	m->changed = event_new(opts->base, -1, 0, tell_changed, m);
	event_add(m->restart, &now);
	mcp_unsettle(m);
	return m;
}

void
mcp_retry(struct mcp *m)
{
	int64_t last = m->start_count == 0 ? 0 :
	    m->starts[(m->start_count - 1) % (int)NELEM(m->starts)];
	struct timeval now = { 0 };

	if (m->state != MCP_FAILED ||
	    (clock_mono_us() - last) / 1000 < MCP_RETRY_MS)
		return;
	m->state = MCP_WAITING;
	mcp_unsettle(m);
	event_add(m->restart, &now);
}

void
mcp_hang_up(struct mcp *m)
{
	if (m->transport != NULL && m->transport->ops->hang_up != NULL)
		m->transport->ops->hang_up(m->transport);
}

void
mcp_free(struct mcp *m)
{
	struct err e = ERR_INIT;
	struct mcp_listing *l;

	if (m == NULL)
		return;
	err_set(&e, ERR_UNREACHABLE, "MCP server %s was ended", mcp_name(m));
	fail_all(m, &e);
	bury(m);
	if (m->transport != NULL)
		m->transport->ops->free(m->transport);
	while ((l = SLIST_FIRST(&m->listings)) != NULL) {
		SLIST_REMOVE_HEAD(&m->listings, entry);
		mcp_listing_free(l);
	}
	mcp_listing_free(m->coming);
	event_free(m->restart);
	event_free(m->relist);
	event_free(m->changed);
	free(m->instructions);
	free(m->cursor);
	free(m->dir);
	free(m);
}

const char *
mcp_name(const struct mcp *m)
{
	return m->opts.entry->name;
}

enum mcp_state
mcp_state(const struct mcp *m)
{
	return m->state;
}

const char *
mcp_error(const struct mcp *m)
{
	return m->why.text;
}

enum err_code
mcp_error_code(const struct mcp *m)
{
	return m->why.code;
}

const char *
mcp_instructions(const struct mcp *m)
{
	return m->instructions;
}
