/* SPDX-License-Identifier: GPL-3.0-or-later */
/* extra.h - what is no text in an answer, in a few words */

#ifndef UI_EXTRA_H
#define UI_EXTRA_H

struct buf;
struct json;

/* A data part of any agent: "weather report: city Oslo, high 21". */
void	extra_data(struct buf *out, const char *type, const char *data);
/* A file part: "tide.png, image/png, 12.5 kB". */
void	extra_file(struct buf *out, const struct json *file);

#endif
