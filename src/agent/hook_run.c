/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hook_run.c - the hooks of one event, run one after the other */

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <event2/event.h>

#include "agent/hook_run.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "tool/child.h"
#include "tool/tool_run.h"

struct hook_job {
	char *command;
	int64_t timeout_ms;
	bool project;
};

struct hook_run {
	struct hook_ask ask;	/* its texts are copies */
	struct hook_job *jobs;
	size_t count, at;
	struct child *child;
	struct event *timer;	/* timeout, or the next one */
	bool timed_out;
	struct buf out, err;
	bool too_much;
	struct hook_outcome outcome;
};

static void	hook_next(struct hook_run *run);

static void
outcome_init(struct hook_outcome *o)
{
	memset(o, 0, sizeof(*o));
	buf_init(&o->context);
}

static void
outcome_clear(struct hook_outcome *o)
{
	free(o->reason);
	free(o->input);
	free(o->messages);
	free(o->failure);
	buf_clear(&o->context);
	outcome_init(o);
}

static void
run_free(struct hook_run *run)
{
	for (size_t i = 0; i < run->count; i++)
		free(run->jobs[i].command);
	free(run->jobs);
	event_free(run->timer);
	buf_clear(&run->out);
	buf_clear(&run->err);
	outcome_clear(&run->outcome);
	free((char *)(uintptr_t)run->ask.dir);
	free((char *)(uintptr_t)run->ask.about);
	free((char *)(uintptr_t)run->ask.input);
	free(run);
}

void
hook_run_cancel(struct hook_run *run)
{
	if (run == NULL)
		return;
	if (run->child != NULL) {
		child_kill(run->child);
		child_drop(run->child);
	}
	run_free(run);
}

static void
hook_say(const struct hook_ask *ask, const char *command,
    const char *outcome, const char *text)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "event", hook_event_name(ask->event));
	json_w_kstr(&w, "command", command);
	json_w_kstr(&w, "outcome", outcome);
	if (text != NULL)
		json_w_kstr(&w, "text", text);
	json_w_obj_end(&w);
	ask->say(b.data, ask->arg);
	buf_clear(&b);
}

/* what it answered */

/* Made fit for people and models: valid, without blanks around, not long. */
static char *
tidy(const char *s, size_t len)
{
	struct buf b = BUF_INIT;

	while (len > 0 && strchr(" \t\r\n", *s) != NULL)
		s++, len--;
	while (len > 0 && strchr(" \t\r\n", s[len - 1]) != NULL)
		len--;
	tool_add_text(&b, s, len, HOOK_TEXT_MAX);
	return buf_take(&b);
}

static void
add_context(struct hook_outcome *o, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	if (o->context.len > 0)
		buf_addc(&o->context, '\n');
	buf_adds(&o->context, text);
}

static void
decide(struct hook_run *run, enum hook_decision d, const char *reason)
{
	struct hook_outcome *o = &run->outcome;

	if (d == HOOK_ALLOW && run->jobs[run->at].project)
		return;
	if (d <= o->decision)
		return;
	o->decision = d;
	str_replace(&o->reason, reason);
	if (d == HOOK_DENY)
		hook_say(&run->ask, run->jobs[run->at].command, "denied",
		    reason);
}

/* HOOK_SILENT: it says nothing. odd is a word that is no decision. */
static enum hook_decision
decision_of(const struct json *root, const struct json *spec,
    const char **odd)
{
	static const struct { const char *name; enum hook_decision d; } all[] = {
		{ "allow", HOOK_ALLOW }, { "approve", HOOK_ALLOW },
		{ "ask", HOOK_ASK },
		{ "deny", HOOK_DENY }, { "block", HOOK_DENY },
	};
	const struct json *said[] = {
		json_get(root, "decision"),
		json_get(root, "permissionDecision"),
		json_get(spec, "permissionDecision"),
		json_path(spec, "decision", "behavior", NULL),
	};
	enum hook_decision d = HOOK_SILENT;

	if (json_is_bool(json_get(root, "continue")) &&
	    !json_bool(json_get(root, "continue"), true))
		return HOOK_DENY;
	for (size_t i = 0; i < NELEM(said); i++) {
		bool known = json_str(said[i]) == NULL;

		for (size_t j = 0; j < NELEM(all); j++) {
			if (!json_streq(said[i], all[j].name))
				continue;
			known = true;
			if (all[j].d > d)
				d = all[j].d;
		}
		if (!known)
			*odd = json_str(said[i]);
	}
	return d;
}

