/* SPDX-License-Identifier: GPL-3.0-or-later */
/* skills.h - instructions that a model loads when it needs them */

/*
 * A skill is a folder with a SKILL.md: front matter with name and description,
 * and a body. The model is told names and descriptions; the Skill tool gives
 * it the body, and the other files of the folder are read like any file. The
 * user's own (skills/ of the configuration folder) come before the project's
 * (.chatd/skills/) of the same name.
 *
 * They are words and nothing else: what they say to do is judged by the rules
 * as everything is. A project's may not lead out of its folder by a link.
 */

#ifndef TOOL_SKILLS_H
#define TOOL_SKILLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf;
struct err;
struct tool;

enum {
	SKILL_NAME_MAX = 64,
	SKILL_DESCRIPTION_MAX = 1024,
	SKILLS_MAX = 200,	/* of one folder */
};

struct skill {
	char *name;		/* of the folder, if its file is wrong */
	char *description;
	char *dir;		/* absolute */
	char *body;
	char *error;		/* why it cannot be used, or NULL */
	bool project;
};
struct skills {
	struct skill *list;	/* sorted by name */
	size_t count;
};

/* Never fails: what is wrong stands in the skill. dir may be NULL. */
struct skills	*skills_load(const char *dir);
void		 skills_free(struct skills *s);
/* One that can be used, or NULL. */
const struct skill *skills_find(const struct skills *s, const char *name);
/* What the system prompt says of them; nothing if there are none. */
void		 skills_write(const struct skills *s, struct buf *out);
/* The Skill tool if there is something for it; ends with NULL. */
const struct tool *const *skills_tools(const struct skills *s);

#endif
