/* SPDX-License-Identifier: GPL-3.0-or-later */
/* auth.c - who is asking, and what that one may do */

/* config.h turns on what Linux has more: struct ucred */
#include "config.h"

#include <sys/socket.h>
#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "server/auth.h"
#include "wire/item.h"
#include "wire/keyfile.h"
#include "wire/token.h"

int
auth_local(int fd, struct caller *who, struct err *e)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	who->local = who->all = false;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return err_errno(e, ERR_IO, errno, "cannot ask who connects");
	if (peer.uid != geteuid())
		return err_set(e, ERR_FORBIDDEN,
		    "user %lu may not use this socket",
		    (unsigned long)peer.uid);
	who->local = who->all = true;
	return 0;
}

void
auth_memo_clear(struct auth_memo *memo)
{
	free(memo->header);
	token_free(memo->token);
	memset(memo, 0, sizeof(*memo));
}

/* A token that was good is so until it runs out or the keys change. */
static bool
is_remembered(const struct auth_memo *memo, const struct keyfile *keys,
    const char *header, int64_t now)
{
	return memo->token != NULL && memo->version == keys->version &&
	    strcmp(memo->header, header) == 0 &&
	    token_expires(memo->token) > now;
}

static int
check_token(const struct keyfile *keys, const char *text, int64_t now,
    struct auth_memo *memo, struct err *e)
{
	struct token *t = token_check(text, (const char *const *)keys->keys,
	    keys->env, now, e);

	if (t == NULL)
		return -1;
	auth_memo_clear(memo);
	memo->header = xstrdup(text);
	memo->token = t;
	memo->version = keys->version;
	return 0;
}

int
auth_bearer(const struct keyfile *keys, const char *header, int64_t now,
    struct auth_memo *memo, struct caller *who, const struct token **token,
    struct err *e)
{
	*token = NULL;
	if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0)
		return err_set(e, ERR_AUTH, "Invalid or Missing API key");
	header += 7 + strspn(header + 7, " ");
	if (is_remembered(memo, keys, header, now)) {
		*token = memo->token;
		return 0;
	}
	if (keyfile_has(keys, header)) {
		who->all = true;
		return 0;
	}
	/* what does not say it is public is a key, a wrong one (3.5) */
	if (!token_looks_public(header))
		return err_set(e, ERR_AUTH, "Invalid API key");
	if (check_token(keys, header, now, memo, e) != 0)
		return -1;
	*token = memo->token;
	return 0;
}

char *
auth_session_token(const struct keyfile *keys, const struct item *it,
    bool with_run)
{
	struct err e = ERR_INIT;
	char *text;

	if (keys == NULL)
		return NULL;
	text = token_make_session(keys->keys[0], keys->env,
	    it->external_id != NULL ? it->external_id : it->id,
	    with_run ? it->run_id : NULL, clock_ms() / 1000, &e);
	if (text == NULL)
		log_msg(LOG_SERVER, LOG_ERROR, "%s", e.text);
	return text;
}