/* The first of these members that is there. */
static const struct json *
either(const struct json *a, const struct json *b, const struct json *c)
{
	return json_is_set(a) ? a : json_is_set(b) ? b : c;
}

static char *
text_of(const struct json *v)
{
	return json_str(v) == NULL ? NULL : tidy(json_str(v), json_len(v));
}

static void
hook_failed(struct hook_run *run, const char *why)
{
	if (!run->outcome.failed)
		run->outcome.failure = xstrdup(why);
	run->outcome.failed = true;
	hook_say(&run->ask, run->jobs[run->at].command, "failed", why);
}

/* Who meant to forbid and wrote another word must not have allowed it. */
static void
take_decision(struct hook_run *run, const struct json *root,
    const char *reason)
{
	const char *odd = NULL;

	decide(run, decision_of(root, json_get(root, "hookSpecificOutput"),
	    &odd), reason);
	if (odd != NULL) {
		char *why = xasprintf("there is no decision %.40s", odd);

		hook_failed(run, why);
		free(why);
	}
}

static void
take_json(struct hook_run *run, const struct json *root)
{
	const struct json *spec = json_get(root, "hookSpecificOutput");
	const struct json *input = either(json_get(root, "updatedInput"),
	    json_get(spec, "updatedInput"),
	    json_path(spec, "decision", "updatedInput", NULL));
	char *context = text_of(either(json_get(root, "additionalContext"),
	    json_get(spec, "additionalContext"), NULL));
	char *reason = text_of(either(json_get(root, "reason"),
	    json_get(spec, "permissionDecisionReason"),
	    either(json_path(spec, "decision", "message", NULL),
	    json_get(root, "stopReason"), NULL)));

	if (json_is(input, JSON_OBJECT)) {
		free(run->outcome.input);
		run->outcome.input = json_text(input);
		free((char *)(uintptr_t)run->ask.input);
		run->ask.input = json_text(input);	/* the next sees it */
	}
	add_context(&run->outcome, context);
	take_decision(run, root, reason);
	free(context);
	free(reason);
}

/* The last that gives messages gives them all. */
static void
take_messages(struct hook_run *run, const struct json *root)
{
	const struct json *list = json_is(root, JSON_ARRAY) ? root :
	    either(json_get(root, "messages"), json_path(root,
	    "hookSpecificOutput", "messages", NULL), NULL);

	if (!json_is_set(list))
		return;
	free(run->outcome.messages);
	run->outcome.messages = json_text(list);
}

static bool
is_json(const struct hook_run *run, const char *text)
{
	return *text == '{' || (*text == '[' &&
	    run->ask.event == HOOK_HYDRATE);
}

/* Text is context for what a model is about to be told. */
static void
take_out(struct hook_run *run)
{
	char *text = tidy(run->out.data, run->out.len);
	struct json_doc *doc;

	if (run->too_much) {
		hook_failed(run, "it wrote too much");
	} else if (is_json(run, text)) {
		doc = json_parse(run->out.data, run->out.len,
		    JSON_REPLACE_UTF8, NULL);
		if (doc == NULL)
			hook_failed(run, "its JSON cannot be read");
		else
			take_json(run, json_root(doc));
		if (run->ask.event == HOOK_HYDRATE)
			take_messages(run, json_root(doc));
		json_doc_free(doc);
	} else if (run->ask.event == HOOK_HYDRATE && *text != '\0') {
		hook_failed(run, "it wrote no JSON");
	} else if (run->ask.event == HOOK_PROMPT ||
	    run->ask.event == HOOK_SESSION_START) {
		add_context(&run->outcome, text);
	}
	free(text);
}

static void
take_status(struct hook_run *run, int status)
{
	struct buf why = BUF_INIT;
	char *text = tidy(run->err.data, run->err.len);

	if (run->timed_out) {
		hook_failed(run, "it was not done in time");
	} else if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		take_out(run);
	} else if (WIFEXITED(status) && WEXITSTATUS(status) == 2) {
		decide(run, HOOK_DENY, *text != '\0' ? text : NULL);
	} else {
		child_status_text(&why, status);
		if (*text != '\0')
			buf_addf(&why, ": %s", text);
		hook_failed(run, why.data);
	}
	buf_clear(&why);
	free(text);
}

/* running */

static void
hook_bytes(int fd, const char *bytes, size_t len, void *arg)
{
	struct hook_run *run = arg;
	struct buf *b = fd == 1 ? &run->out : &run->err;
	size_t max = fd != 1 ? HOOK_TEXT_MAX :
	    run->ask.event == HOOK_HYDRATE ? HOOK_MESSAGES_MAX : HOOK_OUT_MAX;
	size_t room = max - b->len;

	if (len > room && fd == 1)
		run->too_much = true;
	buf_add(b, bytes, len < room ? len : room);
}

