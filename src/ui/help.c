/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help.c - keys and commands on the screen, from their tables */

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "ui/complete.h"
#include "ui/help.h"
#include "ui/keys.h"
#include "ui/lines.h"
#include "ui/style.h"
#include "ui/width.h"

enum {
	COLUMN = 20,		/* of names, where there is room for two */
	COLUMNS_MIN = 56,
};

static void
heading(struct lines *l, const struct style *st, const char *text)
{
	if (l->text.len > 0)
		buf_addc(&l->text, '\n');
	style_adds(&l->text, st, STYLE_BIT(HEADING), text);
	buf_addc(&l->text, '\n');
	lines_index(l);
}

/* "name    what it does", or one below the other. */
static void
entry(struct lines *l, const struct style *st, size_t width,
    const char *name, const char *what)
{
	char blanks[COLUMN + 1];
	size_t cells = width_cells(name, strlen(name));
	bool two = width >= COLUMNS_MIN && cells < COLUMN;
	struct buf first = BUF_INIT;
	struct lines_look k = { .style = st, .width = width };

	snprintf(blanks, sizeof(blanks), "%*s", two ? COLUMN : 4, "");
	style_adds(&first, st, STYLE_BIT(BOLD), name);
	if (two)
		buf_addf(&first, "%*s", (int)(COLUMN - cells), "");
	else {
		buf_add(&l->text, first.data, first.len);
		buf_addc(&l->text, '\n');
		lines_index(l);
		buf_reset(&first);
		buf_adds(&first, blanks);
	}
	k.first = first.data;
	k.prefix = blanks;
	k.indent = two ? COLUMN : 4;
	lines_wrap(l, what, strlen(what), &k);
	buf_clear(&first);
}

void
help_lines(struct lines *l, const struct complete_table *commands,
    const struct style *st, size_t width)
{
	heading(l, st, "Keys");
	for (int i = 0; i < KEY_COUNT; i++)
		if (key_help((enum key)i)[0] != '\0')
			entry(l, st, width, key_name((enum key)i),
			    key_help((enum key)i));
	entry(l, st, width, "readline's", "all others, from ~/.inputrc; in "
	    "vi mode Esc is readline's and Ctrl+C stops");
	heading(l, st, "Commands");
	for (size_t i = 0; i < commands->count; i++) {
		struct buf name = BUF_INIT;

		buf_adds(&name, commands->commands[i].name);
		if (commands->commands[i].args[0] != '\0')
			buf_addf(&name, " %s", commands->commands[i].args);
		entry(l, st, width, name.data, commands->commands[i].help);
		buf_clear(&name);
	}
	entry(l, st, width, "@PATH", "attaches a file; a part of its name "
	    "finds it");
	entry(l, st, width, "!COMMAND", "runs it here; the model sees what "
	    "it wrote with your next message");
	heading(l, st, "When a tool call waits for you");
	entry(l, st, width, "y a p n e d", "once; for this session; always; "
	    "no; edit it; show the details. Up and Down move in what does "
	    "not fit. Enter never says yes");
}
