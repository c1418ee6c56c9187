/* SPDX-License-Identifier: GPL-3.0-or-later */
/* note.h - what the agent tells beside its answer, in words for people */

#ifndef UI_NOTE_H
#define UI_NOTE_H

#include <stdbool.h>

struct buf;
struct json;

/*
 * A data part of chatd's own (data-chatd-NAME, chatd-protocol(7)) as a line;
 * its words may come from strangers and are to be made safe. False: it is
 * nothing that people are told.
 */
bool	note_text(struct buf *out, const char *type, const struct json *data);
/* The same of a chunk; of a data part that stays in a message. */
bool	note_chunk(struct buf *out, const struct json *chunk);
struct part;
bool	note_part(struct buf *out, const struct part *p);

#endif
