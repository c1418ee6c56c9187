/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fetch.c - HTTP requests within the event loop; the one user of libcurl */

/*
 * libcurl's multi interface tells which sockets and which one timer it wants
 * watched; libevent watches them and comes back with what happened. While
 * libcurl runs (pool->busy), transfers must be neither added nor removed: what
 * callbacks ask for is only marked, and done by pool_woken() or when libcurl
 * has returned.
 */

#include "config.h"

#include <sys/queue.h>
#include <sys/time.h>

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "wire/fetch.h"
#include "wire/fetch_curl.h"
#include "wire/origin.h"

enum {
	CONNECT_MS = 10 * 1000,
	FIRST_BYTE_MS = 120 * 1000,
	IDLE_MS = 120 * 1000,
	SHARE_MAX = 64 * 1024,		/* bytes of a body in one pass */
	UPLOAD_BUFFER = 16 * 1024,	/* libcurl's own default is 64 KiB */
};

struct fetch_pool {
	struct event_base *base;
	struct curl_lib lib;
	CURLM *multi;			/* NULL until first used */
	struct event *timer;		/* libcurl's */
	struct event *wake;		/* something is marked */
	TAILQ_HEAD(, fetch) all;
	int busy;			/* libcurl runs */
};

/* A socket of libcurl's that is watched. */
struct watch {
	struct event *ev;
	int what;
};

struct fetch {
	TAILQ_ENTRY(fetch) entry;
	struct fetch_pool *pool;
	CURL *easy;
	struct curl_slist *headers;
	char *body;
	size_t body_len;
	char *origin;			/* for messages */
	char why[CURL_ERROR_SIZE];

	fetch_head_fn on_head;
	fetch_body_fn on_body;
	fetch_done_fn on_done;
	void *arg;

	/*
	 * One timer for two clocks, looked at when it runs out and not moved
	 * at each piece: 10,000 pieces would move it 10,000 times.
	 */
	struct event *clock;
	long connect_ms, first_byte_ms, idle_ms;
	int64_t started_us, last_us;

	int status;
	bool added;		/* libcurl knows it */
	bool head;		/* the head was handed out */
	bool body_begun;
	bool stopped;		/* a callback said so */
	bool cancelled;
	bool paused;		/* libcurl holds a piece back */
	bool yields;		/* has had its share of this pass */
	size_t share;		/* bytes since it last gave way */
};

const char *
fetch_version(struct err *e)
{
	struct curl_lib lib;

	return fetch_curl_load(&lib, e) == -1 ? NULL : lib.curl_version();
}

/* ---------------------------------------------------------------- messages */

static void
timeout_error(const struct fetch *f, struct err *e)
{
	double first = (double)f->first_byte_ms / 1000;
	double idle = (double)f->idle_ms / 1000;
	curl_off_t connected = 0;

	f->pool->lib.curl_easy_getinfo(f->easy, CURLINFO_PRETRANSFER_TIME_T,
	    &connected);
	if (f->head)
		err_set(e, ERR_TIMEOUT, "%s: nothing more came for %g s",
		    f->origin, idle);
	else if (connected > 0 || f->first_byte_ms < f->connect_ms)
		err_set(e, ERR_TIMEOUT, "%s: no answer within %g s",
		    f->origin, first);
	else
		err_set(e, ERR_TIMEOUT,
		    "cannot reach %s: no connection within %g s", f->origin,
		    (double)f->connect_ms / 1000);
}

static void
transfer_error(const struct fetch *f, CURLcode code, struct err *e)
{
	const char *why = f->why[0] != '\0' ? f->why :
	    f->pool->lib.curl_easy_strerror(code);
	curl_off_t connected = 0;
	long errnum = 0;

	/* an answer that is no HTTP has the code of a URL that is none */
	f->pool->lib.curl_easy_getinfo(f->easy, CURLINFO_PRETRANSFER_TIME_T,
	    &connected);
	if (code == CURLE_UNSUPPORTED_PROTOCOL && connected > 0)
		code = CURLE_WEIRD_SERVER_REPLY;
	switch (code) {
	case CURLE_OK:
		return;
	case CURLE_OPERATION_TIMEDOUT:
		timeout_error(f, e);
		return;
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		err_set(e, ERR_CONFIG, "%s is no usable URL: %s", f->origin,
		    why);
		return;
	case CURLE_COULDNT_CONNECT:
		f->pool->lib.curl_easy_getinfo(f->easy, CURLINFO_OS_ERRNO,
		    &errnum);
		if (errnum != 0)
			why = strerror((int)errnum);
		ATTR_FALLTHROUGH;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		err_set(e, ERR_UNREACHABLE, "cannot reach %s: %s", f->origin,
		    why);
		return;
	default:
		err_set(e, ERR_UNREACHABLE, "%s: the connection broke: %s",
		    f->origin, why);
	}
}

