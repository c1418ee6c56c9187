/* SPDX-License-Identifier: GPL-3.0-or-later */
/* part.h - the parts of ModelMessages, as every provider file reads them */

#ifndef MODEL_PART_H
#define MODEL_PART_H

#include <stdbool.h>
#include <stddef.h>

struct json;
struct json_w;
struct model;
struct model_request;

bool	part_is(const struct json *part, const char *type);
/* A call that we run, not the provider. */
bool	part_is_call(const struct json *part);
/* {name: ..} of an object, text only, "" if it is not there. */
const char *part_str(const struct json *part, const char *name);

/*
 * A file's data is {type: "url", url}, {type: "data", data}, or the bare
 * string of older versions: a URL, or base64; MCP says mimeType. Caller frees
 * the URL; NULL if there is nothing that could be sent.
 */
const char *part_media_type(const struct json *part);
char	*part_url(const struct json *part);
/* The base64 text of a data: URL, or NULL. */
const char *url_payload(const char *url);
bool	part_is_picture(const struct json *part);
/* A text file, written out with its name. Caller frees. */
char	*part_file_text(const struct json *part, const char *payload);
bool	type_is_text(const char *media_type);

/*
 * What a result is made of where it is a list: texts, pictures and files, in
 * the form of the AI SDK or of MCP. NULL: output_string() has it all.
 */
const struct json *output_blocks(const struct json *output);
bool	output_is_error(const struct json *output);
/* A result as a string. Caller frees. */
char	*output_string(const struct json *output);
/* The result of this call in the tool messages behind m, or NULL. */
const struct json *result_find(const struct json *m, const char *call_id);

/* All that speaks to the model from above, joined. Caller frees; may be "". */
char	*system_text(const struct model_request *rq);

/* The id of a call in letters, digits, "_" and "-", at most max bytes; the
 * same id gives the same. Caller frees. */
char	*call_id_plain(const char *id, size_t max);
/* The tools by name, so that prefixes stay the same. Caller frees the array. */
const struct json **tools_sorted(const struct model_request *rq,
	    size_t *count);
/* Words that ask for an answer that fits a schema. Caller frees. */
char	*schema_words(const struct json *schema);

/*
 * What this provider and model gave with a part under the AI SDK's key
 * (providers 1.4), or NULL: others' is nothing to it. Metadata without a
 * model comes from elsewhere and is taken by its key.
 */
const struct json *part_own(const struct model *m, const struct json *part,
	    const char *key);
/* Begin {KEY:{"model":..: the caller adds members and closes both. */
void	own_begin(struct json_w *w, const struct model *m, const char *key);

#endif
