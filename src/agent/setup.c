/* SPDX-License-Identifier: GPL-3.0-or-later */
/* setup.c - how a turn is to run: agent, model, options, from all who say */

#include <stdlib.h>
#include <string.h>

#include "agent/setup.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "wire/item.h"

/* What the three who may speak have said. */
struct setup_said {
	struct turn_opts host, base, record;
};

static void
said_read(struct setup_said *said, const struct turn_opts *defaults,
    const struct item *it, const struct json *before,
    const struct json *chatd)
{
	const char *config = it->config != NULL ? it->config : "{}";
	struct json_doc *doc = json_parse(config, strlen(config), 0, NULL);

	memset(said, 0, sizeof(*said));
	if (defaults != NULL)
		turn_opts_merge(&said->host, defaults);
	turn_opts_read(&said->base, json_path(json_root(doc), "basePayload",
	    "chatd", NULL));
	turn_opts_read(&said->record, before);
	turn_opts_read(&said->record, chatd);
	json_doc_free(doc);
}

static void
said_clear(struct setup_said *said)
{
	turn_opts_clear(&said->host);
	turn_opts_clear(&said->base);
	turn_opts_clear(&said->record);
}

static const char *
first_of(const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] != NULL)
			return list[i];
	return NULL;
}

/*
 * A task that names an agent means it, any other is just a word (cli.md 6);
 * an agent named by -a must be there.
 */
static int
setup_persona(struct setup *s, const struct setup_said *said,
    const struct item *it, struct err *e)
{
	const char *named = said->record.agent != NULL ? said->record.agent :
	    said->base.agent;
	struct err quiet = ERR_INIT;

	if (named != NULL)
		return persona_load(&s->persona, named, s->dir, e);
	if (it->task != NULL && strcmp(it->task, PERSONA_DEFAULT) != 0) {
		if (persona_load(&s->persona, it->task, s->dir, &quiet) == 0)
			return 0;
		if (quiet.code != ERR_NOT_FOUND)
			return err_pass(e, &quiet);
		persona_clear(&s->persona);
	}
	return persona_load(&s->persona, said->host.agent != NULL ?
	    said->host.agent : PERSONA_DEFAULT, s->dir, e);
}

static void
setup_model(struct setup *s, const struct setup_said *said,
    const struct item *it)
{
	const char *const list[] = {
		said->record.model,
		said->record.agent != NULL ? s->persona.opts.model : NULL,
		it->model != NULL && *it->model != '\0' ? it->model : NULL,
		said->base.model,
		s->persona.opts.model,
		said->host.model,
	};

	str_replace(&s->spec, first_of(list, NELEM(list)));
}

/*
 * A sub-agent: what its file says about permissions counts where it narrows,
 * over what the parent was bound to.
 */
static void
setup_bind(struct setup *s, const struct setup_said *said)
{
	const char *mode = s->persona.opts.permission_mode;
	const char *above = said->base.permission_mode;

	if (mode != NULL && (above == NULL || (strcmp(above, "plan") != 0 &&
	    strcmp(above, "deny") != 0)))
		str_replace(&s->opts.permission_mode, mode);
	if (s->persona.opts.sandbox != NULL)
		str_replace(&s->opts.sandbox, s->persona.opts.sandbox);
}

static void
setup_ancestors(struct setup *s, const struct item *it)
{
	const char *config = it->config != NULL ? it->config : "{}";
	struct json_doc *doc = json_parse(config, strlen(config), 0, NULL);
	const struct json *v = json_path(json_root(doc), "basePayload",
	    "chatd", "ancestors", NULL);

	if (it->parent != NULL && json_is(v, JSON_ARRAY))
		s->ancestors = json_text(v);
	json_doc_free(doc);
}

int
setup_init(struct setup *s, const struct turn_opts *defaults,
    const struct item *it, const struct json *before,
    const struct json *chatd, struct err *e)
{
	struct setup_said said;

	memset(s, 0, sizeof(*s));
	said_read(&said, defaults, it, before, chatd);
	const char *const dirs[] = {
		said.record.dir, said.base.dir, it->dir, said.host.dir,
	};

	str_replace(&s->dir, first_of(dirs, NELEM(dirs)));
	int rc = setup_persona(s, &said, it, e);

	if (rc == 0) {
		if (it->parent != NULL)
			persona_narrow(&s->persona.opts);
		turn_opts_merge(&s->opts, &said.host);
		turn_opts_merge(&s->opts, &s->persona.opts);
		turn_opts_merge(&s->opts, &said.base);
		if (it->parent != NULL)
			setup_bind(s, &said);
		turn_opts_merge(&s->opts, &said.record);
		setup_ancestors(s, it);
		if (s->opts.max_steps <= 0)
			s->opts.max_steps = SETUP_MAX_STEPS;
		setup_model(s, &said, it);
	}
	said_clear(&said);
	return rc;
}

enum sandbox_mode
setup_sandbox(const struct setup *s)
{
	int mode = s->opts.sandbox == NULL ? -1 :
	    sandbox_mode_by_name(s->opts.sandbox);

	return mode != -1 ? (enum sandbox_mode)mode : SANDBOX_WORKSPACE_WRITE;
}

void
setup_clear(struct setup *s)
{
	turn_opts_clear(&s->opts);
	persona_clear(&s->persona);
	free(s->spec);
	free(s->dir);
	free(s->ancestors);
	memset(s, 0, sizeof(*s));
}

int
setup_check_data(const struct setup *s, const struct item *it,
    const struct json *metadata, struct err *e)
{
	struct json_doc *kept = NULL;
	int rc;

	if (metadata == NULL && it->metadata != NULL)
		kept = json_parse(it->metadata, strlen(it->metadata), 0, NULL);
	rc = persona_check_data(&s->persona, metadata != NULL ? metadata :
	    json_root(kept), e);
	json_doc_free(kept);
	return rc;
}
