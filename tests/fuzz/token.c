/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token.c - no bytes are a token unless the key has signed them */

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "fuzz.h"
#include "wire/token.h"

#define ENV	"env_test"
#define NOW	INT64_C(1800000000)

/* the key of tests/vectors/token, whose good tokens are in the corpus */
static const char *const keys[] = { "tr_dev_0123456789abcdefABCDEFGH", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	struct err e = ERR_INIT;
	struct token *t = token_check(text, keys, ENV, NOW, &e);

	FUZZ_CHECK((t == NULL) == err_is_set(&e));
	if (t != NULL) {
		FUZZ_CHECK(token_looks_public(text));
		FUZZ_CHECK(token_expires(t) > NOW);
	}
	token_free(t);
	(void)token_looks_public(text);
	free(text);
	return 0;
}
