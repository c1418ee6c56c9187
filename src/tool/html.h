/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html.h - the text of a page */

#ifndef TOOL_HTML_H
#define TOOL_HTML_H

#include <stddef.h>

struct buf;

/*
 * Append the page as plain text with headings ("# "), lists ("- "), links
 * ("[words](address)") and preformatted text kept. Scripts, styles and what
 * does not show are left out. title may be NULL.
 */
void	html_text(struct buf *out, const char *html, size_t len,
	    struct buf *title);

#endif
