/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_token.c - chatd token: a public token for one session */

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/out.h"
#include "wire/keyfile.h"
#include "wire/token.h"

#define AT(field) offsetof(struct opts, field)

enum { TTL_MAX = 365 * 24 * 3600 };

static int
read_ttl(const struct opts *o, int64_t *ttl, struct err *e)
{
	int64_t ms = o->ttl == NULL ? TOKEN_TTL_DEFAULT * INT64_C(1000) :
	    clock_parse_span(o->ttl);

	if (ms < 1000 || ms / 1000 > TTL_MAX)
		return err_set(e, ERR_USAGE, "--ttl %s: a time like 15m, 1h, "
		    "7d is wanted, of at most a year", o->ttl);
	*ttl = ms / 1000;
	return 0;
}

static int
make(const struct keyfile *keys, const struct opts *o, int64_t ttl,
    struct err *e)
{
	const char *id = o->words.items[0];
	char *read = xasprintf("read:sessions:%s", id);
	char *write = xasprintf("write:sessions:%s", id);
	const char *scopes[] = { read, o->read_scope ? NULL : write, NULL };
	int64_t now = clock_ms() / 1000;
	struct token_claims c = { .sub = keys->env, .scopes = scopes,
	    .iat = now, .exp = now + ttl };
	char *text = token_make(keys->keys[0], &c, e);
	struct buf b = BUF_INIT;
	int r = -1;

	if (text != NULL) {
		buf_addf(&b, "%s\n", text);
		r = out_result(&b, e);
	}
	free(text);
	free(write);
	free(read);
	return r;
}

static int
token_run(struct opts *o, struct err *e)
{
	char *path = halves_default_keys(o);
	struct keyfile keys;
	int64_t ttl = 0;
	int r = read_ttl(o, &ttl, e);

	if (r == 0)
		r = keyfile_open(&keys, path, e);
	if (r == 0) {
		r = make(&keys, o, ttl, e);
		keyfile_clear(&keys);
	} else if (e->code == ERR_NOT_FOUND) {
		err_hint(e, "chatd serve makes it at its first start");
	}
	free(path);
	return r;
}

static const struct opt options[] = {
	{ "read", 0, OPT_FLAG, OPT_EVERY, AT(read_scope), NULL, NULL, NULL,
	    "it may only read" },
	{ "ttl", 0, OPT_STR, OPT_EVERY, AT(ttl), "TIME", NULL, NULL,
	    "how long it is good: 15m, 1h (the default), 7d" },
	{ "key-file", 0, OPT_STR, OPT_EVERY, AT(key_file), "FILE", NULL, NULL,
	    "the keys of the server" },
	{ .name = NULL },
};

const struct command cmd_token = {
	.name = "token",
	.args = "ID",
	.help = "print a token that lets its holder use one session",
	.opts = options,
	.flags = CMD_LOCAL,
	.words_min = 1,
	.words_max = 1,
	.run = token_run,
};