/* ------------------------------------------------------------ its lifetime */

static void
fetch_free(struct fetch *f)
{
	struct fetch_pool *pool = f->pool;

	if (f->added)
		pool->lib.curl_multi_remove_handle(pool->multi, f->easy);
	TAILQ_REMOVE(&pool->all, f, entry);
	if (f->easy != NULL)
		pool->lib.curl_easy_cleanup(f->easy);
	for (struct curl_slist *h = f->headers; h != NULL; h = h->next)
		mem_wipe(h->data, strlen(h->data));	/* keys */
	pool->lib.curl_slist_free_all(f->headers);
	event_free(f->clock);
	free(f->body);
	free(f->origin);
	free(f);
}

/* It is over: tell, unless nobody wants to hear. */
static void
fetch_over(struct fetch *f, CURLcode code)
{
	struct fetch_result res = {
		.status = f->status,
		.body_begun = f->body_begun,
	};
	fetch_done_fn done = f->on_done;
	void *arg = f->arg;

	if (f->stopped)
		err_set(&res.err, ERR_FAILED, "stopped");
	else
		transfer_error(f, code, &res.err);
	if (f->cancelled)
		done = NULL;
	else
		log_debug(LOG_FETCH, "%s: %d %s", f->origin, res.status,
		    res.err.text);
	fetch_free(f);
	if (done != NULL)
		done(&res, arg);
}

/* libcurl has returned: see which transfers ended. */
static void
pool_drain(struct fetch_pool *pool)
{
	CURLMsg *msg;
	int left;

	while ((msg = pool->lib.curl_multi_info_read(pool->multi, &left)) !=
	    NULL) {
		struct fetch *f = NULL;

		if (msg->msg != CURLMSG_DONE)
			continue;
		CURLcode code = msg->data.result;
		pool->lib.curl_easy_getinfo(msg->easy_handle,
		    CURLINFO_PRIVATE, &f);
		fetch_over(f, code);
	}
}

static void
pool_act(struct fetch_pool *pool, curl_socket_t fd, int what)
{
	int running;

	pool->busy++;
	pool->lib.curl_multi_socket_action(pool->multi, fd, what, &running);
	pool->busy--;
	pool_drain(pool);
}

static void
clock_set(struct fetch *f, int64_t us)
{
	struct timeval tv = {
		.tv_sec = (time_t)(us / 1000000),
		.tv_usec = (suseconds_t)(us % 1000000),
	};

	event_add(f->clock, &tv);
}

static void
clock_ran_out(evutil_socket_t fd, short what, void *arg)
{
	struct fetch *f = arg;
	int64_t since = f->head ? f->last_us : f->started_us;
	int64_t limit = (f->head ? f->idle_ms : f->first_byte_ms) * 1000;
	int64_t left = since + limit - clock_mono_us();

	(void)fd;
	(void)what;
	if (limit < 0)
		return;
	if (left > 0)
		clock_set(f, left);
	else
		fetch_over(f, CURLE_OPERATION_TIMEDOUT);
}

/* --------------------------------------------------- what libcurl calls */

/* The first line that is empty after a status that is final. */
static int
head_complete(struct fetch *f)
{
	struct fetch_head head = { .content_type = "", .fetch = f };
	const char *type = NULL;
	long status = 0;

	f->pool->lib.curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE,
	    &status);
	if (status < 200)
		return 0;
	f->head = true;
	f->status = head.status = (int)status;
	if (f->idle_ms > 0)
		clock_set(f, (int64_t)f->idle_ms * 1000);
	else
		event_del(f->clock);
	if (f->on_head == NULL)
		return 0;
	f->pool->lib.curl_easy_getinfo(f->easy, CURLINFO_CONTENT_TYPE, &type);
	if (type != NULL)
		head.content_type = type;
	if (f->on_head(&head, f->arg) == -1)
		f->stopped = true;
	return f->stopped || f->cancelled ? -1 : 0;
}

