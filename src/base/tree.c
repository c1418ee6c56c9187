/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tree.c - structs found by the string that is their first member */

#include "config.h"

#include <search.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/tree.h"

static int
by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

void *
tree_find(void *const *tree, const char *name)
{
	void **at = tfind(&name, tree, by_name);

	return at != NULL ? *at : NULL;
}

void *
tree_put(void **tree, void *item)
{
	void **at = tsearch(item, tree, by_name), *before;

	if (at == NULL)
		fatal(__func__, "no memory");
	before = *at != item ? *at : NULL;
	*at = item;
	return before;
}

void
tree_remove(void **tree, const char *name)
{
	(void)tdelete(&name, tree, by_name);
}

static void
stay(void *item ATTR_UNUSED)
{
}

void
tree_clear(void **tree, void (*gone)(void *item))
{
	tdestroy(*tree, gone != NULL ? gone : stay);
	*tree = NULL;
}
