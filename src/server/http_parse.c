/* SPDX-License-Identifier: GPL-3.0-or-later */
/* http_parse.c - one request out of bytes cut anywhere */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#ifdef HAVE_LLHTTP
#include <llhttp.h>
#else
#include <http_parser.h>
#endif

#include "base/mem.h"
#include "server/http_parse.h"

#ifdef HAVE_LLHTTP
typedef llhttp_t lib_parser;
typedef llhttp_settings_t lib_settings;
#define LIB_NO_LENGTH	0
#else
typedef http_parser lib_parser;
typedef http_parser_settings lib_settings;
#define LIB_NO_LENGTH	UINT64_MAX
#endif

enum { KEEP_MAX = 4096 };	/* of a head between two requests */

/* Where the next bytes of the head belong. */
enum at_head { AT_TARGET, AT_NAME, AT_VALUE, AT_BODY };

struct http_parse {
	lib_parser lib;
	lib_settings settings;
	struct http_fns fns;
	void *arg;
	struct http_head head;
	enum at_head at;
	bool whole, stopped, too_large, alien;
};

static struct http_parse *
self(lib_parser *lib)
{
	return lib->data;
}

static int
add_text(struct http_parse *p, const char *bytes, size_t len)
{
	if (buf_add(&p->head.text, bytes, len) == 0)
		return 0;
	p->too_large = true;
	return -1;
}

/* A NUL between the strings, so that each can be handed out as one. */
static int
begin_text(struct http_parse *p, size_t *at)
{
	if (add_text(p, "", 1) != 0)
		return -1;
	*at = p->head.text.len;
	return 0;
}

static int
on_url(lib_parser *lib, const char *bytes, size_t len)
{
	return add_text(self(lib), bytes, len);
}

static int
on_name(lib_parser *lib, const char *bytes, size_t len)
{
	struct http_parse *p = self(lib);
	struct http_head *h = &p->head;

	if (p->at == AT_BODY)		/* trailers are not looked at */
		return 0;
	if (p->at != AT_NAME) {
		if (h->header_count == HTTP_HEADERS_MAX) {
			p->too_large = true;
			return -1;
		}
		if (begin_text(p, &h->at[h->header_count].name) != 0)
			return -1;
		/* a header without a value has the empty one */
		h->at[h->header_count++].value = 0;
		p->at = AT_NAME;
	}
	return add_text(p, bytes, len);
}

static int
on_value(lib_parser *lib, const char *bytes, size_t len)
{
	struct http_parse *p = self(lib);
	struct http_head *h = &p->head;

	if (p->at == AT_BODY || h->header_count == 0)
		return 0;
	if (p->at != AT_VALUE) {
		if (begin_text(p, &h->at[h->header_count - 1].value) != 0)
			return -1;
		p->at = AT_VALUE;
	}
	return add_text(p, bytes, len);
}

static void
read_framing(struct http_parse *p)
{
	struct http_head *h = &p->head;
	uint64_t length = p->lib.content_length;

#ifdef HAVE_LLHTTP
	h->method = llhttp_method_name(p->lib.method);
	h->keep_alive = llhttp_should_keep_alive(&p->lib) != 0;
#else
	h->method = http_method_str(p->lib.method);
	h->keep_alive = http_should_keep_alive(&p->lib) != 0;
#endif
	h->http10 = p->lib.http_major == 1 && p->lib.http_minor == 0;
	h->chunked = (p->lib.flags & F_CHUNKED) != 0;
	h->length = -1;
	if (!h->chunked && length != LIB_NO_LENGTH)
		h->length = length > INT64_MAX ? INT64_MAX : (int64_t)length;
	if (h->length < 0 && http_header(h, "content-length") != NULL)
		h->length = 0;
	h->target = h->text.data;
}

static int
on_head(lib_parser *lib)
{
	struct http_parse *p = self(lib);

	/* an offer to change the protocol is one we may leave alone */
	p->lib.upgrade = 0;
	p->at = AT_BODY;
	read_framing(p);
	if (lib->http_major != 1) {
		p->alien = true;
		return -1;
	}
	if (p->fns.on_head(&p->head, p->arg) == 0)
		return 0;
	p->stopped = true;
	return -1;
}

