/* SPDX-License-Identifier: GPL-3.0-or-later */
/* provider_stream.c - any bytes for an answer of the other three APIs */

#include <string.h>

#include "base/mem.h"
#include "events.h"
#include "fuzz.h"
#include "model/anthropic.h"
#include "model/gemini.h"
#include "model/responses.h"
#include "wire/sse.h"

enum api { ANTHROPIC, RESPONSES, GEMINI, APIS };

struct reader {
	enum api api;
	struct anthropic_stream anthropic;
	struct responses_stream responses;
	struct gemini_stream gemini;
	struct fault fault;
};

static int
event_came(const struct sse_event *ev, void *arg)
{
	struct reader *r = arg;

	if (r->api == ANTHROPIC)
		return anthropic_stream_feed(&r->anthropic, ev->data, ev->len,
		    &r->fault);
	if (r->api == RESPONSES)
		return responses_stream_feed(&r->responses, ev->data, ev->len,
		    &r->fault);
	return gemini_stream_feed(&r->gemini, ev->data, ev->len, &r->fault);
}

static void
end(struct reader *r)
{
	if (r->api == ANTHROPIC)
		(void)anthropic_stream_end(&r->anthropic, &r->fault);
	else if (r->api == RESPONSES)
		(void)responses_stream_end(&r->responses, &r->fault);
	else
		(void)gemini_stream_end(&r->gemini, &r->fault);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[] = "p";
	struct model_entry en = { .name = name };
	struct model m = { .provider = &en, .spec = name, .id = "m" };
	struct heard h = { 0 };
	struct model_call call = { .model = &m, .fn = heard, .arg = &h,
	    .held = 1 };
	struct reader r = { .fault = FAULT_INIT };
	struct sse_parser *sse;

	/* the first byte chooses the API */
	r.api = size > 0 ? (enum api)(data[0] % APIS) : ANTHROPIC;
	sse = sse_new(1024 * 1024, event_came, &r);
	anthropic_stream_init(&r.anthropic, &call, NULL);
	responses_stream_init(&r.responses, &call, NULL);
	gemini_stream_init(&r.gemini, &call, NULL);
	if (size > 0 && sse_feed(sse, (const char *)data + 1, size - 1,
	    &r.fault.err) == 0 && sse_finish(sse, &r.fault.err) == 0)
		end(&r);
	else if (size == 0)
		end(&r);
	FUZZ_CHECK((r.fault.err.code == ERR_NONE) == (h.ends == 1));
	if (h.ends == 0)
		model_fail(&call, &r.fault.err);
	else
		FUZZ_CHECK(h.settled == h.started);
	FUZZ_CHECK(h.ends == 1);
	sse_free(sse);
	anthropic_stream_clear(&r.anthropic);
	responses_stream_clear(&r.responses);
	gemini_stream_clear(&r.gemini);
	return 0;
}
