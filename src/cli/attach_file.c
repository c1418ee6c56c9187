/* SPDX-License-Identifier: GPL-3.0-or-later */
/* attach_file.c - text in a fence, pictures and PDFs as data: URLs */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cli/attach_file.h"

enum { ATTACH_MAX = 32 * 1024 * 1024 };

/* what a file begins with, at an offset */
static const struct kind {
	size_t at;
	const char *magic;
	const char *media;
} kinds[] = {
	{ 0, "\x89PNG\r\n\x1a\n", "image/png" },
	{ 0, "\xff\xd8\xff", "image/jpeg" },
	{ 0, "GIF87a", "image/gif" },
	{ 0, "GIF89a", "image/gif" },
	{ 8, "WEBP", "image/webp" },
	{ 0, "%PDF-", "application/pdf" },
};

static const char *
media_of(const struct buf *b)
{
	for (size_t i = 0; i < NELEM(kinds); i++) {
		size_t len = strlen(kinds[i].magic);

		if (b->len >= kinds[i].at + len && memcmp(b->data +
		    kinds[i].at, kinds[i].magic, len) == 0)
			return kinds[i].media;
	}
	return NULL;
}

static void
add_base64(struct buf *out, const char *data, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned long v = 0;
		size_t n = len - i < 3 ? len - i : 3;
		char four[4];

		for (size_t j = 0; j < 3; j++)
			v = v << 8 | (j < n ? (unsigned char)data[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			four[j] = j <= n ? digits[v >> (18 - 6 * j) & 63] :
			    '=';
		buf_add(out, four, 4);
	}
}

/* One backtick more than the longest run in the text, at least three. */
static size_t
fence_len(const struct buf *b)
{
	size_t longest = 2, run = 0;

	for (size_t i = 0; i < b->len; i++) {
		run = b->data[i] == '`' ? run + 1 : 0;
		if (run > longest)
			longest = run;
	}
	return longest + 1;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static void
write_text(struct json_w *w, const char *path, const struct buf *b)
{
	struct buf text = BUF_INIT;
	size_t ticks = fence_len(b);

	buf_addf(&text, "File: %s\n", path);
	for (size_t i = 0; i < ticks; i++)
		buf_addc(&text, '`');
	buf_addc(&text, '\n');
	buf_add(&text, b->data, b->len);
	if (b->len > 0 && b->data[b->len - 1] != '\n')
		buf_addc(&text, '\n');
	for (size_t i = 0; i < ticks; i++)
		buf_addc(&text, '`');
	json_w_obj(w);
	json_w_kstr(w, "type", "text");
	json_w_kstrn(w, "text", text.data, text.len);
	json_w_obj_end(w);
	buf_clear(&text);
}

static void
write_media(struct json_w *w, const char *path, const char *media,
    const struct buf *b)
{
	struct buf url = BUF_INIT;

	buf_addf(&url, "data:%s;base64,", media);
	add_base64(&url, b->data, b->len);
	json_w_obj(w);
	json_w_kstr(w, "type", "file");
	json_w_kstr(w, "mediaType", media);
	json_w_kstr(w, "filename", base_name(path));
	json_w_kstrn(w, "url", url.data, url.len);
	json_w_obj_end(w);
	buf_clear(&url);
}

static int
check_kind(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_errno(e, ERR_NOT_FOUND, errno, "cannot read %s",
		    path);
	if (S_ISDIR(st.st_mode))
		return err_set(e, ERR_NOT_FOUND,
		    "cannot attach %s: it is a folder", path);
	return 0;
}

int
attach_file(struct json_w *w, const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	struct err why = ERR_INIT;

	if (check_kind(path, e) != 0)
		return -1;
	if (buf_read_any(&b, path, ATTACH_MAX, &why) != 0) {
		buf_clear(&b);
		return err_set(e, why.code == ERR_TOO_BIG ? ERR_TOO_BIG :
		    ERR_NOT_FOUND, "%s", why.text);
	}
	const char *media = media_of(&b);
	int r = 0;
	if (media != NULL)
		write_media(w, path, media, &b);
	else if (utf8_valid(b.data, b.len) && memchr(b.data, '\0', b.len) ==
	    NULL)
		write_text(w, path, &b);
	else
		r = err_set(e, ERR_INPUT,
		    "cannot attach %s: it is neither text nor a picture nor "
		    "a PDF", path);
	buf_clear(&b);
	return r;
}