static size_t
header_came(char *line, size_t size, size_t count, void *arg)
{
	struct fetch *f = arg;

	(void)size;
	f->last_us = clock_mono_us();
	/* what comes after the head are trailers */
	if (!f->head && (count == 0 || line[0] == '\r' || line[0] == '\n') &&
	    head_complete(f) == -1)
		return CURL_WRITEFUNC_ERROR;
	return count;
}

/*
 * libcurl reads on while there is something to read, a megabyte and more at
 * once. After a share of it the others get their turn: those who show what
 * has come.
 */
static void
fetch_count(struct fetch *f, size_t count)
{
	static const struct timeval next_pass = { 0, 0 };

	f->share += count;
	if (f->share < SHARE_MAX)
		return;
	f->yields = true;
	event_add(f->pool->wake, &next_pass);
}

static size_t
body_came(char *bytes, size_t size, size_t count, void *arg)
{
	struct fetch *f = arg;

	(void)size;
	if (f->cancelled)
		return CURL_WRITEFUNC_ERROR;
	if (f->yields) {
		f->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	f->last_us = clock_mono_us();
	f->body_begun = true;
	fetch_count(f, count);
	if (f->on_body != NULL && f->on_body(bytes, count, f->arg) == -1)
		f->stopped = true;
	return f->stopped || f->cancelled ? CURL_WRITEFUNC_ERROR : count;
}

static void
socket_ready(evutil_socket_t fd, short what, void *arg)
{
	pool_act(arg, fd, (what & EV_READ ? CURL_CSELECT_IN : 0) |
	    (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

static int
socket_wanted(CURL *easy, curl_socket_t fd, int what, void *arg, void *data)
{
	struct fetch_pool *pool = arg;
	struct watch *w = data;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w != NULL)
			event_free(w->ev);
		free(w);
		return 0;
	}
	if (w == NULL) {
		w = xcalloc(1, sizeof(*w));
		w->ev = event_new(pool->base, fd, 0, NULL, NULL);
		pool->lib.curl_multi_assign(pool->multi, fd, w);
	} else if (w->what == what)
		return 0;
	event_del(w->ev);
	event_assign(w->ev, pool->base, fd, (short)(EV_PERSIST |
	    (what & CURL_POLL_IN ? EV_READ : 0) |
	    (what & CURL_POLL_OUT ? EV_WRITE : 0)), socket_ready, pool);
	event_add(w->ev, NULL);
	w->what = what;
	return 0;
}

static void
timer_ran_out(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	pool_act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int
timer_wanted(CURLM *multi, long ms, void *arg)
{
	struct fetch_pool *pool = arg;
	struct timeval tv = {
		.tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000,
	};

	(void)multi;
	if (ms < 0)
		event_del(pool->timer);
	else
		event_add(pool->timer, &tv);
	return 0;
}

/* ---------------------------------------------------------------- the pool */

static void
fetch_add(struct fetch *f)
{
	struct fetch_pool *pool = f->pool;

	f->started_us = f->last_us = clock_mono_us();
	if (f->first_byte_ms > 0)
		clock_set(f, (int64_t)f->first_byte_ms * 1000);
	f->added = true;
	if (pool->lib.curl_multi_add_handle(pool->multi, f->easy) !=
	    CURLM_OK) {
		f->added = false;
		fetch_over(f, CURLE_FAILED_INIT);
	}
}

static void
fetch_resume(struct fetch *f)
{
	f->paused = false;
	f->pool->busy++;
	f->pool->lib.curl_easy_pause(f->easy, CURLPAUSE_CONT);
	f->pool->busy--;
}

/* Do one thing that was marked; false if there is none. */
static bool
pool_step(struct fetch_pool *pool)
{
	struct fetch *f;

	TAILQ_FOREACH(f, &pool->all, entry) {
		if (f->cancelled)
			fetch_free(f);
		else if (!f->added)
			fetch_add(f);
		else if (f->paused)
			fetch_resume(f);
		else
			continue;
		return true;
	}
	return false;
}

static void
pool_woken(evutil_socket_t fd, short what, void *arg)
{
	struct fetch_pool *pool = arg;
	struct fetch *f;

	(void)fd;
	(void)what;
	TAILQ_FOREACH(f, &pool->all, entry) {
		f->yields = false;
		f->share = 0;
	}
	while (pool_step(pool))
		;
	pool_drain(pool);
}

struct fetch_pool *
fetch_pool_new(struct event_base *base)
{
	struct fetch_pool *pool = xcalloc(1, sizeof(*pool));

	pool->base = base;
	TAILQ_INIT(&pool->all);
	pool->timer = event_new(base, -1, 0, timer_ran_out, pool);
	pool->wake = event_new(base, -1, 0, pool_woken, pool);
	return pool;
}

static int
pool_open(struct fetch_pool *pool, struct err *e)
{
	if (pool->multi != NULL)
		return 0;
	if (fetch_curl_load(&pool->lib, e) == -1)
		return -1;
	if (pool->lib.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (pool->multi = pool->lib.curl_multi_init()) == NULL)
		return err_set(e, ERR_FAILED, "cannot start libcurl");
	pool->lib.curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION,
	    socket_wanted);
	pool->lib.curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
	pool->lib.curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION,
	    timer_wanted);
	pool->lib.curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
	return 0;
}

void
fetch_pool_load(struct fetch_pool *pool)
{
	/* a failure is for the first transfer to tell */
	(void)pool_open(pool, NULL);
}

void
fetch_pool_free(struct fetch_pool *pool)
{
	if (pool == NULL)
		return;
	while (!TAILQ_EMPTY(&pool->all))
		fetch_free(TAILQ_FIRST(&pool->all));
	if (pool->multi != NULL) {
		pool->lib.curl_multi_cleanup(pool->multi);
		pool->lib.curl_global_cleanup();
	}
	event_free(pool->timer);
	event_free(pool->wake);
	free(pool);
}

/* ------------------------------------------------------------- one request */

static void
set_method(struct fetch *f, const struct fetch_opts *o)
{
	__typeof__(curl_easy_setopt) *set = f->pool->lib.curl_easy_setopt;
	const char *method = o->method != NULL ? o->method :
	    o->body != NULL ? "POST" : "GET";

	if (strcmp(method, "HEAD") == 0)
		set(f->easy, CURLOPT_NOBODY, 1L);
	if (o->body != NULL || strcmp(method, "POST") == 0) {
		f->body = xmemdup(o->body != NULL ? o->body : "",
		    o->body_len + (o->body == NULL));
		set(f->easy, CURLOPT_POST, 1L);
		set(f->easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)o->body_len);
		set(f->easy, CURLOPT_POSTFIELDS, f->body);
		set(f->easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
	}
	set(f->easy, CURLOPT_CUSTOMREQUEST, method);
}

static void
set_headers(struct fetch *f, const char *const *headers)
{
	struct curl_lib *lib = &f->pool->lib;

	/* libcurl would wait a second for "100 Continue" (providers 1.1) */
	f->headers = lib->curl_slist_append(NULL, "Expect:");
	/* not asked for, but some gateways compress whatever was asked */
	f->headers = lib->curl_slist_append(f->headers, "Accept-Encoding:");
	lib->curl_easy_setopt(f->easy, CURLOPT_ACCEPT_ENCODING, "");
	for (; headers != NULL && *headers != NULL; headers++)
		f->headers = lib->curl_slist_append(f->headers, *headers);
	lib->curl_easy_setopt(f->easy, CURLOPT_HTTPHEADER, f->headers);
}

static bool
is_private_v4(uint32_t a)
{
	static const struct {
		uint32_t net;
		unsigned bits;
	} nets[] = {
		{ 0x00000000, 8 }, { 0x0a000000, 8 }, { 0x64400000, 10 },
		{ 0x7f000000, 8 }, { 0xa9fe0000, 16 }, { 0xac100000, 12 },
		{ 0xc0000000, 24 }, { 0xc0a80000, 16 }, { 0xc6120000, 15 },
		{ 0xe0000000, 3 },
	};
	size_t i;

	for (i = 0; i < NELEM(nets); i++) {
		if ((a ^ nets[i].net) >> (32 - nets[i].bits) == 0)
			return true;
	}
	return false;
}

static uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

/* Only global unicast; where an IPv4 address is inside, that one counts. */
static bool
is_private_v6(const unsigned char a[16])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const unsigned char nat64[12] = { 0x00, 0x64, 0xff, 0x9b };

	if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0)
		return is_private_v4(be32(a + 12));
	if (a[0] == 0x20 && a[1] == 0x02)	/* 6to4 */
		return is_private_v4(be32(a + 2));
	return (a[0] & 0xe0) != 0x20;
}

