/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session.c - picks or makes the session that the options name */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/utf8.h"
#include "cli/ask.h"
#include "cli/opts.h"
#include "cli/remote.h"
#include "cli/session.h"
#include "client/client.h"
#include "wire/input.h"

enum {
	SCHEMA_MAX = 1024 * 1024,
	NAME_CHARS_MAX = 256,	/* session-protocol 4.1 */
};

/* -s: what the server would refuse is said before anything is made. */
static int
check_name(const char *name, struct err *e)
{
	size_t len = strlen(name);

	if (!utf8_valid(name, len))
		return err_set(e, ERR_USAGE, "-s: the name is not UTF-8");
	if (name[strspn(name, " \t\n\v\f\r")] == '\0' ||
	    utf8_count(name, len) > NAME_CHARS_MAX)
		return err_set(e, ERR_USAGE, "-s: a name of 1 to %d "
		    "characters is wanted", NAME_CHARS_MAX);
	if (strncmp(name, "session_", 8) != 0)
		return 0;
	err_set(e, ERR_USAGE,
	    "-s: a name of yours does not begin with session_");
	return err_hint(e, "-r goes on with a session by its id");
}

int
session_check(const struct opts *o, struct err *e)
{
	int named = (o->go_on ? 1 : 0) + (o->resume != NULL) +
	    (o->session != NULL);

	if (named > 1)
		return err_set(e, ERR_USAGE,
		    "-c, -r and -s each name a session: give one of them");
	if (o->fork && !o->go_on && o->resume == NULL)
		return err_set(e, ERR_USAGE,
		    "--fork needs a session to copy: -c or -r ID");
	if (o->ephemeral && (o->go_on || o->resume != NULL))
		return err_set(e, ERR_USAGE,
		    "--ephemeral keeps nothing and finds nothing: not with -c "
		    "or -r");
	return o->session != NULL ? check_name(o->session, e) : 0;
}

/* One of the options: an object, or KEY=VALUE. */
static int
add_metadata(struct json_w *w, const char *text, struct err *e)
{
	const char *eq = strchr(text, '=');

	if (text[0] == '{') {
		struct err why = ERR_INIT;
		struct json_doc *doc = json_parse(text, strlen(text), 0,
		    &why);
		const struct json *v;

		if (doc == NULL)
			return err_set(e, ERR_USAGE, "--metadata: %s",
			    why.text);
		JSON_EACH(v, json_root(doc)) {
			json_w_keyn(w, json_name(v), json_name_len(v));
			json_w_value(w, v);
		}
		json_doc_free(doc);
		return 0;
	}
	if (eq == NULL || eq == text)
		return err_set(e, ERR_USAGE,
		    "--metadata: KEY=VALUE or a JSON object is wanted, not "
		    "'%s'", text);
	json_w_keyn(w, text, (size_t)(eq - text));
	json_w_str(w, eq + 1);
	return 0;
}

static int
write_metadata(struct buf *b, const struct json *base,
    const struct strlist *given, struct err *e)
{
	struct json_w w;
	const struct json *v;

	json_w_init(&w, b);
	json_w_obj(&w);
	JSON_EACH(v, base) {
		json_w_keyn(&w, json_name(v), json_name_len(v));
		json_w_value(&w, v);
	}
	for (size_t i = 0; i < given->count; i++)
		if (add_metadata(&w, given->items[i], e) != 0)
			return -1;
	json_w_obj_end(&w);
	return 0;
}

int
session_metadata(const char *base, const struct strlist *given, char **out,
    struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_doc *old = base == NULL ? NULL :
	    json_parse(base, strlen(base), 0, NULL);
	struct json_doc *doc = NULL;
	int r = write_metadata(&b, old != NULL ? json_root(old) : NULL, given,
	    e);

	*out = NULL;
	if (r == 0) {
		/* of a key given twice the last value stays */
		doc = json_parse(b.data, b.len, 0, e);
		r = doc != NULL ? 0 : -1;
	}
	if (r == 0 && json_len(json_root(doc)) > 0)
		*out = json_text(json_root(doc));
	json_doc_free(doc);
	json_doc_free(old);
	buf_clear(&b);
	return r;
}

/* --json-schema: text that begins with {, else a file. */
static int
read_schema(const char *arg, char **out, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = 0;

	if (arg[strspn(arg, " \t\n")] == '{')
		buf_adds(&b, arg);
	else
		r = buf_read_any(&b, arg, SCHEMA_MAX, e);
	if (r == 0) {
		struct err why = ERR_INIT;
		struct json_doc *doc = json_parse(b.data, b.len, 0, &why);
		if (doc != NULL)
			*out = json_text(json_root(doc));
		else
			r = err_set(e, ERR_USAGE, "--json-schema: %s",
			    why.text);
		json_doc_free(doc);
	}
	buf_clear(&b);
	return r;
}

int
session_turn_opts(struct turn_opts *t, const struct opts *o, struct err *e)
{
	t->dir = path_cwd(e);
	if (t->dir == NULL)
		return -1;
	str_replace(&t->model, o->model);
	str_replace(&t->agent, o->agent);
	str_replace(&t->system, o->system);
	str_replace(&t->append_system, o->append_system);
	str_replace(&t->reasoning, o->reasoning);
	str_replace(&t->permission_mode, o->permission_mode);
	str_replace(&t->allowed, o->allowed);
	str_replace(&t->disallowed, o->disallowed);
	str_replace(&t->sandbox, o->sandbox);
	str_replace(&t->steering, o->steering);
	t->network = o->network;
	t->max_steps = o->max_steps;
	t->max_tokens = o->max_tokens;
	t->compact_at = o->compact_at;
	t->max_seconds = o->max_seconds;
	t->max_cost = o->max_cost > 0 ? o->max_cost : -1;
	return o->json_schema == NULL ? 0 :
	    read_schema(o->json_schema, &t->json_schema, e);
}

