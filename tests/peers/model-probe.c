/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model-probe.c - ask a model and print its events, one a line */

/*
 *	model-probe [-c CONFIG] [-m MESSAGES] [-t TOOLS] [-r EFFORT]
 *	    SPEC [PROMPT]
 *	model-probe -l PROVIDER
 *	model-probe -d
 *	model-probe -f
 *
 * CONFIG, MESSAGES and TOOLS are JSON text. -l lists models, -d says which
 * model is taken when nobody says, -f which local servers are found. Ends
 * with the exit status of the error.
 */

#include <event2/event.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "model/model.h"
#include "wire/fetch.h"

struct probe {
	struct event_base *base;
	int status;
	const char *effort;
};

static const char *const names[] = {
	[MODEL_TEXT_START] = "text-start", [MODEL_TEXT_DELTA] = "text-delta",
	[MODEL_TEXT_END] = "text-end",
	[MODEL_REASONING_START] = "reasoning-start",
	[MODEL_REASONING_DELTA] = "reasoning-delta",
	[MODEL_REASONING_END] = "reasoning-end",
	[MODEL_TOOL_START] = "tool-start", [MODEL_TOOL_DELTA] = "tool-delta",
	[MODEL_TOOL_CALL] = "tool-call", [MODEL_TOOL_BAD] = "tool-bad",
	[MODEL_TOOL_RESULT] = "tool-result", [MODEL_SOURCE] = "source",
	[MODEL_FILE] = "file", [MODEL_DATA] = "data", [MODEL_RETRY] = "retry",
	[MODEL_USAGE] = "usage", [MODEL_FINISH] = "finish",
	[MODEL_ERROR] = "error",
};

static void
add_field(struct buf *b, const char *name, const char *s, size_t len)
{
	if (s == NULL)
		return;
	buf_addf(b, " %s=", name);
	json_add_quoted(b, s, len);
}

static void
event_came(const struct model_event *ev, void *arg)
{
	struct probe *p = arg;
	struct buf b = BUF_INIT;

	buf_adds(&b, names[ev->type]);
	if (ev->type == MODEL_FINISH)
		buf_addf(&b, " %s", model_finish_name(ev->finish));
	if (ev->id != NULL)
		buf_addf(&b, " %s", ev->id);
	if (ev->name != NULL)
		buf_addf(&b, " %s", ev->name);
	add_field(&b, "text", ev->text, ev->len);
	if (ev->metadata != NULL)
		buf_addf(&b, " metadata=%s", ev->metadata);
	if (ev->usage != NULL) {
		buf_addc(&b, ' ');
		model_usage_write(ev->usage, &b);
	}
	if (ev->type == MODEL_RETRY)
		buf_addf(&b, " wait=%lld", (long long)ev->wait_ms);
	if (ev->error != NULL)
		buf_addf(&b, " %s: %s", err_code_name(ev->error->code),
		    ev->error->text);
	if (ev->error != NULL && ev->error->hint[0] != '\0')
		buf_addf(&b, " (hint: %s)", ev->error->hint);
	if (ev->type == MODEL_ERROR) {
		buf_adds(&b, ev->shown ? " [shown]" : "");
		p->status = err_exit_status(ev->error->code);
	}
	puts(b.data);
	buf_clear(&b);
	if (ev->type == MODEL_ERROR || ev->type == MODEL_FINISH)
		event_base_loopbreak(p->base);
}

static void
list_came(const struct model_info *infos, size_t count, const struct err *e,
    void *arg)
{
	struct probe *p = arg;

	for (size_t i = 0; i < count; i++)
		printf("%s:%s %lld%s\n", infos[i].provider, infos[i].id,
		    (long long)infos[i].context,
		    (infos[i].can & MODEL_CAN_THINK) != 0 ? " think" : "");
	if (e != NULL) {
		printf("error %s: %s\n", err_code_name(e->code), e->text);
		p->status = err_exit_status(e->code);
	}
	event_base_loopbreak(p->base);
}

static void
default_came(const char *spec, const char *why, void *arg)
{
	struct probe *p = arg;

	printf("%s (%s)\n", spec, why);
	event_base_loopbreak(p->base);
}

static void
found_came(const char *json, void *arg)
{
	struct probe *p = arg;

	puts(json);
	event_base_loopbreak(p->base);
}

static struct json_doc *
parse_or_die(const char *text)
{
	struct err e = ERR_INIT;
	struct json_doc *doc = json_parse(text, strlen(text), 0, &e);

	if (doc == NULL) {
		fprintf(stderr, "model-probe: %s\n", e.text);
		exit(2);
	}
	return doc;
}

static void
ask(struct probe *p, struct models *ms, const char *spec, const char *messages,
    const char *tools)
{
	struct json_doc *doc = parse_or_die(messages);
	struct json_doc *tool_doc = tools != NULL ? parse_or_die(tools) : NULL;
	struct model_request rq = { .messages = json_root(doc),
	    .tools = tool_doc != NULL ? json_root(tool_doc) : NULL,
	    .session = "s1", .reasoning = p->effort };
	struct err e = ERR_INIT;
	struct model *m = models_get(ms, spec, &e);
	struct model_call *call = m == NULL ? NULL :
	    model_ask(m, &rq, event_came, p, &e);

	json_doc_free(doc);
	json_doc_free(tool_doc);
	if (call != NULL) {
		event_base_dispatch(p->base);
		return;
	}
	printf("error %s: %s (hint: %s)\n", err_code_name(e.code), e.text,
	    e.hint);
	p->status = err_exit_status(e.code);
}

int
main(int argc, char **argv)
{
	struct probe p = { .base = event_base_new() };
	struct models_opts mo = { .base = p.base,
	    .fetch = fetch_pool_new(p.base) };
	struct json_doc *config = NULL;
	const char *tools = NULL, *provider = NULL;
	struct buf messages = BUF_INIT;
	bool by_default = false, find = false;
	int c;

	while ((c = getopt(argc, argv, "c:m:t:r:l:df")) != -1) {
		if (c == 'c')
			config = parse_or_die(optarg);
		else if (c == 'm')
			buf_adds(&messages, optarg);
		else if (c == 't')
			tools = optarg;
		else if (c == 'r')
			p.effort = optarg;
		else if (c == 'l')
			provider = optarg;
		else if (c == 'd')
			by_default = true;
		else if (c == 'f')
			find = true;
		else
			return 2;
	}
	if (messages.len == 0 && optind + 1 < argc) {
		buf_adds(&messages, "[{\"role\":\"user\",\"content\":"
		    "[{\"type\":\"text\",\"text\":");
		json_add_quoted(&messages, argv[optind + 1],
		    strlen(argv[optind + 1]));
		buf_adds(&messages, "}]}]");
	}
	mo.config = config != NULL ? json_root(config) : NULL;
	struct models *ms = models_new(&mo);
	if (provider != NULL) {
		models_list(ms, provider, list_came, &p);
		event_base_dispatch(p.base);
	} else if (by_default) {
		models_default(ms, default_came, &p);
		event_base_dispatch(p.base);
	} else if (find) {
		models_discover(ms, 60000, found_came, &p);
		event_base_dispatch(p.base);
	} else if (messages.len > 0) {
		ask(&p, ms, argv[optind], messages.data, tools);
	}
	buf_clear(&messages);
	models_free(ms);
	fetch_pool_free(mo.fetch);
	json_doc_free(config);
	event_base_free(p.base);
	return p.status;
}