static curl_socket_t
open_public(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	bool private = true;

	(void)arg;
	(void)purpose;
	if (to->family == AF_INET) {
		private = is_private_v4(ntohl(((const struct sockaddr_in *)
		    (const void *)&to->addr)->sin_addr.s_addr));
	} else if (to->family == AF_INET6) {
		private = is_private_v6(((const struct sockaddr_in6 *)
		    (const void *)&to->addr)->sin6_addr.s6_addr);
	}
	if (private) {
		errno = EACCES;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* Redirects are never followed: they would carry keys elsewhere. */
static void
set_options(struct fetch *f, const struct fetch_opts *o)
{
	__typeof__(curl_easy_setopt) *set = f->pool->lib.curl_easy_setopt;
	CURL *easy = f->easy;

	set(easy, CURLOPT_URL, o->url);
	set(easy, CURLOPT_PATH_AS_IS, 1L);	/* a session may be called ".." */
	set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	set(easy, CURLOPT_NOSIGNAL, 1L);
	set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	set(easy, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	set(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	set(easy, CURLOPT_CONNECTTIMEOUT_MS, f->connect_ms);
	set(easy, CURLOPT_ERRORBUFFER, f->why);
	set(easy, CURLOPT_PRIVATE, f);
	set(easy, CURLOPT_HEADERFUNCTION, header_came);
	set(easy, CURLOPT_HEADERDATA, f);
	set(easy, CURLOPT_WRITEFUNCTION, body_came);
	set(easy, CURLOPT_WRITEDATA, f);
	if (o->unix_path != NULL)
		set(easy, CURLOPT_UNIX_SOCKET_PATH, o->unix_path);
	if (o->ca_file != NULL)
		set(easy, CURLOPT_CAINFO, o->ca_file);
	if (origin_is_loopback(f->origin) || o->public_only)
		set(easy, CURLOPT_NOPROXY, "*");
	if (o->public_only) {
		set(easy, CURLOPT_OPENSOCKETFUNCTION, open_public);
		/* A connection that is open already was not judged. */
		set(easy, CURLOPT_FRESH_CONNECT, 1L);
		set(easy, CURLOPT_FORBID_REUSE, 1L);
	}
}

struct fetch *
fetch_start(struct fetch_pool *pool, const struct fetch_opts *opts,
    struct err *e)
{
	if (pool_open(pool, e) == -1)
		return NULL;
	CURL *easy = pool->lib.curl_easy_init();
	if (easy == NULL) {
		err_set(e, ERR_FAILED, "cannot start a request");
		return NULL;
	}
	struct fetch *f = xcalloc(1, sizeof(*f));
	f->pool = pool;
	f->easy = easy;
	f->on_head = opts->on_head;
	f->on_body = opts->on_body;
	f->on_done = opts->on_done;
	f->arg = opts->arg;
	f->connect_ms = opts->connect_ms > 0 ? opts->connect_ms : CONNECT_MS;
	f->first_byte_ms = opts->first_byte_ms != 0 ? opts->first_byte_ms :
	    FIRST_BYTE_MS;
	f->idle_ms = opts->idle_ms != 0 ? opts->idle_ms : IDLE_MS;
	f->origin = origin_of(opts->url, opts->unix_path);
	f->clock = event_new(pool->base, -1, 0, clock_ran_out, f);
	TAILQ_INSERT_TAIL(&pool->all, f, entry);
	set_options(f, opts);
	set_method(f, opts);
	set_headers(f, opts->headers);
	event_active(pool->wake, EV_TIMEOUT, 1);
	return f;
}

void
fetch_cancel(struct fetch *f)
{
	if (f == NULL)
		return;
	if (f->pool->busy == 0) {
		fetch_free(f);
		return;
	}
	f->cancelled = true;
	event_active(f->pool->wake, EV_TIMEOUT, 1);
}

const char *
fetch_header(const struct fetch *f, const char *name)
{
	struct curl_header *h;

	if (f->pool->lib.curl_easy_header(f->easy, name, 0, CURLH_HEADER, -1,
	    &h) != CURLHE_OK)
		return NULL;
	return h->value;
}

char *
fetch_escape(const char *s)
{
	struct buf b = BUF_INIT;

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		/* RFC 3986: unreserved */
		if ((c < 0x80 && isalnum(c)) || strchr("-._~", c) != NULL)
			buf_addc(&b, (char)c);
		else
			buf_addf(&b, "%%%02X", c);
	}
	return buf_take(&b);
}
