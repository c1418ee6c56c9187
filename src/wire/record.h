/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record.h - one entry of a channel, and how it travels */

/*
 * A record has a number, a time, headers and a body (session-protocol 7.2,
 * 8). A data record's body is {"data":CHUNK,"id":PART-ID}; on `in` and on
 * what was appended over HTTP, data is a JSON string. A control record has
 * headers, the first ["trigger-control",SUBTYPE], and an empty body.
 */

#ifndef WIRE_RECORD_H
#define WIRE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct buf;
struct err;
struct json;

enum {
	RECORD_BODY_MAX = 1024 * 1024,	/* session-protocol 15 */
	RECORD_HEADERS_MAX = 16,
	BATCH_RECORDS_MAX = 100,	/* session-protocol 7.2 */
	BATCH_BYTES_MAX = 32 * 1024,
};

struct record_header {
	const char *name;
	const char *value;
};

/* All pointers are borrowed from whoever filled it. */
struct record {
	int64_t seq;
	int64_t time;			/* ms since 1970 */
	const struct record_header *headers;
	size_t header_count;
	const char *body;
	size_t body_len;
};

/* {"data":CHUNK,"id":ID}: chunk is JSON text / any text, as a string */
void	record_body_chunk(struct buf *b, const char *chunk, size_t len,
	    const char *id);
void	record_body_text(struct buf *b, const char *text, size_t len,
	    const char *id);

/* The value of a header, or NULL. */
const char	*record_header(const struct record *r, const char *name);
/* The subtype of a control record, or NULL. */
const char	*record_control(const struct record *r);
/* A storage command: the first header's name is empty (8.4). */
bool	record_is_command(const struct record *r);

/*
 * A batch event's data, written piece by piece into b: begin, one add for
 * each record, end with the tail (next number and last time; -1: none).
 */
void	record_batch_begin(struct buf *b);
void	record_batch_add(struct buf *b, const struct record *r);
void	record_batch_end(struct buf *b, int64_t tail_seq, int64_t tail_time);
/* {"timestamp":..,"tail":{..}} */
void	record_ping(struct buf *b, int64_t now, int64_t tail_seq,
	    int64_t tail_time);

/* Headers as JSON text [["a","b"],..] and back (for the store). */
void	record_headers_write(struct buf *b, const struct record *r);
/* The strings are borrowed from list; NULL and null are no headers. */
int	record_headers_read(const struct json *list,
	    struct record_header out[RECORD_HEADERS_MAX], size_t *count,
	    struct err *e) ATTR_MUST_USE;

/*
 * Reading a batch: calls fn for each record in order. tail_seq is -1 if the
 * batch has none. Records that are no records are ERR_INPUT.
 */
typedef int (*record_fn)(const struct record *r, void *arg);
int	record_batch_read(const struct json *batch, record_fn fn, void *arg,
	    int64_t *tail_seq, struct err *e) ATTR_MUST_USE;

/* Decimal Last-Event-ID (session-protocol 7.4): digits up to the first '-'.
 * -1 for everything else; larger than 2^63-1 gives INT64_MAX. */
int64_t	record_parse_cursor(const char *s);

#endif
