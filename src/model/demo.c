/* SPDX-License-Identifier: GPL-3.0-or-later */
/* demo.c - a built-in model that needs nothing and says so */

/*
 * It writes a script for the player: the tour shows every kind of part, other
 * answers are short and repeat what was said, so that one can see that the
 * history arrives. Nothing is executed, nobody is called.
 */

#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "model/model_priv.h"
#include "model/player.h"

enum {
	PACE_MS = 15,
	PIECE = 24,		/* bytes of text in one delta, about */
	QUOTE_MAX = 200,
};

struct demo {
	const struct model_request *rq;
	struct buf said;	/* the last message, one line */
	size_t turns;		/* messages of the person */
	size_t messages;
	struct buf script;
	bool answered;		/* a call of the last message has its result */
};

static const char connect_text[] =
    "Connect a real one with a key in the environment or a local server:\n"
    "\n"
    "```sh\n"
    "export OPENAI_API_KEY=...      # then: chatd -m openai:gpt-6.1-sol\n"
    "export OPENAI_BASE_URL=...     # any server that speaks its protocol\n"
    "ollama pull qwen3              # then: chatd -m ollama:qwen3\n"
    "chatd doctor                   # what was found on this machine\n"
    "```";

static const char tour_text[] =
    "\n"
    "## What an answer can hold\n"
    "\n"
    "| part | shown as |\n"
    "| --- | --- |\n"
    "| reasoning | folded, above |\n"
    "| tool call | the forecast, above: made up, nothing was run |\n"
    "| text | headings, lists, tables, **bold**, `code` |\n"
    "| source | a link, below |\n"
    "\n"
    "- A session is kept: `chatd -c` goes on with it.\n"
    "- Esc stops an answer, and what came is kept.\n"
    "- Say `approval` to hear about approvals, `tour` to see this again.\n"
    "\n";

/* ------------------------------------------------------- what was asked */

static void
add_words(struct buf *b, const struct json *content)
{
	const struct json *p;

	if (json_is(content, JSON_STRING))
		buf_add(b, json_str(content), json_len(content));
	JSON_EACH(p, content)
		if (json_streq(json_get(p, "type"), "text") &&
		    json_get_str(p, "text") != NULL)
			buf_adds(b, json_get_str(p, "text"));
}

static void
demo_read(struct demo *d)
{
	const struct json *m, *last = NULL;

	d->messages = json_len(d->rq->messages);
	d->turns = player_count(d->rq, "user");
	JSON_EACH(m, d->rq->messages) {
		if (json_streq(json_get(m, "role"), "user"))
			last = m;
		d->answered = json_streq(json_get(m, "role"), "tool");
	}
	add_words(&d->said, json_get(last, "content"));
	for (size_t i = 0; i < d->said.len; i++)
		if (strchr("\r\n\t", d->said.data[i]) != NULL)
			d->said.data[i] = ' ';
}

/* ---------------------------------------------------------- what is played */

static void
line(struct demo *d, const char *json)
{
	buf_addf(&d->script, "%s\n", json);
}

/* Text in pieces that end behind a blank, as models send it. */
static void
text_lines(struct demo *d, const char *type, const char *s)
{
	while (*s != '\0') {
		size_t len = strlen(s) < PIECE ? strlen(s) : PIECE;

		len += strcspn(s + len, " \n");
		if (s[len] != '\0')
			len++;
		buf_addf(&d->script, "{\"type\":\"%s\",\"text\":", type);
		json_add_quoted(&d->script, s, len);
		buf_adds(&d->script, "}\n");
		s += len;
	}
}

