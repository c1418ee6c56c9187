/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shell_split.c - quoting hides nothing, and nothing gets lost behind it */

#include <string.h>

#include "base/buf.h"
#include "fuzz.h"
#include "tool/shell.h"

static void
check_words(const struct shell *sh)
{
	size_t i, k;

	FUZZ_CHECK(sh->count <= SHELL_PIECES_MAX);
	FUZZ_CHECK(sh->understood == (sh->why == NULL));
	for (i = 0; i < sh->count; i++) {
		const struct shell_piece *p = &sh->pieces[i];

		FUZZ_CHECK(p->text != NULL);
		for (k = 0; k < p->word_count; k++)
			FUZZ_CHECK(p->words[k].text != NULL);
		for (k = 0; k < p->redirect_count; k++)
			FUZZ_CHECK(p->redirects[k].to.text != NULL);
	}
}

/* So that the shell reads exactly s. */
static void
add_quoted(struct buf *out, const char *s)
{
	buf_addc(out, '\'');
	for (; *s != '\0'; s++)
		buf_addf(out, *s == '\'' ? "'\\%c'" : "%c", *s);
	buf_addc(out, '\'');
}

/* Whatever it is: quoted it is one word, and just that. */
static void
check_quoted(const char *s)
{
	struct buf b = BUF_INIT;
	struct shell *sh;

	buf_adds(&b, "a ");
	add_quoted(&b, s);
	sh = shell_split(b.data, b.len);
	FUZZ_CHECK(sh->understood && sh->count == 1);
	FUZZ_CHECK(sh->pieces[0].word_count == 2);
	FUZZ_CHECK(sh->pieces[0].words[1].flags == 0);
	FUZZ_CHECK(strcmp(sh->pieces[0].words[1].text, s) == 0);
	shell_free(sh);
	buf_clear(&b);
}

/* A command that is understood stays what it is behind another one. */
static void
check_behind(const struct shell *sh, const char *s)
{
	struct buf b = BUF_INIT;
	struct shell *two;
	size_t i;

	if (!sh->understood || sh->count + 1 > SHELL_PIECES_MAX)
		return;
	buf_addf(&b, "first\n%s", s);
	two = shell_split(b.data, b.len);
	FUZZ_CHECK(two->understood && two->count == sh->count + 1);
	for (i = 0; i < sh->count; i++)
		FUZZ_CHECK(strcmp(two->pieces[i + 1].text,
		    sh->pieces[i].text) == 0);
	shell_free(two);
	buf_clear(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT;
	struct shell *sh = shell_split((const char *)data, size);

	check_words(sh);
	buf_add(&text, data, size);
	if (memchr(data, '\0', size) == NULL && size < SHELL_TEXT_MAX / 8) {
		check_quoted(text.data);
		check_behind(sh, text.data);
	}
	shell_free(sh);
	buf_clear(&text);
	return 0;
}
