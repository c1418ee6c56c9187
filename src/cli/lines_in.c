/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lines_in.c - reads lines in the loop, checks and completes each */

#include <event2/event.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/lines_in.h"
#include "cli/session.h"
#include "wire/record.h"

enum {
	LINE_MAX_BYTES = RECORD_BODY_MAX,
	READ_BYTES = 65536,
};

struct lines_in {
	const struct session *session;
	struct event *event;
	struct buf pending;
	int line;
	lines_record_fn on_record;
	lines_end_fn on_end;
	void *arg;
};

/* The members of a payload; what the line says itself stays. */
static void
write_payload(struct json_w *w, const struct json *payload,
    const struct session *s)
{
	const struct json *v;
	const char *key = item_key(&s->item);

	json_w_obj(w);
	if (json_get(payload, "chatId") == NULL)
		json_w_kstr(w, "chatId", key);
	JSON_EACH(v, payload) {
		json_w_keyn(w, json_name(v), json_name_len(v));
		json_w_value(w, v);
	}
	if (json_get(payload, "metadata") == NULL && s->metadata != NULL)
		json_w_kraw(w, "metadata", s->metadata);
	if (json_get(payload, "chatd") == NULL && session_told(s) != NULL)
		json_w_kraw(w, "chatd", session_told(s));
	json_w_obj_end(w);
}

static int
check_record(const struct json *root, struct err *e)
{
	const struct json *payload = json_get(root, "payload");

	if (!json_is(root, JSON_OBJECT))
		return err_set(e, ERR_INPUT, "an object is wanted");
	if (json_get_str(root, "kind") == NULL)
		return err_set(e, ERR_INPUT, "\"kind\" is missing");
	if (json_streq(json_get(root, "kind"), "stop"))
		return 0;
	if (!json_streq(json_get(root, "kind"), "message"))
		return err_set(e, ERR_INPUT, "\"kind\" is \"%s\": message or "
		    "stop is wanted", json_get_str(root, "kind"));
	if (!json_is(payload, JSON_OBJECT))
		return err_set(e, ERR_INPUT, "\"payload\" is missing");
	if (json_get_str(payload, "trigger") == NULL)
		return err_set(e, ERR_INPUT, "payload has no \"trigger\"");
	return 0;
}

int
lines_in_record(struct buf *out, const char *line, size_t len,
    const struct session *s, struct err *e)
{
	struct json_doc *doc = json_parse(line, len, 0, e);
	struct json_w w;
	const struct json *v;

	if (doc == NULL || check_record(json_root(doc), e) != 0) {
		json_doc_free(doc);
		return -1;
	}
	json_w_init(&w, out);
	json_w_obj(&w);
	JSON_EACH(v, json_root(doc)) {
		json_w_keyn(&w, json_name(v), json_name_len(v));
		if (strcmp(json_name(v), "payload") == 0 &&
		    json_is(v, JSON_OBJECT))
			write_payload(&w, v, s);
		else
			json_w_value(&w, v);
	}
	json_w_obj_end(&w);
	json_doc_free(doc);
	return 0;
}

static void
finish(struct lines_in *li, const struct err *e)
{
	event_del(li->event);
	li->on_end(e, li->arg);
}

static int
take_line(struct lines_in *li, const char *line, size_t len)
{
	struct buf record = BUF_INIT;
	struct err why = ERR_INIT, e = ERR_INIT;

	li->line++;
	if (strspn(line, " \t\r") >= len)
		return 0;
	int r = lines_in_record(&record, line, len, li->session, &why);
	if (r == 0) {
		li->on_record(record.data, record.len, li->arg);
	} else {
		err_set(&e, ERR_INPUT, "stdin: line %d: %s", li->line,
		    why.text);
		finish(li, &e);
	}
	buf_clear(&record);
	return r;
}

/* All whole lines, and at the end the rest. */
static int
take_lines(struct lines_in *li, bool end)
{
	size_t at = 0;
	int r = 0;

	while (r == 0 && at < li->pending.len) {
		char *start = li->pending.data + at;
		char *nl = memchr(start, '\n', li->pending.len - at);
		size_t len = nl != NULL ? (size_t)(nl - start) :
		    li->pending.len - at;

		if (nl == NULL && !end)
			break;
		if (nl != NULL)
			*nl = '\0';
		at += len + (nl != NULL ? 1 : 0);
		r = take_line(li, start, len);
	}
	buf_drop(&li->pending, at < li->pending.len ? at : li->pending.len);
	return r;
}

static void
readable(evutil_socket_t fd, short what, void *arg)
{
	struct lines_in *li = arg;
	struct err e = ERR_INIT;

	(void)what;
	if (li->pending.len > LINE_MAX_BYTES) {
		err_set(&e, ERR_INPUT, "stdin: line %d is too long",
		    li->line + 1);
		finish(li, &e);
		return;
	}
	char *room = buf_reserve(&li->pending, READ_BYTES);
	ssize_t n = read((int)fd, room, READ_BYTES);
	if (n < 0) {
		if (errno == EINTR || errno == EAGAIN)
			return;
		err_errno(&e, ERR_IO, errno, "cannot read stdin");
		finish(li, &e);
		return;
	}
	li->pending.len += (size_t)n;
	li->pending.data[li->pending.len] = '\0';
	if (take_lines(li, n == 0) == 0 && n == 0)
		finish(li, NULL);
}

/* No regular files, no /dev/null (libevent would complain on stderr): those
 * are read by a timer that is always due. */
static bool
epoll_takes(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && !S_ISREG(st.st_mode) &&
	    (!S_ISCHR(st.st_mode) || isatty(fd));
}

static void
due(evutil_socket_t fd, short what, void *arg)
{
	struct lines_in *li = arg;
	struct timeval now = { 0, 0 };

	(void)fd;
	event_add(li->event, &now);
	readable(STDIN_FILENO, what, li);
}

struct lines_in *
lines_in_new(struct event_base *base, const struct session *s,
    lines_record_fn on_record, lines_end_fn on_end, void *arg)
{
	struct lines_in *li = xcalloc(1, sizeof(*li));
	struct timeval now = { 0, 0 };

	li->session = s;
	li->on_record = on_record;
	li->on_end = on_end;
	li->arg = arg;
	buf_init(&li->pending);
	if (epoll_takes(STDIN_FILENO)) {
		li->event = event_new(base, STDIN_FILENO,
		    EV_READ | EV_PERSIST, readable, li);
		event_add(li->event, NULL);
	} else {
		li->event = event_new(base, -1, 0, due, li);
		event_add(li->event, &now);
	}
	return li;
}

void
lines_in_free(struct lines_in *li)
{
	if (li == NULL)
		return;
	event_free(li->event);
	buf_clear(&li->pending);
	free(li);
}