static int
on_body(lib_parser *lib, const char *bytes, size_t len)
{
	struct http_parse *p = self(lib);

	if (p->fns.on_body(bytes, len, p->arg) == 0)
		return 0;
	p->stopped = true;
	return -1;
}

static int
on_whole(lib_parser *lib)
{
	self(lib)->whole = true;
#ifdef HAVE_LLHTTP
	return HPE_PAUSED;
#else
	http_parser_pause(lib, 1);
	return 0;
#endif
}

static void
lib_start(struct http_parse *p)
{
	lib_settings *s = &p->settings;

#ifdef HAVE_LLHTTP
	llhttp_settings_init(s);
#else
	http_parser_settings_init(s);
#endif
	s->on_url = on_url;
	s->on_header_field = on_name;
	s->on_header_value = on_value;
	s->on_headers_complete = on_head;
	s->on_body = on_body;
	s->on_message_complete = on_whole;
#ifdef HAVE_LLHTTP
	llhttp_init(&p->lib, HTTP_REQUEST, s);
#else
	http_parser_init(&p->lib, HTTP_REQUEST);
#endif
	p->lib.data = p;
}

/* false: the library refuses the bytes, or was told to stop. */
static bool
lib_feed(struct http_parse *p, const char *bytes, size_t len, size_t *used)
{
#ifdef HAVE_LLHTTP
	enum llhttp_errno err = llhttp_execute(&p->lib, bytes, len);

	*used = len;
	if (err == HPE_OK)
		return true;
	*used = (size_t)(llhttp_get_error_pos(&p->lib) - bytes);
	return false;
#else
	*used = http_parser_execute(&p->lib, &p->settings, bytes, len);
	return HTTP_PARSER_ERRNO(&p->lib) == HPE_OK;
#endif
}

struct http_parse *
http_parse_new(const struct http_fns *fns, void *arg)
{
	struct http_parse *p = xcalloc(1, sizeof(*p));

	p->fns = *fns;
	p->arg = arg;
	buf_init_max(&p->head.text, HTTP_HEAD_MAX);
	lib_start(p);
	return p;
}

void
http_parse_free(struct http_parse *p)
{
	if (p == NULL)
		return;
	buf_clear(&p->head.text);
	free(p);
}

void
http_parse_reset(struct http_parse *p)
{
	/* most heads are as long as the one before */
	if (p->head.text.cap <= KEEP_MAX)
		buf_reset(&p->head.text);
	else
		buf_clear(&p->head.text);
	p->head.header_count = 0;
	p->at = AT_TARGET;
	p->whole = p->stopped = p->too_large = p->alien = false;
	lib_start(p);
}

enum http_result
http_parse_feed(struct http_parse *p, const char *bytes, size_t len,
    size_t *used)
{
	bool fine = lib_feed(p, bytes, len, used);

	if (p->whole)
		return HTTP_WHOLE;
	if (p->too_large)
		return HTTP_TOO_LARGE;
	if (p->stopped)
		return HTTP_STOPPED;
	if (p->alien)
		return HTTP_VERSION;
	if (!fine) {
#ifdef HAVE_LLHTTP
		if (llhttp_get_errno(&p->lib) == HPE_INVALID_VERSION)
			return HTTP_VERSION;
#else
		if (HTTP_PARSER_ERRNO(&p->lib) == HPE_HEADER_OVERFLOW)
			return HTTP_TOO_LARGE;
#endif
		return HTTP_BAD;
	}
	return HTTP_MORE;
}

bool
http_parse_has_head(const struct http_parse *p)
{
	return p->at == AT_BODY;
}

const struct http_head *
http_parse_head(const struct http_parse *p)
{
	return &p->head;
}

const char *
http_header_name(const struct http_head *head, size_t i)
{
	return head->text.data + head->at[i].name;
}

const char *
http_header_value(const struct http_head *head, size_t i)
{
	return head->at[i].value == 0 ? "" : head->text.data + head->at[i].value;
}

const char *
http_header(const struct http_head *head, const char *name)
{
	for (size_t i = 0; i < head->header_count; i++) {
		if (strcasecmp(http_header_name(head, i), name) == 0)
			return http_header_value(head, i);
	}
	return NULL;
}
