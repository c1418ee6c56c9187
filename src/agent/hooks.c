/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hooks.c - commands that a person wants run at fixed points of a turn */

#include <stdlib.h>
#include <string.h>

#include "agent/hooks.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "tool/tool.h"

enum { HOOK_TIMEOUT_MAX_S = 3600 };

static const char *const event_names[] = {
#define X(id, name) [HOOK_##id] = name,
	HOOK_EVENTS(X)
#undef X
};

const char *
hook_event_name(enum hook_event event)
{
	return event_names[event];
}

/* reading */

struct hook_file {
	const char *path;
	bool project;
	enum hook_event event;
};

static int
hook_wrong(const struct hook_file *f, const char *why, struct err *e)
{
	return err_set(e, ERR_CONFIG, "%s: hooks: %s: %s", f->path,
	    event_names[f->event], why);
}

/* "Bash|Edit" is the list of other programs. */
static int
matcher_read(struct hook *h, const char *text, const struct hook_file *f,
    struct err *e)
{
	struct err why = ERR_INIT;
	char *list = xstrdup(text);
	int rc;

	if (strchr(list, '(') == NULL)
		for (char *p = list; (p = strchr(p, '|')) != NULL; )
			*p = ',';
	rc = rules_add_list(&h->rules, RULE_DENY, f->project ? RULE_PROJECT :
	    RULE_USER, list, &why);
	free(list);
	if (rc == -1)
		return hook_wrong(f, why.text, e);
	h->matcher = xstrdup(text);
	return 0;
}

static int
hook_read(struct hooks *hs, const struct json *v, const char *matcher,
    const struct hook_file *f, struct err *e)
{
	const char *command = json_get_str(v, "command");
	const struct json *timeout = json_get(v, "timeout");
	double seconds = 0;
	struct hook *h;

	if (command == NULL || *command == '\0')
		return hook_wrong(f, "a command is wanted", e);
	if (json_is_set(timeout) && (json_double(timeout, &seconds) == -1 ||
	    seconds <= 0 || seconds > HOOK_TIMEOUT_MAX_S))
		return hook_wrong(f, "timeout: seconds, at most 3600", e);
	hs->v = xreallocarray(hs->v, hs->count + 1, sizeof(*hs->v));
	h = &hs->v[hs->count++];
	*h = (struct hook){
		.event = f->event, .command = xstrdup(command),
		.timeout_ms = seconds > 0 ? (int64_t)(seconds * 1000) :
		    HOOK_TIMEOUT_MS,
		.project = f->project,
	};
	if (matcher == NULL || *matcher == '\0' || strcmp(matcher, "*") == 0)
		return 0;
	return matcher_read(h, matcher, f, e);
}

static int
entry_read(struct hooks *hs, const struct json *v, const struct hook_file *f,
    struct err *e)
{
	const char *matcher = json_get_str(v, "matcher");
	const struct json *list = json_get(v, "hooks"), *one;
	int rc = 0;

	if (!json_is(v, JSON_OBJECT))
		return hook_wrong(f, "a map with a command is wanted", e);
	if (!json_is_set(list))
		return hook_read(hs, v, matcher, f, e);
	JSON_EACH(one, list)
		if (rc == 0)
			rc = hook_read(hs, one, matcher, f, e);
	return rc;
}

static int
event_of(const char *name)
{
	for (size_t i = 0; i < NELEM(event_names); i++)
		if (strcmp(event_names[i], name) == 0)
			return (int)i;
	return -1;
}

static int
events_read(struct hooks *hs, const struct json *events, struct hook_file *f,
    struct err *e)
{
	const struct json *list, *v;

	if (json_is_set(events) && !json_is(events, JSON_OBJECT))
		return err_set(e, ERR_CONFIG, "%s: hooks: a map of events is "
		    "wanted", f->path);
	JSON_EACH(list, events) {
		int event = event_of(json_name(list));

		if (event == -1)
			return err_set(e, ERR_CONFIG, "%s: hooks: no event %s",
			    f->path, json_name(list));
		f->event = (enum hook_event)event;
		if (!json_is(list, JSON_ARRAY))
			return hook_wrong(f, "a list is wanted", e);
		JSON_EACH(v, list)
			if (entry_read(hs, v, f, e) == -1)
				return -1;
	}
	return 0;
}

/* Takes path. */
static int
file_read(struct hooks *hs, char *path, bool project, struct err *e)
{
	struct hook_file f = { .path = path, .project = project };
	struct err why = ERR_INIT;
	struct json_doc *doc = conf_read(path, &why);
	int rc = 0;

	if (doc == NULL && why.code != ERR_NOT_FOUND)
		rc = err_set(e, ERR_CONFIG, "%s", why.text);
	if (doc != NULL)
		rc = events_read(hs, json_get(json_root(doc), "hooks"), &f, e);
	json_doc_free(doc);
	free(path);
	return rc;
}

void
hook_key(const struct hook *h, const char *dir, struct buf *name,
    struct trust_key *out)
{
	struct buf seen = BUF_INIT;

	buf_reset(name);
	buf_addf(name, "%s %s %s", event_names[h->event],
	    h->matcher != NULL ? h->matcher : "*", h->command);
	*out = (struct trust_key){
		.kind = "hook", .dir = dir, .name = name->data,
	};
	buf_add(&seen, name->data, name->len);
	trust_add_command(&seen, dir, h->command);
	sha256_hex(seen.data, seen.len, out->sum);
	buf_clear(&seen);
}

static void
hooks_ask_trust(struct hooks *hs, const char *dir)
{
	struct buf name = BUF_INIT;
	struct trust_key key;

	for (size_t i = 0; i < hs->count; i++) {
		if (!hs->v[i].project)
			continue;
		hook_key(&hs->v[i], dir, &name, &key);
		hs->v[i].trust = trust_get(&key);
	}
	buf_clear(&name);
}

int
hooks_load(struct hooks *hs, const char *dir, struct err *e)
{
	memset(hs, 0, sizeof(*hs));
	if (file_read(hs, path_config("config.yaml"), false, e) == -1 ||
	    (dir != NULL && file_read(hs, path_join(dir,
	    ".chatd/config.yaml"), true, e) == -1)) {
		hooks_clear(hs);
		return -1;
	}
	if (dir != NULL)
		hooks_ask_trust(hs, dir);
	return 0;
}

void
hooks_clear(struct hooks *hs)
{
	for (size_t i = 0; i < hs->count; i++) {
		free(hs->v[i].matcher);
		free(hs->v[i].command);
		rules_clear(&hs->v[i].rules);
	}
	free(hs->v);
	memset(hs, 0, sizeof(*hs));
}

/* matching */

bool
hook_agreed(const struct hook *h)
{
	return !h->project || h->trust == TRUST_YES;
}

bool
hooks_any(const struct hooks *hs, enum hook_event event)
{
	for (size_t i = 0; i < hs->count; i++)
		if (hs->v[i].event == event && hook_agreed(&hs->v[i]))
			return true;
	return false;
}

bool
hook_fits(const struct hook *h, enum hook_event event,
    const struct rule_call *call)
{
	struct rule_answer a = { 0 };
	bool fits;

	if (h->event != event)
		return false;
	if (h->matcher == NULL || call == NULL)
		return true;
	rule_decide(&h->rules, call, &a);
	fits = a.decision == RULE_DENIED || a.decision == RULE_ASKED;
	rule_answer_clear(&a);
	return fits;
}