static void
hook_ended(int status, void *arg)
{
	struct hook_run *run = arg;

	run->child = NULL;
	evtimer_del(run->timer);
	take_status(run, status);
	run->at++;
	hook_next(run);
}

static void
run_over(struct hook_run *run)
{
	void (*done)(struct hook_outcome *, void *) = run->ask.done;
	void *arg = run->ask.arg;
	struct hook_outcome o = run->outcome;

	outcome_init(&run->outcome);
	run_free(run);
	done(&o, arg);
	outcome_clear(&o);
}

static void
hook_timer(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED, void *arg)
{
	struct hook_run *run = arg;

	if (run->child == NULL) {
		hook_next(run);
		return;
	}
	run->timed_out = true;
	child_kill(run->child);
}

static void
write_about(const struct hook_run *run, struct buf *b)
{
	buf_adds(b, run->ask.about);
	if (run->ask.input != NULL) {
		buf_cut(b, b->len - 1);	/* the closing brace */
		buf_addf(b, ",\"tool_input\":%s}", run->ask.input);
	}
	buf_addc(b, '\n');
}

static int
hook_start(struct hook_run *run, struct err *e)
{
	const struct hook_job *job = &run->jobs[run->at];
	const char *argv[] = { "/bin/sh", "-c", job->command, NULL };
	char *dir = xasprintf("CHATD_PROJECT_DIR=%s", run->ask.dir);
	const char *extra[] = { dir, NULL };
	char **env = child_env(NULL, extra);
	struct child_opts opts = {
		.argv = argv, .dir = run->ask.dir, .env = env, .input = true,
		.keep = true, .on_bytes = hook_bytes,
		.on_exit = hook_ended, .arg = run,
	};
	struct buf about = BUF_INIT;

	run->child = child_start(run->ask.base, &opts, e);
	child_env_free(env);
	free(dir);
	if (run->child == NULL)
		return -1;
	write_about(run, &about);
	/* one that does not read is judged by its end */
	(void)!child_write(run->child, about.data, about.len);
	child_end_input(run->child);
	buf_clear(&about);
	return 0;
}

static void
hook_next(struct hook_run *run)
{
	struct err e = ERR_INIT;
	struct timeval tv;

	for (; run->at < run->count &&
	    run->outcome.decision != HOOK_DENY; run->at++) {
		int64_t ms = run->jobs[run->at].timeout_ms;

		buf_reset(&run->out);
		buf_reset(&run->err);
		run->too_much = run->timed_out = false;
		if (hook_start(run, &e) == 0) {
			tv = (struct timeval){ ms / 1000, ms % 1000 * 1000 };
			evtimer_add(run->timer, &tv);
			return;
		}
		hook_failed(run, e.text);
		err_clear(&e);
	}
	run_over(run);
}

/* beginning */

static void
jobs_add(struct hook_run *run, const struct hook *h)
{
	run->jobs = xreallocarray(run->jobs, run->count + 1,
	    sizeof(*run->jobs));
	run->jobs[run->count++] = (struct hook_job){
		.command = xstrdup(h->command), .timeout_ms = h->timeout_ms,
		.project = h->project,
	};
}

struct hook_run *
hook_run_start(const struct hook_ask *ask)
{
	struct hook_run *run = xcalloc(1, sizeof(*run));
	struct timeval now = { 0, 0 };

	outcome_init(&run->outcome);
	buf_init(&run->out);
	buf_init(&run->err);
	run->ask = *ask;
	run->ask.dir = xstrdup(ask->dir);
	run->ask.about = xstrdup(ask->about);
	run->ask.input = ask->input != NULL ? xstrdup(ask->input) : NULL;
	run->timer = evtimer_new(ask->base, hook_timer, run);
	for (size_t i = 0; i < ask->hooks->count; i++) {
		struct hook *h = &ask->hooks->v[i];

		if (!hook_fits(h, ask->event, ask->call))
			continue;
		if (hook_agreed(h))
			jobs_add(run, h);
		else if (!h->said)
			hook_say(ask, h->command, "not run",
			    "nobody has agreed to it; see chatd hooks");
		h->said = true;
	}
	if (run->count == 0) {
		run_free(run);
		return NULL;
	}
	evtimer_add(run->timer, &now);
	return run;
}
