/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fetch_curl.c - libcurl, loaded when first used */

#include <dlfcn.h>
#include <stddef.h>

#include "base/err.h"
#include "wire/fetch_curl.h"

int
fetch_curl_load(struct curl_lib *lib, struct err *e)
{
	/* never closed: TLS libraries leave handlers for exit() behind */
	void *so = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL);

	if (so == NULL)
		return err_set(e, ERR_FAILED, "cannot load libcurl: %s",
		    dlerror());
#define X(name)								\
	*(void **)&lib->name = dlsym(so, #name);			\
	if (lib->name == NULL)						\
		return err_set(e, ERR_FAILED,				\
		    "cannot use libcurl: it has no %s", #name);
	CURL_CALLS(X)
#undef X
	return 0;
}
