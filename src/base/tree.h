/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tree.h - structs found by the string that is their first member */

/*
 * tsearch(3) with one order. A tree is a void *, NULL while it is empty; it
 * owns nothing, and a name must not change while its struct is in the tree.
 */

#ifndef BASE_TREE_H
#define BASE_TREE_H

/* NULL: none has this name. */
void	*tree_find(void *const *tree, const char *name);
/* Returns the one of the same name whose place it takes, or NULL. */
void	*tree_put(void **tree, void *item);
void	 tree_remove(void **tree, const char *name);
/* Empty it; each that was in it is given to gone, which may be NULL. */
void	 tree_clear(void **tree, void (*gone)(void *item));

#endif
