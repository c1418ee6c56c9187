/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat_stream.c - any bytes for an answer: events in order, one end */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "events.h"
#include "fuzz.h"
#include "model/chat_stream.h"
#include "model/model_priv.h"
#include "wire/sse.h"

struct reader {
	struct chat_stream stream;
	struct fault fault;
};

static int
event_came(const struct sse_event *ev, void *arg)
{
	struct reader *r = arg;

	return chat_stream_feed(&r->stream, ev->data, ev->len, &r->fault);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[] = "openai";
	struct model_entry en = { .name = name };
	const struct models_opts none = { .base = NULL };
	struct models *ms = models_new(&none);
	struct model m = { .provider = &en, .spec = name, .id = "m",
	    .models = ms };
	struct heard h = { 0 };
	struct model_call call = { .model = &m, .fn = heard, .arg = &h,
	    .held = 1 };
	struct reader r = { .fault = FAULT_INIT };
	struct sse_parser *sse;

	/* the first byte chooses what the entry is like */
	if (size > 0)
		en.think = (enum model_think)(data[0] % 3);
	en.reasoning_back = size > 0 && data[0] & 4;
	sse = sse_new(1024 * 1024, event_came, &r);
	chat_stream_init(&r.stream, &call, "{\"id\":\"call_0\"}");
	if (sse_feed(sse, (const char *)data, size, &r.fault.err) == 0 &&
	    sse_finish(sse, &r.fault.err) == 0)
		(void)chat_stream_end(&r.stream, &r.fault);
	FUZZ_CHECK((r.fault.err.code == ERR_NONE) == (h.ends == 1));
	if (h.ends == 0)
		model_fail(&call, &r.fault.err);
	else
		FUZZ_CHECK(h.settled == h.started);
	FUZZ_CHECK(h.ends == 1);
	sse_free(sse);
	chat_stream_clear(&r.stream);
	models_free(ms);
	return 0;
}
