/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session_body.c - what clients may say about a session */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "server/session_body.h"

enum {
	TYPE_MAX = 64,
	TASK_MAX = 128,
	EXTERNAL_MAX = 256,
	TAGS_MAX = 10,
	TAG_MAX = 128,
	NAMES_MAX = 2,
};

/* The members of triggerConfig that have a rule (session-protocol 4.3). */
enum config_rule {
	RULE_TEXT,		/* a string of at most max characters */
	RULE_NUMBER,		/* a whole number min..max */
	RULE_TEXT_OR_NUMBER,
	RULE_TEXT_OR_NULL,
	RULE_NAMES,		/* at most max strings */
};

static const struct rule {
	const char *name;
	enum config_rule rule;
	int64_t min, max;
} rules[] = {
	{ "machine", RULE_TEXT, 0, TASK_MAX },
	{ "queue", RULE_TEXT, 0, TASK_MAX },
	{ "concurrency", RULE_NAMES, 0, NAMES_MAX },
	{ "concurrencyKey", RULE_TEXT, 0, INT64_MAX },
	{ "tags", RULE_NAMES, 0, TAGS_MAX },
	{ "maxAttempts", RULE_NUMBER, 1, 10 },
	{ "maxDuration", RULE_NUMBER, 1, INT64_MAX },
	{ "lockToVersion", RULE_TEXT, 0, INT64_MAX },
	{ "externalDeploymentId", RULE_TEXT_OR_NULL, 0, INT64_MAX },
	{ "region", RULE_TEXT, 0, INT64_MAX },
	{ "idleTimeoutInSeconds", RULE_NUMBER, 1, 3600 },
	{ "ttl", RULE_TEXT_OR_NUMBER, 0, INT64_MAX },
};

static int
wrong(struct err *e, const char *name, const char *what)
{
	return err_set(e, ERR_REFUSED, "%s: %s", name, what);
}

static bool
is_text(const struct json *v, int64_t min, int64_t max)
{
	int64_t n;

	if (!json_is(v, JSON_STRING))
		return false;
	n = (int64_t)utf8_count(json_str(v), json_len(v));
	return n >= min && n <= max;
}

static bool
is_number(const struct json *v, int64_t min, int64_t max)
{
	int64_t n;

	return json_is(v, JSON_NUMBER) && json_int64(v, &n) == 0 &&
	    n >= min && n <= max;
}

static bool
is_names(const struct json *v, int64_t max)
{
	const struct json *name;

	if (!json_is(v, JSON_ARRAY) || (int64_t)json_len(v) > max)
		return false;
	JSON_EACH(name, v) {
		if (!is_text(name, 0, TAG_MAX))
			return false;
	}
	return true;
}

static bool
obeys(const struct rule *r, const struct json *v)
{
	switch (r->rule) {
	case RULE_TEXT:
		return is_text(v, r->min, r->max);
	case RULE_NUMBER:
		return is_number(v, r->min, r->max);
	case RULE_TEXT_OR_NUMBER:
		return is_text(v, 0, r->max) || is_number(v, r->min, r->max);
	case RULE_TEXT_OR_NULL:
		return json_is(v, JSON_NULL) || is_text(v, 0, r->max);
	case RULE_NAMES:
		return is_names(v, r->max);
	}
	return false;
}

static int
read_config(struct session_body *b, const struct json *config, struct err *e)
{
	if (!json_is(config, JSON_OBJECT))
		return wrong(e, "triggerConfig", "an object is wanted");
	b->payload = json_get(config, "basePayload");
	if (!json_is(b->payload, JSON_OBJECT))
		return wrong(e, "triggerConfig.basePayload",
		    "an object is wanted");
	for (size_t i = 0; i < NELEM(rules); i++) {
		const struct json *v = json_get(config, rules[i].name);

		if (v != NULL && !obeys(&rules[i], v))
			return err_set(e, ERR_REFUSED,
			    "triggerConfig.%s: not a value it can have",
			    rules[i].name);
	}
	b->config = json_text(config);
	return 0;
}

