/* SPDX-License-Identifier: GPL-3.0-or-later */
/* remote.c - which server, which key, which session there */

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/remote.h"
#include "client/client.h"
#include "wire/item.h"
#include "wire/token.h"

static const char *
env(const char *name)
{
	const char *s = getenv(name);

	return s != NULL && *s != '\0' ? s : NULL;
}

static bool
is_url(const char *s)
{
	return strncmp(s, "http://", 7) == 0 || strncmp(s, "https://", 8) == 0;
}

static int
hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL :
	    strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);

	return at != NULL ? (int)(at - digits) : -1;
}

/* One segment of a path, decoded once (session-protocol 1.1). */
static char *
decode(const char *s, size_t len)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < len; i++) {
		bool coded = s[i] == '%' && i + 2 < len && hex(s[i + 1]) >= 0 &&
		    hex(s[i + 2]) >= 0;

		if (coded) {
			buf_addc(&b, (char)(hex(s[i + 1]) * 16 +
			    hex(s[i + 2])));
			i += 2;
		} else {
			buf_addc(&b, s[i]);
		}
	}
	return buf_take(&b);
}

static void
cut_suffix(char *s, const char *suffix)
{
	size_t len = strlen(s), n = strlen(suffix);

	if (len >= n && strcmp(s + len - n, suffix) == 0)
		s[len - n] = '\0';
}

/* "http://host/sessions/KEY" is a server and a session on it. */
static void
split_url(struct opts *o)
{
	char *at, *key, *path = strstr(o->remote, "://") + 3;

	path[strcspn(path, "?#")] = '\0';
	at = strstr(path, "/sessions/");
	if (at != NULL) {
		key = at + strlen("/sessions/");
		char *id = decode(key, strcspn(key, "/"));
		if (*id != '\0' && o->session == NULL && o->resume == NULL)
			str_replace(&o->resume, id);
		free(id);
		*at = '\0';
	}
	cut_suffix(o->remote, "/");
	cut_suffix(o->remote, "/api/v1");
	cut_suffix(o->remote, "/realtime/v1");
}

/* The key that stands behind a public token, when we are told it. */
static void
settle_keys(struct opts *o, bool trigger)
{
	const char *keys[] = { env("CHATD_TOKEN"),
	    trigger ? env("TRIGGER_SECRET_KEY") : NULL };

	for (size_t i = 0; i < NELEM(keys); i++) {
		if (keys[i] == NULL)
			continue;
		if (o->token == NULL)
			str_replace(&o->token, keys[i]);
		else if (o->secret == NULL && token_looks_public(o->token) &&
		    !token_looks_public(keys[i]))
			str_replace(&o->secret, keys[i]);
	}
}

/* What attach was given: a URL, or a session of a server named elsewhere. */
static int
settle_attach(struct opts *o, struct err *e)
{
	const char *word = o->words.count > 0 ? o->words.items[0] : NULL;

	if (word != NULL && is_url(word))
		str_replace(&o->remote, word);
	else if (word != NULL)
		str_replace(&o->resume, word);
	else if (o->session == NULL && o->resume == NULL)
		return err_set(e, ERR_USAGE, "attach: a session or the URL of "
		    "one is wanted");
	strlist_clear(&o->words);
	if (o->remote == NULL && env("CHATD_URL") == NULL)
		str_replace(&o->remote, env("TRIGGER_API_URL"));
	/* attach makes nothing: -s is one that is there */
	if (o->session != NULL) {
		str_replace(&o->resume, o->session);
		str_replace(&o->session, NULL);
	}
	return 0;
}

int
remote_settle(struct opts *o, const struct command *cmd, struct err *e)
{
	bool given;

	if ((cmd->flags & CMD_LOCAL) != 0)
		return o->remote == NULL ? 0 : err_set(e, ERR_USAGE,
		    "%s is about this machine: not with --remote", cmd->name);
	if ((cmd->flags & CMD_ATTACH) != 0 && settle_attach(o, e) != 0)
		return -1;
	given = o->remote != NULL;
	if (given && *o->remote == '\0')
		str_replace(&o->remote, env("TRIGGER_API_URL"));
	else if (!given)
		str_replace(&o->remote, env("CHATD_URL"));
	if (o->remote == NULL && (given || o->token != NULL)) {
		err_set(e, ERR_USAGE, "which server? no URL was given");
		return err_hint(e, "--remote URL, or CHATD_URL");
	}
	if (o->remote == NULL)
		return 0;
	if (!is_url(o->remote))
		return err_set(e, ERR_USAGE, "%s: a URL with http:// or "
		    "https:// is wanted", o->remote);
	split_url(o);
	settle_keys(o, given);
	return 0;
}

void
remote_note_unheeded(const struct opts *o)
{
	for (const struct opt *t = opts_common; t->name != NULL; t++) {
		/* -a names the task, the schema is looked at here */
		bool heeded = t->scope != OPT_AGENT ||
		    strcmp(t->name, "agent") == 0 ||
		    strcmp(t->name, "json-schema") == 0;

		if (!o->quiet && !heeded && opt_is_said(o, t))
			out_note("--%s: the server decides that itself",
			    t->name);
	}
}

void
remote_enter(struct client *cl, const struct item *it)
{
	char *create = client_is_local(cl) ? NULL : ask_create_again(it);

	client_set_session(cl, item_key(it), NULL, create);
	free(create);
}
