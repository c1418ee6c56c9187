/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json.h - JSON: read, looked at, written; nothing is changed on the way */

/*
 * Reading. json_parse() makes a document that owns all its values (one arena,
 * freed at once); values are borrowed from it and const. Strict RFC 8259.
 *
 *  - Strings are held as UTF-8 in which a lone surrogate, which only a \u
 *    escape can make, takes its three bytes (ED A0..BF xx): "WTF-8". They are
 *    NUL-terminated but may hold NULs: json_len() is their length in bytes.
 *    Bytes that are not UTF-8 are an error in json_parse().
 *  - Numbers keep their text.
 *  - Of duplicate keys the last value wins, at the first one's place.
 *  - Depth is at most JSON_DEPTH_MAX, nodes at most JSON_NODES_MAX.
 *
 * Every look function takes NULL for a value and answers "absent".
 *
 * Writing goes through struct json_w into a buf: the writer puts the commas,
 * the caller nests. Output is compact and what JSON.stringify would give
 * (ui-message-stream 1.1): "/" and non-ASCII raw, lone surrogates as \udxxx.
 */

#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

struct buf;
struct err;

enum {
	JSON_DEPTH_MAX = 256,
	JSON_NODES_MAX = 8 * 1024 * 1024,
};

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

enum json_flags {
	JSON_REFUSE_PROTO = 1,	/* ui-message-stream 1.2: __proto__ keys */
	JSON_REPLACE_UTF8 = 2,	/* bad bytes become U+FFFD, no error */
};

struct json_doc;
struct json;

/* reading */
struct json_doc	*json_parse(const char *text, size_t len, unsigned flags,
		    struct err *e) ATTR_MUST_USE;
void		 json_doc_free(struct json_doc *doc);
const struct json *json_root(const struct json_doc *doc);
/*
 * Where a string or number of doc stands in the text it was parsed from. NULL:
 * not in these bytes, for there were escapes in it or bad bytes in the text.
 */
const char	*json_source(const struct json_doc *doc, const struct json *v,
		    const char *text, size_t len);
/*
 * A list that grows: both roots are arrays, and the elements of more come
 * behind those of doc, which owns it from now on. unjoin: the newest goes.
 */
void		 json_join(struct json_doc *doc, struct json_doc *more);
void		 json_unjoin(struct json_doc *doc);

/* The three outcomes of reading text that may stop anywhere. */
enum json_partial {
	JSON_PARTIAL_FAILED,	/* no document */
	JSON_PARTIAL_REPAIRED,
	JSON_PARTIAL_WHOLE,
};
/*
 * ui-message-stream 6. *out is NULL when failed; else the caller frees it.
 * The text may be WTF-8 (an unescaped lone surrogate is taken).
 */
enum json_partial json_parse_partial(const char *text, size_t len,
		    struct json_doc **out);

/* looking */
enum json_type	 json_type(const struct json *v);	/* NULL: JSON_NULL */
bool		 json_is(const struct json *v, enum json_type type);
/* Present and not null ("set" in ui-message-stream). */
bool		 json_is_set(const struct json *v);
bool		 json_is_bool(const struct json *v);
/* String value or number text; NULL for everything else. */
const char	*json_str(const struct json *v);
/* Bytes of a string or number, elements of an array, members of an object. */
size_t		 json_len(const struct json *v);
bool		 json_streq(const struct json *v, const char *s);
/* Is s one of the strings of this list? */
bool		 json_lists(const struct json *list, const char *s);
bool		 json_bool(const struct json *v, bool otherwise);
/* Whole numbers that fit only: -1 otherwise. 1e3 and 5.0 count as whole. */
int		 json_int64(const struct json *v, int64_t *out);
int		 json_double(const struct json *v, double *out);
bool		 json_equal(const struct json *a, const struct json *b);

/* Members and elements, in order; NULL at the end or if not a container. */
const struct json *json_first(const struct json *v);
const struct json *json_next(const struct json *v);
/* The name of a member; NULL for an array element. */
const char	*json_name(const struct json *v);
size_t		 json_name_len(const struct json *v);
#define JSON_EACH(v, container)						\
	for ((v) = json_first(container); (v) != NULL; (v) = json_next(v))

const struct json *json_getn(const struct json *obj, const char *name,
		    size_t len);
/* Inline, so that the length of a literal is not counted at run time. */
static inline const struct json *
json_get(const struct json *obj, const char *name)
{
	return json_getn(obj, name, strlen(name));
}
/* json_get(json_get(obj, a), b) ... up to the NULL. */
const struct json *json_path(const struct json *obj, ...)
		    __attribute__((sentinel));
/* json_str(json_get(obj, name)), for strings only. */
const char	*json_get_str(const struct json *obj, const char *name);
/* Element i; constant time is not promised. */
const struct json *json_at(const struct json *array, size_t i);

/* writing */
struct json_w {
	struct buf *buf;
	bool comma;	/* something stands before in this container */
};

void	json_w_init(struct json_w *w, struct buf *b);
void	json_w_obj(struct json_w *w);
void	json_w_obj_end(struct json_w *w);
void	json_w_arr(struct json_w *w);
void	json_w_arr_end(struct json_w *w);
void	json_w_key(struct json_w *w, const char *name);
void	json_w_keyn(struct json_w *w, const char *name, size_t len);
void	json_w_str(struct json_w *w, const char *s);	/* NULL writes null */
/* WTF-8; a high and a low half in a row are joined; other bad bytes: U+FFFD */
void	json_w_strn(struct json_w *w, const char *s, size_t len);
void	json_w_int(struct json_w *w, int64_t n);
void	json_w_double(struct json_w *w, double d);	/* shortest that reads back */
void	json_w_bool(struct json_w *w, bool b);
void	json_w_null(struct json_w *w);
/* Text that is JSON already. */
void	json_w_raw(struct json_w *w, const char *text, size_t len);
void	json_w_value(struct json_w *w, const struct json *v);
/* key and value in one call */
void	json_w_kstr(struct json_w *w, const char *name, const char *s);
void	json_w_kstrn(struct json_w *w, const char *name, const char *s,
	    size_t len);
void	json_w_kint(struct json_w *w, const char *name, int64_t n);
void	json_w_kbool(struct json_w *w, const char *name, bool b);
void	json_w_knull(struct json_w *w, const char *name);
void	json_w_kvalue(struct json_w *w, const char *name,
	    const struct json *v);
/* Raw JSON text, or null where text is NULL. */
void	json_w_kraw(struct json_w *w, const char *name, const char *text);

/* A value as compact text; caller frees. NULL gives "null". */
char	*json_text(const struct json *v);
/* Only the quoted, escaped string. */
void	 json_add_quoted(struct buf *b, const char *s, size_t len);

#endif
