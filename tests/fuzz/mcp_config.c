/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_config.c - any text is a list of servers or an error */

#include "base/err.h"
#include "fuzz.h"
#include "tool/mcp_config.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mcp_config c = { 0 };
	struct err e = ERR_INIT;
	size_t i;

	if (mcp_config_read(&c, (const char *)data, size, "/w", &e) == -1)
		FUZZ_CHECK(e.code == ERR_CONFIG);
	for (i = 0; i < c.count; i++)
		FUZZ_CHECK(c.v[i].broken != NULL || c.v[i].url != NULL ||
		    c.v[i].argv != NULL);
	mcp_config_clear(&c);
	return 0;
}