static char *
turn_text(const struct turn_opts *t)
{
	struct buf b = BUF_INIT;

	turn_opts_write(t, &b);
	return buf_take(&b);
}

/* What the row keeps is small: prompts travel with each message. */
static int
make_session(struct session *s, struct client *cl, const struct opts *o,
    const struct turn_opts *t, struct err *e)
{
	struct turn_opts small = { .dir = t->dir, .model = t->model,
	    .agent = t->agent, .max_cost = -1 };
	char *chatd = turn_text(&small);
	char *metadata = NULL;
	struct ask_new n = { .external_id = o->session, .task = o->agent,
	    .chatd = chatd };
	int r = session_metadata(NULL, &o->metadata, &metadata, e);
	char id[ID_MAX];

	if (s->remote) {
		id_uuid(id);
		n.chatd = NULL;
		n.remote = true;
		if (o->session == NULL)
			n.external_id = id;
	}

	n.metadata = metadata;
	if (r == 0)
		r = ask_create(cl, &n, &s->item, e);
	s->made = true;
	free(metadata);
	free(chatd);
	return r;
}

/* -s at another server: making it again would change what runs it. */
static int
find_remote(struct session *s, struct client *cl, const struct opts *o,
    struct err *e)
{
	struct err why = ERR_INIT;

	if (!s->remote || o->session == NULL)
		return 1;
	if (ask_get(cl, o->session, &s->item, &why) == 0)
		return 0;
	return why.code == ERR_NOT_FOUND ? 1 : err_pass(e, &why);
}

static int
find_session(struct session *s, struct client *cl, const struct opts *o,
    const char *dir, struct err *e)
{
	struct item it = { 0 };
	struct err why = ERR_INIT;

	if (o->resume != NULL) {
		if (ask_resolve(cl, o->resume, &it, e) != 0)
			return -1;
	} else if (ask_newest(cl, dir, &it, &why) != 0) {
		if (why.code != ERR_NOT_FOUND)
			return err_pass(e, &why);
		return err_set(e, ERR_NOT_FOUND,
		    "no session in %s to go on with", dir);
	}
	if (!o->fork) {
		s->item = it;
		return 0;
	}
	int r = ask_fork(cl, item_key(&it), NULL, &s->item, e);
	item_clear(&it);
	return r;
}

int
session_pick(struct session *s, struct client *cl, const struct opts *o,
    struct err *e)
{
	struct turn_opts t = { .max_cost = -1 };
	int r = session_turn_opts(&t, o, e);

	*s = (struct session){ .remote = !client_is_local(cl) };
	if (s->remote)
		remote_note_unheeded(o);
	if (r == 0)
		s->chatd = turn_text(&t);
	if (r == 0 && (o->go_on || o->resume != NULL))
		r = find_session(s, cl, o, t.dir, e);
	else if (r == 0 && (r = find_remote(s, cl, o, e)) > 0)
		r = make_session(s, cl, o, &t, e);
	if (r == 0 && s->remote && !s->made)
		remote_enter(cl, &s->item);
	if (r == 0)
		r = session_metadata(s->item.metadata, &o->metadata,
		    &s->metadata, e);
	turn_opts_clear(&t);
	return r;
}

void
session_own_turns(struct session *s)
{
	char *with;

	if (s->chatd == NULL)
		return;
	with = xasprintf("{\"ownTurn\":true%s%s",
	    strcmp(s->chatd, "{}") == 0 ? "" : ",", s->chatd + 1);
	free(s->chatd);
	s->chatd = with;
}

const char *
session_told(const struct session *s)
{
	return s->remote ? NULL : s->chatd;
}

void
session_clear(struct session *s)
{
	item_clear(&s->item);
	free(s->chatd);
	free(s->metadata);
	*s = (struct session){ 0 };
}

void
session_change(struct session *s, const struct turn_opts *with)
{
	struct turn_opts t = { .max_cost = -1 };
	struct buf b = BUF_INIT;
	struct json_doc *doc;

	if (s->chatd == NULL)
		return;
	doc = json_parse(s->chatd, strlen(s->chatd), 0, NULL);
	turn_opts_read(&t, json_root(doc));
	turn_opts_merge(&t, with);
	turn_opts_write(&t, &b);
	str_replace(&s->chatd, b.data);
	turn_opts_clear(&t);
	json_doc_free(doc);
	buf_clear(&b);
}

/* What messages say now; caller frees. NULL: nothing. */
static char *
mode_said(const struct session *s)
{
	struct json_doc *doc = json_parse(s->chatd, strlen(s->chatd), 0, NULL);
	const char *mode = json_get_str(json_root(doc), "permissionMode");
	char *copy = mode != NULL ? xstrdup(mode) : NULL;

	json_doc_free(doc);
	return copy;
}

bool
session_plan_over(struct session *s, struct opts *o, const struct json *chunk)
{
	const char *mode = json_str(json_path(chunk, "data", "mode", NULL));
	struct turn_opts t = { .max_cost = -1 };
	char *now;
	bool over;

	if (mode == NULL || s->chatd == NULL ||
	    !json_streq(json_get(chunk, "type"), "data-chatd-mode"))
		return false;
	now = mode_said(s);
	/* nothing said is what a file says, which was plan mode, too */
	over = now == NULL || strcmp(now, "plan") == 0;
	if (over) {
		str_replace(&t.permission_mode, mode);
		session_change(s, &t);
		turn_opts_clear(&t);
		if (o != NULL)
			str_replace(&o->permission_mode, mode);
	}
	free(now);
	return over;
}
