/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_url.h - patterns of addresses */

#ifndef TOOL_RULE_URL_H
#define TOOL_RULE_URL_H

#include <stdbool.h>

struct buf;
struct rule;

/*
 * "domain:example.com": that host and those below it. Else scheme, host and
 * path are matched each by itself, so that no star of the host can reach into
 * the path. Addresses with a user name match no rule that allows.
 */
bool	rule_matches_url(const struct rule *r, const char *url);
/* "domain:HOST" for an address. */
void	rule_url_host(struct buf *out, const char *url);

#endif