static void
tour_parts(struct demo *d)
{
	text_lines(d, "reasoning-delta", "A first message: a tour is due. "
	    "I think of every kind of part that an answer can hold, look at "
	    "a forecast that nobody measured, and then write.");
	line(d, "{\"type\":\"reasoning-end\"}");
	/* ids are unique in a session */
	buf_addf(&d->script, "{\"type\":\"tool-start\",\"id\":\"demo_%zu\","
	    "\"name\":\"demo_forecast\"}\n"
	    "{\"type\":\"tool-delta\",\"id\":\"demo_%zu\","
	    "\"text\":\"{\\\"city\\\":\\\"Nowhere\\\"}\"}\n"
	    "{\"type\":\"tool-call\",\"id\":\"demo_%zu\","
	    "\"name\":\"demo_forecast\",\"input\":{\"city\":\"Nowhere\"}}\n"
	    "{\"type\":\"tool-result\",\"id\":\"demo_%zu\","
	    "\"name\":\"demo_forecast\",\"output\":"
	    "{\"sky\":\"clear\",\"celsius\":21,\"measured\":false}}\n",
	    d->messages, d->messages, d->messages, d->messages);
}

static bool
wants_approval(const struct demo *d)
{
	return strcasestr(d->said.data, "approval") != NULL;
}

static void
write_text(struct demo *d, bool tour)
{
	struct buf b = BUF_INIT;
	size_t len = utf8_prefix(d->said.data, d->said.len, QUOTE_MAX);

	buf_adds(&b, "This is the demo model of chatd: it plays a script and "
	    "calls nobody.\n\n");
	buf_addf(&b, "You said: \"%.*s%s\". That was your message number %zu; "
	    "I was given %zu in all.\n", (int)len, d->said.data,
	    len < d->said.len ? "..." : "", d->turns, d->messages);
	if (wants_approval(d))
		buf_adds(&b, "\nA call that no rule allows waits until you "
		    "answer yes or no. Here is one, to try: its tool does "
		    "nothing.\n");
	buf_adds(&b, tour ? tour_text : "\n");
	buf_adds(&b, connect_text);
	text_lines(d, "text-delta", b.data);
	line(d, "{\"type\":\"text-end\"}");
	buf_addf(&d->script, "{\"type\":\"usage\",\"input\":%zu,"
	    "\"output\":%zu}\n", d->said.len / 4 + d->messages * 8,
	    b.len / 4);
	buf_clear(&b);
}

static void
demo_write(struct demo *d)
{
	bool tour = d->turns <= 1 || strcasestr(d->said.data, "tour") != NULL;

	if (d->answered) {
		text_lines(d, "text-delta", "Thank you. That was an approval: "
		    "whatever you said, nothing was done, and the model was "
		    "told your answer.\n");
		return;
	}
	if (tour)
		tour_parts(d);
	write_text(d, tour);
	if (wants_approval(d))
		buf_addf(&d->script, "{\"type\":\"tool-call\",\"id\":"
		    "\"demo_act_%zu\",\"name\":\"demo_act\",\"input\":"
		    "{\"what\":\"nothing at all\"}}\n", d->messages);
	if (!tour)
		return;
	line(d, "{\"type\":\"source\",\"id\":\"demo-source\","
	    "\"url\":\"https://example.org/chatd-demo\","
	    "\"title\":\"a source, as models name them\"}");
	line(d, "{\"type\":\"data\",\"name\":\"demo\",\"id\":\"demo-data\","
	    "\"data\":{\"kind\":\"a data part\",\"progress\":1}}");
}

static int64_t
demo_pace(void)
{
	const char *s = getenv("CHATD_DEMO_DELAY_MS");

	return s != NULL ? strtol(s, NULL, 10) : PACE_MS;
}

static int
demo_ask(struct model_call *call, const struct model_request *rq,
    struct err *e)
{
	struct demo d = { .rq = rq, .said = BUF_INIT, .script = BUF_INIT };
	int result;

	demo_read(&d);
	demo_write(&d);
	result = player_start(call, rq, "demo", d.script.data, 0, demo_pace(),
	    e);
	buf_clear(&d.said);
	buf_clear(&d.script);
	return result;
}

const struct model_ops model_demo_ops = {
	.api = "demo",
	.ask = demo_ask,
	.stop = player_stop,
};