/* session-protocol 4.1; null is the same as nothing */
static int
read_external_id(struct session_body *b, const struct json *v, struct err *e)
{
	const char *s = json_str(v);
	size_t len;

	b->has_external_id = v != NULL;
	if (!json_is_set(v))
		return 0;
	if (!json_is(v, JSON_STRING) || strlen(s) != json_len(v))
		return wrong(e, "externalId", "a string is wanted");
	while (isspace((unsigned char)*s))
		s++;
	for (len = strlen(s); len > 0 && isspace((unsigned char)s[len - 1]);)
		len--;
	if (len == 0 || utf8_count(s, len) > EXTERNAL_MAX)
		return wrong(e, "externalId", "1 to 256 characters");
	if (strncmp(s, "session_", 8) == 0)
		return wrong(e, "externalId",
		    "must not start with session_");
	b->external_id = xstrndup(s, len);
	if (strstr(b->external_id, ":channels:") != NULL)
		return wrong(e, "externalId", "must not hold :channels:");
	return 0;
}

static int
read_labels(struct session_body *b, const struct json *json, struct err *e)
{
	const struct json *tags = json_get(json, "tags");
	const struct json *metadata = json_get(json, "metadata");

	if (tags != NULL && !is_names(tags, TAGS_MAX))
		return wrong(e, "tags",
		    "at most 10 strings of at most 128 characters");
	if (tags != NULL)
		b->tags = json_text(tags);
	if (metadata != NULL && !json_is(metadata, JSON_OBJECT) &&
	    !json_is(metadata, JSON_NULL))
		return wrong(e, "metadata", "an object is wanted");
	if (metadata != NULL)
		b->metadata = json_text(metadata);
	return 0;
}

static int
read_expiry(struct session_body *b, const struct json *v, struct err *e)
{
	if (!json_is_set(v))
		return 0;
	if (json_is(v, JSON_NUMBER) && json_int64(v, &b->expires_at) == 0 &&
	    b->expires_at >= 0)
		return 0;
	if (json_is(v, JSON_STRING) &&
	    clock_parse_iso(json_str(v), &b->expires_at) == 0)
		return 0;
	b->expires_at = -1;
	return wrong(e, "expiresAt", "a date is wanted");
}

static int
read_name(char **out, const struct json *json, const char *name, int64_t max,
    struct err *e)
{
	const struct json *v = json_get(json, name);

	if (!is_text(v, 1, max))
		return err_set(e, ERR_REFUSED,
		    "%s: a string of 1 to %lld characters is wanted", name,
		    (long long)max);
	*out = xstrdup(json_str(v));
	return 0;
}

int
session_body_create(struct session_body *b, const struct json *json,
    struct err *e)
{
	memset(b, 0, sizeof(*b));
	b->expires_at = -1;
	if (!json_is(json, JSON_OBJECT))
		return err_set(e, ERR_REFUSED, "an object is wanted");
	if (read_name(&b->type, json, "type", TYPE_MAX, e) != 0 ||
	    read_name(&b->task, json, "taskIdentifier", TASK_MAX, e) != 0 ||
	    read_external_id(b, json_get(json, "externalId"), e) != 0 ||
	    read_labels(b, json, e) != 0 ||
	    read_expiry(b, json_get(json, "expiresAt"), e) != 0)
		return -1;
	return read_config(b, json_get(json, "triggerConfig"), e);
}

int
session_body_update(struct session_body *b, const struct json *json,
    struct err *e)
{
	const struct json *id = json_get(json, "externalId");

	memset(b, 0, sizeof(*b));
	b->expires_at = -1;
	if (!json_is(json, JSON_OBJECT))
		return err_set(e, ERR_REFUSED, "an object is wanted");
	b->has_external_id = id != NULL;
	if (json_is(id, JSON_STRING))
		b->external_id = xstrdup(json_str(id));
	else if (json_is_set(id))
		return wrong(e, "externalId", "a string or null is wanted");
	return read_labels(b, json, e);
}

void
session_body_clear(struct session_body *b)
{
	free(b->type);
	free(b->task);
	free(b->external_id);
	free(b->config);
	free(b->tags);
	free(b->metadata);
	memset(b, 0, sizeof(*b));
}
