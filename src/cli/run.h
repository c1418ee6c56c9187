/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.h - one prompt, its answer, leave */

#ifndef CLI_RUN_H
#define CLI_RUN_H

struct err;
struct opts;

/* The exit status; with e set, that of its code. */
int	run_prompt(struct opts *o, struct err *e);

#endif
