/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tool_names.c - names of tools in the letters that all providers take */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/model_priv.h"
#include "model/part.h"
#include "model/tool_names.h"

enum { NAME_MAX_WIRE = 64 };

struct tool_name {
	char *own, *wire;
};

/* Caller frees. */
static char *
wire_form(const char *name)
{
	char *plain, *led;

	if (isalpha((unsigned char)name[0]) || name[0] == '_')
		return call_id_plain(name, NAME_MAX_WIRE);
	led = xasprintf("_%s", name);
	plain = call_id_plain(led, NAME_MAX_WIRE);
	free(led);
	return plain;
}

void
tool_name_write(struct json_w *w, const char *member, const char *name)
{
	char *wire = wire_form(name != NULL ? name : "");

	json_w_kstr(w, member, wire);
	free(wire);
}

void
tool_names_keep(struct model_call *call, const struct model_request *rq)
{
	const struct json *t;

	JSON_EACH(t, rq->tools) {
		const char *name = json_get_str(t, "name");
		char *wire = name != NULL ? wire_form(name) : NULL;

		if (wire == NULL || strcmp(wire, name) == 0) {
			free(wire);
			continue;
		}
		call->names = xreallocarray(call->names,
		    call->name_count + 1, sizeof(*call->names));
		call->names[call->name_count++] = (struct tool_name){
			.own = xstrdup(name), .wire = wire };
	}
}

void
tool_names_clear(struct model_call *call)
{
	for (size_t i = 0; i < call->name_count; i++) {
		free(call->names[i].own);
		free(call->names[i].wire);
	}
	free(call->names);
	call->names = NULL;
	call->name_count = 0;
}

const char *
tool_name_own(const struct model_call *call, const char *wire)
{
	for (size_t i = 0; i < call->name_count; i++)
		if (strcmp(call->names[i].wire, wire) == 0)
			return call->names[i].own;
	return wire;
}
