/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_revision.c - which revisions of MCP are spoken, and what is said if not */

/*
 * Those that begin with "initialize" (mcp 1). From 2026-07-28 on there is no
 * such beginning; a server that knows nothing older refuses ours, and its
 * refusal is where it says what it would take.
 */

#include "config.h"

#include <string.h>

#include "base/attr.h"
#include "tool/mcp_priv.h"

enum { UNSUPPORTED_VERSION = -32022 };

static const char *const revisions[] = {
	MCP_REVISION, "2025-06-18", "2025-03-26", "2024-11-05",
};

bool
mcp_revision_known(const char *s)
{
	for (size_t i = 0; s != NULL && i < NELEM(revisions); i++)
		if (strcmp(s, revisions[i]) == 0)
			return true;
	return false;
}

void
mcp_revision_refused(struct buf *out, int64_t code, const struct json *data)
{
	const struct json *supported = json_get(data, "supported"), *v;
	const char *sep = " (it speaks ";

	JSON_EACH(v, supported)
		if (json_str(v) != NULL) {
			buf_addf(out, "%s%.32s", sep, json_str(v));
			sep = ", ";
		}
	if (*sep == ',')
		buf_adds(out, "; chatd speaks " MCP_REVISION ")");
	else if (code == UNSUPPORTED_VERSION || code == JSONRPC_NO_METHOD)
		buf_adds(out, " (it may speak 2026-07-28 or newer only; "
		    "chatd speaks " MCP_REVISION ")");
}
