/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_doctor.c - chatd doctor: what is there, and what is wrong */

#include "config.h"

#include <event2/event.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/path.h"
#include "cli/cmd.h"
#include "cli/config_file.h"
#include "cli/halves.h"
#include "cli/out.h"
#include "model/model.h"
#include "model/price.h"
#include "store/store.h"
#include "tool/sandbox.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "wire/fetch.h"

enum { DISCOVER_MS = 300 };

/* What has been found out; bad counts what needs a person. */
struct doctor {
	struct halves h;
	struct buf out;
	int bad;
	bool found;
};

static void
line(struct doctor *d, const char *what, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

static void
line(struct doctor *d, const char *what, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	buf_addf(&d->out, "%-14s", what);
	safe_shows(&d->out, text.data);
	buf_addc(&d->out, '\n');
	buf_clear(&text);
}

static void
look_versions(struct doctor *d)
{
	struct err e = ERR_INIT;
	const char *curl = fetch_version(&e);

	line(d, "chatd", "%s", PACKAGE_VERSION);
	line(d, "store", "%s", store_version());
	line(d, "loop", "libevent/%s", event_get_version());
	line(d, "http", "%s", curl != NULL ? curl : e.text);
	d->bad += curl == NULL;
}

/* What a person has to see to. */
static void
complain(struct doctor *d, const char *what, const struct err *e)
{
	line(d, what, "%s", e->text);
	if (e->hint[0] != '\0')
		line(d, "", "hint: %s", e->hint);
	d->bad++;
}

static bool
look_config(struct doctor *d)
{
	struct err e = ERR_INIT;
	char *path = halves_config_path();
	bool good = config_file_check(path, &e) == 0;

	if (good)
		line(d, "configuration", "%s%s", path,
		    path_exists(path) ? "" : " (not there)");
	else
		complain(d, "configuration", &e);
	free(path);
	return good;
}

/* Names only: a key is never shown. */
static void
look_keys(struct doctor *d)
{
	const struct models_provider *p;
	const char *last = "";
	int found = 0;

	for (size_t i = 0; (p = models_entry(d->h.models, i)) != NULL; i++) {
		if (p->key_told)
			line(d, "key", "a command tells it (%s)", p->name);
		else if (p->key_from == NULL || strcmp(p->key_from, last) == 0)
			continue;
		else
			line(d, "key", "%s is set (%s)", p->key_from, p->name);
		last = p->key_from != NULL && !p->key_told ? p->key_from : "";
		found++;
	}
	if (found == 0)
		line(d, "key", "none is set");
}

static void
look_prices(struct doctor *d)
{
	const char *date = price_date(d->h.models);

	line(d, "prices", "%s", date[0] != '\0' ? date : "of no date");
}

static void
servers_found(const char *json, void *arg)
{
	struct doctor *d = arg;
	struct json_doc *doc = json_parse(json, strlen(json), 0, NULL);
	const struct json *v;

	JSON_EACH(v, doc != NULL ? json_root(doc) : NULL) {
		const char *name = json_get_str(v, "provider");
		const char *url = json_get_str(v, "url");
		const char *version = json_get_str(v, "version");
		line(d, "local server", "%s %s %s", name != NULL ? name : "?",
		    url != NULL ? url : "", version != NULL ? version : "");
	}
	if (doc == NULL || json_len(json_root(doc)) == 0)
		line(d, "local server", "none answers");
	json_doc_free(doc);
	d->found = true;
	event_base_loopbreak(d->h.base);
}

static void
look_terminal(struct doctor *d)
{
	static const char *const depths[] = { "no colours", "16 colours",
	    "256 colours", "true colour" };
	struct style st;

	style_init(&st, STDOUT_FILENO);
	if (!st.tty)
		line(d, "terminal", "stdout is none");
	else
		line(d, "terminal", "%zux%zu, %s%s%s", st.columns, st.rows,
		    st.sgr ? depths[st.depth] : "no styles",
		    st.links ? ", links" : "", st.dumb ? ", dumb" : "");
}

static void
look_database(struct doctor *d)
{
	struct err e = ERR_INIT;
	char *path = path_data("chatd.db");

	if (store_check(d->h.store, &e) == 0)
		line(d, "database", "%s is sound", path);
	else
		complain(d, "database", &e);
	free(path);
}

static void
look_sandbox(struct doctor *d)
{
	struct buf b = BUF_INIT;

	sandbox_describe(&b);
	line(d, "sandbox", "%s", b.data);
	buf_clear(&b);
}

/* What needs the configuration to be read. */
static void
look_models(struct doctor *d)
{
	look_keys(d);
	look_prices(d);
	models_discover(d->h.models, DISCOVER_MS, servers_found, d);
	if (!d->found)
		event_base_dispatch(d->h.base);
}

/* Whatever is broken, the rest is looked at. */
static void
look_halves(struct doctor *d, const struct opts *o)
{
	struct err e = ERR_INIT, none = ERR_INIT;
	bool whole = halves_open(&d->h, HALVES_SERVER, o, &e) == 0;

	if (whole || halves_open(&d->h, HALVES_LOOP, o, &none) == 0)
		look_models(d);
	if (whole)
		look_database(d);
	else
		complain(d, "database", &e);
	halves_close(&d->h);
}

static int
doctor_run(struct opts *o, struct err *e)
{
	struct doctor d = { .out = BUF_INIT };

	look_versions(&d);
	look_terminal(&d);
	look_sandbox(&d);
	if (look_config(&d))
		look_halves(&d, o);
	if (out_result(&d.out, e) != 0)
		return -1;
	return d.bad > 0 ? err_exit_status(ERR_FAILED) : 0;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.args = "",
	.help = "look at keys, servers, terminal, database, versions",
	.flags = CMD_LOCAL,
	.run = doctor_run,
};
