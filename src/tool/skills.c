/* SPDX-License-Identifier: GPL-3.0-or-later */
/* skills.c - instructions that a model loads when it needs them */

#include <sys/stat.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/utf8.h"
#include "tool/realname.h"
#include "tool/skill.h"
#include "tool/skills.h"

static void
skill_clear(struct skill *sk)
{
	free(sk->name);
	free(sk->description);
	free(sk->dir);
	free(sk->body);
	free(sk->error);
}

static bool
name_fits(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= SKILL_NAME_MAX && strspn(name,
	    "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* On one line: it goes into a list. */
static char *
one_line(const char *s)
{
	struct buf b = BUF_INIT;
	size_t len = utf8_prefix(s, strlen(s), SKILL_DESCRIPTION_MAX);

	utf8_add_valid(&b, s, len);
	for (size_t i = 0; i < b.len; i++)
		if ((unsigned char)b.data[i] < ' ')
			b.data[i] = ' ';
	return b.data != NULL ? buf_take(&b) : xstrdup("");
}

static int
skill_read_front(struct skill *sk, const struct json *front, struct err *e)
{
	const char *name = json_get_str(front, "name");
	const char *description = json_get_str(front, "description");

	if (name == NULL)
		return err_set(e, ERR_CONFIG, "no name in its front matter");
	if (!name_fits(name))
		return err_set(e, ERR_CONFIG, "a name is at most %d of a-z, "
		    "0-9 and -", SKILL_NAME_MAX);
	if (strcmp(name, sk->name) != 0)
		return err_set(e, ERR_CONFIG, "its name is %s, not that of "
		    "its folder", name);
	if (description == NULL || *description == '\0')
		return err_set(e, ERR_CONFIG,
		    "no description in its front matter");
	sk->description = one_line(description);
	return 0;
}

/* By whatever links: the file must lie where the project says. */
static int
skill_is_inside(const struct skill *sk, const char *path, struct err *e)
{
	char *dir = realname(sk->dir), *real = realname(path);
	char *root = xstrdup(sk->dir);
	size_t len;
	int rc = 0;

	*strrchr(root, '/') = '\0';
	char *top = realname(root);

	len = strlen(top);
	if (strncmp(real, top, len) != 0 || real[len] != '/' ||
	    strncmp(dir, top, len) != 0 || dir[len] != '/')
		rc = err_set(e, ERR_CONFIG, "a link leads out of the folder");
	free(top);
	free(root);
	free(real);
	free(dir);
	return rc;
}

static int
skill_read(struct skill *sk, struct err *e)
{
	char *path = path_join(sk->dir, "SKILL.md");
	struct buf b = BUF_INIT;
	struct json_doc *front = NULL;
	const char *body;
	int rc = -1;

	if ((sk->project && skill_is_inside(sk, path, e) == -1) ||
	    buf_read_file(&b, path, CONF_FILE_MAX, e) == -1 ||
	    conf_front_matter(b.data, b.len, path, &front, &body, e) == -1 ||
	    skill_read_front(sk, json_root(front), e) == -1)
		goto done;
	struct buf text = BUF_INIT;

	body += strspn(body, "\r\n");
	utf8_add_valid(&text, body, strlen(body));
	sk->body = text.data != NULL ? buf_take(&text) : xstrdup("");
	rc = 0;
done:
	json_doc_free(front);
	buf_clear(&b);
	free(path);
	return rc;
}

static bool
is_listed(const struct skills *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->list[i].name, name) == 0)
			return true;
	return false;
}

static void
skills_add(struct skills *s, const char *root, const char *name, bool project)
{
	struct skill sk = {
		.name = xstrdup(name), .dir = path_join(root, name),
		.project = project,
	};
	char *path = path_join(sk.dir, "SKILL.md");
	struct err e = ERR_INIT;

	struct stat st;

	/* anything else might never end */
	if (is_listed(s, name) || stat(path, &st) == -1 ||
	    !S_ISREG(st.st_mode)) {
		skill_clear(&sk);
	} else {
		if (skill_read(&sk, &e) == -1)
			sk.error = xstrdup(e.text);
		s->list = xreallocarray(s->list, s->count + 1,
		    sizeof(*s->list));
		s->list[s->count++] = sk;
	}
	free(path);
}

static void
skills_read(struct skills *s, const char *root, bool project)
{
	DIR *d = opendir(root);
	size_t before = s->count;
	struct dirent *de;

	if (d == NULL)
		return;
	while ((de = readdir(d)) != NULL && s->count - before < SKILLS_MAX)
		if (de->d_name[0] != '.')
			skills_add(s, root, de->d_name, project);
	closedir(d);
}

static int
skill_compare(const void *a, const void *b)
{
	return strcmp(((const struct skill *)a)->name,
	    ((const struct skill *)b)->name);
}

struct skills *
skills_load(const char *dir)
{
	struct skills *s = xcalloc(1, sizeof(*s));
	char *user = path_config("skills");

	skills_read(s, user, false);
	if (dir != NULL) {
		char *project = path_join(dir, ".chatd/skills");

		skills_read(s, project, true);
		free(project);
	}
	if (s->count > 1)
		qsort(s->list, s->count, sizeof(*s->list), skill_compare);
	free(user);
	return s;
}

void
skills_free(struct skills *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++)
		skill_clear(&s->list[i]);
	free(s->list);
	free(s);
}

const struct skill *
skills_find(const struct skills *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].error == NULL &&
		    strcmp(s->list[i].name, name) == 0)
			return &s->list[i];
	return NULL;
}

void
skills_write(const struct skills *s, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < s->count; i++) {
		if (s->list[i].error != NULL)
			continue;
		if (!any)
			buf_addf(out, "%sSkills, to be loaded with the Skill "
			    "tool when one fits what is to be done:",
			    out->len > 0 ? "\n\n" : "");
		any = true;
		buf_addf(out, "\n- %s: %s", s->list[i].name,
		    s->list[i].description);
	}
}

const struct tool *const *
skills_tools(const struct skills *s)
{
	static const struct tool *const one[] = { &tool_skill, NULL };
	static const struct tool *const none[] = { NULL };

	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].error == NULL)
			return one;
	return none;
}
