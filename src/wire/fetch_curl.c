/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fetch_curl.c - libcurl, loaded when first used */

#define _GNU_SOURCE	/* dl_iterate_phdr */

#include <sys/mman.h>

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/err.h"
#include "wire/fetch_curl.h"

/* Of the libraries, in the order they came: seen now, there before. */
struct libraries {
	int seen, before;
};

static int
let_go(struct dl_phdr_info *info, size_t size ATTR_UNUSED, void *arg)
{
	struct libraries *l = arg;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from, to;

	if (l->seen++ < l->before)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type != PT_LOAD || (p->p_flags & PF_W) != 0)
			continue;
		from = (info->dlpi_addr + p->p_vaddr) & ~(page - 1);
		to = info->dlpi_addr + p->p_vaddr + p->p_filesz;
		(void)madvise((void *)from, to - from, MADV_DONTNEED);
	}
	return 0;
}

static int
count(struct dl_phdr_info *info ATTR_UNUSED, size_t size ATTR_UNUSED, void *arg)
{
	++*(int *)arg;
	return 0;
}

/*
 * Binding them has mapped most of some thirty libraries, 6 MiB, of which a
 * request to our own half uses next to nothing. What is only read is let go:
 * it stays in the page cache, and what is used comes back from there.
 */
static void *
open_small(const char *name)
{
	struct libraries l = { 0, 0 };
	void *so;

	dl_iterate_phdr(count, &l.before);
	so = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
	dl_iterate_phdr(let_go, &l);
	return so;
}

int
fetch_curl_load(struct curl_lib *lib, struct err *e)
{
	/* never closed: TLS libraries leave handlers for exit() behind */
	void *so = open_small("libcurl.so.4");

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
