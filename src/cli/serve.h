/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serve.h - a server half alone, over TCP for those who show a key */

/*
 * The key file is made at the first start. SIGHUP reads it again. At SIGTERM
 * no turn begins any more, running ones get ten seconds; what is not done
 * then is gone on with at the next start (cli.md 6). A second signal ends it
 * at once, as a crash would.
 */

#ifndef CLI_SERVE_H
#define CLI_SERVE_H

struct err;
struct opts;

/* Until a signal comes. The exit status. */
int	serve(struct opts *o, struct err *e);

#endif
