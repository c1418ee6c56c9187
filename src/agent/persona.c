/* SPDX-License-Identifier: GPL-3.0-or-later */
/* persona.c - an agent as a file: agents/NAME.md */

#include <stdlib.h>
#include <string.h>

#include "agent/persona.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"

/* A name that comes over the wire never leaves the folder. */
static bool
persona_name_fits(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= 64 && strspn(name,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789_-") == len;
}

static int
persona_read(struct persona *p, const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_doc *front = NULL;
	const char *body;
	int rc = -1;

	if (buf_read_file(&b, path, CONF_FILE_MAX, e) == -1 ||
	    conf_front_matter(b.data, b.len, path, &front, &body, e) == -1)
		goto done;
	turn_opts_read(&p->opts, json_root(front));
	body += strspn(body, " \t\r\n");
	if (*body != '\0')
		p->body = xstrdup(body);
	rc = 0;
done:
	json_doc_free(front);
	buf_clear(&b);
	return rc;
}

void
persona_narrow(struct turn_opts *o)
{
	const char *mode = o->permission_mode;

	str_replace(&o->allowed, NULL);
	o->network = false;
	if (mode != NULL && strcmp(mode, "plan") != 0 &&
	    strcmp(mode, "deny") != 0)
		str_replace(&o->permission_mode, NULL);
	if (o->sandbox != NULL && strcmp(o->sandbox, "read-only") != 0)
		str_replace(&o->sandbox, NULL);
}

static char *
persona_path(const char *name, const char *dir, bool *project)
{
	char *file = xasprintf("agents/%s.md", name);
	char *path = path_config(file);

	*project = !path_exists(path) && dir != NULL;
	if (*project) {
		free(path);
		path = xasprintf("%s/.chatd/%s", dir, file);
	}
	free(file);
	return path;
}

int
persona_load(struct persona *p, const char *name, const char *dir,
    struct err *e)
{
	int rc = 0;

	memset(p, 0, sizeof(*p));
	if (!persona_name_fits(name)) {
		err_set(e, ERR_NOT_FOUND, "no agent %.64s", name);
		return -1;
	}
	bool project;
	char *path = persona_path(name, dir, &project);

	if (path_exists(path)) {
		rc = persona_read(p, path, e);
		if (project)	/* architecture.md 6 */
			persona_narrow(&p->opts);
	} else if (strcmp(name, PERSONA_DEFAULT) != 0) {
		err_set(e, ERR_NOT_FOUND, "no agent %s", name);
		rc = err_hint(e, "chatd agents lists them");
	}
	free(path);
	return rc;
}

void
persona_clear(struct persona *p)
{
	turn_opts_clear(&p->opts);
	free(p->body);
	p->body = NULL;
}
