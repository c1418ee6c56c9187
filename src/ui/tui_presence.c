/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_presence.c - others on the same session: one has a turn, others look */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "client/presence.h"
#include "ui/compose.h"
#include "ui/tui_priv.h"

static void
changed(void *arg)
{
	struct tui *t = arg;
	const char *holder = presence_holder(t->presence);
	bool ours = presence_is_ours(t->presence);

	if (t->ours && !ours && holder != NULL)
		tui_note(t, true, "%s has taken over", holder);
	t->ours = ours;
	tui_dirty(t, TUI_FRAME_MS);
}

void
tui_presence_start(struct tui *t)
{
	t->presence = presence_new(t->client, t->key, t->opts.who, changed,
	    t);
}

void
tui_presence_stop(struct tui *t)
{
	presence_free(t->presence);
	t->presence = NULL;
	t->ours = false;
}

char *
tui_refusal(struct tui *t)
{
	const char *holder = presence_holder(t->presence);

	if (t->opts.read_only)
		return xstrdup("read-only: nothing is sent");
	return holder == NULL ? NULL : xasprintf(
	    "%s has a turn here: %s takes over", holder, key_name(KEY_TAKE));
}

bool
tui_may_send(struct tui *t)
{
	char *why = tui_refusal(t);
	bool may = why == NULL;

	if (!may)
		tui_note(t, true, "%s", why);
	free(why);
	return may;
}

void
tui_claim(struct tui *t)
{
	presence_claim(t->presence, false);
	t->ours = presence_is_ours(t->presence);
}

void
tui_turn_is_over(struct tui *t)
{
	t->ours = false;
	presence_release(t->presence);
}

void
tui_take_over(struct tui *t)
{
	const char *holder = presence_holder(t->presence);

	if (t->opts.read_only || holder == NULL) {
		tui_note(t, false, t->opts.read_only ?
		    "read-only: nothing is sent" :
		    "nobody else has a turn here");
		return;
	}
	tui_note(t, false, "taken over from %s: Esc stops the turn", holder);
	presence_claim(t->presence, true);
	t->ours = presence_is_ours(t->presence);
}

char *
tui_company(struct tui *t)
{
	int others = presence_others(t->presence);

	if (others == 0)
		return NULL;
	if (others > 1)
		return xasprintf("%d others here", others);
	char *name = presence_names(t->presence);
	char *words = xasprintf("with %s", name);
	free(name);
	return words;
}

char *
tui_company_names(struct tui *t)
{
	return presence_names(t->presence);
}

/* In the place of what nobody may write now. */
void
tui_draw_held(struct tui *t, size_t row)
{
	const char *holder = presence_holder(t->presence);
	char *words;

	if (holder == NULL || !compose_is_empty(t->compose))
		return;
	words = xasprintf("read-only while %s has a turn; %s takes over",
	    holder, key_name(KEY_TAKE));
	grid_fill(&t->next, row, 2, t->next.cols, " ", 0);
	grid_puts(&t->next, row, 2, words, STYLE_BIT(WARN));
	free(words);
}
