/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_serve.c - chatd serve: a server half of its own */

#include "base/err.h"
#include "cli/background.h"
#include "cli/cmd.h"
#include "cli/serve.h"

#define AT(field) offsetof(struct opts, field)

static int
serve_run(struct opts *o, struct err *e)
{
	if (o->background)
		return background_serve(o, e);
	if (o->words.count > 0)
		return err_set(e, ERR_USAGE, "serve: no words are wanted");
	return serve(o, e);
}

static const struct opt options[] = {
	{ "listen", 0, OPT_LIST, OPT_EVERY, AT(listen), "HOST:PORT", NULL,
	    NULL, "listen there, not at 127.0.0.1:8788; may be repeated" },
	{ "unix", 0, OPT_STR, OPT_EVERY, AT(unix_path), "PATH", NULL, NULL,
	    "where the Unix socket is, for callers with the same uid" },
	{ "key-file", 0, OPT_STR, OPT_EVERY, AT(key_file), "FILE", NULL, NULL,
	    "the secret keys, one a line; made if it is not there" },
	{ "cors", 0, OPT_LIST, OPT_EVERY, AT(origins), "ORIGIN", NULL, NULL,
	    "let only pages of this origin read answers; may be repeated" },
	{ "tls-cert", 0, OPT_STR, OPT_EVERY, AT(tls_cert), "FILE", NULL, NULL,
	    "a certificate with its chain (PEM): HTTPS over TCP" },
	{ "tls-key", 0, OPT_STR, OPT_EVERY, AT(tls_key), "FILE", NULL, NULL,
	    "its private key (PEM)" },
	{ "rate-limit", 0, OPT_INT, OPT_EVERY, AT(rate_limit), "N", NULL, NULL,
	    "requests a minute for each key or token, not 60000" },
	{ "strict-agents", 0, OPT_FLAG, OPT_EVERY, AT(strict_agents), NULL,
	    NULL, NULL, "refuse sessions whose task names no agent" },
	{ "background", 0, OPT_FLAG, OPT_EVERY, AT(background), NULL, NULL,
	    NULL, "own one session, or any, until there is nothing to do" },
	{ .name = NULL },
};

const struct command cmd_serve = {
	.name = "serve",
	.args = "",
	.help = "serve sessions over HTTP, as Trigger.dev does",
	.opts = options,
	.flags = CMD_AGENT | CMD_LOCAL,
	.words_min = 0,
	.words_max = 1,
	.run = serve_run,
};
