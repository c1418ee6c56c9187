/* SPDX-License-Identifier: GPL-3.0-or-later */
/* syntax.c - code in colour is the code, whatever the language */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "ui/runs.h"
#include "ui/syntax.h"

static const char *const names[] = { "c", "cpp", "sh", "python", "js", "ts",
	"go", "rust", "java", "json", "yaml", "toml", "html", "css", "sql",
	"make", "docker", "diff", "markdown", "" };

/* The line is a copy of just its size: nothing behind it is read. */
static void
check_line(struct syntax *sx, const char *line, size_t len)
{
	struct syntax again = *sx;
	struct runs runs, twice;

	runs_init(&runs);
	runs_init(&twice);
	char *copy = malloc(len + (len == 0));
	memcpy(copy, line, len);
	syntax_line(sx, copy, len, &runs);
	syntax_line(&again, copy, len, &twice);
	FUZZ_CHECK(runs.text.len == len);
	FUZZ_CHECK(len == 0 || memcmp(runs.text.data, line, len) == 0);
	FUZZ_CHECK(runs.count == twice.count && again.open == sx->open);
	for (size_t i = 1; i < runs.count; i++)
		FUZZ_CHECK(runs.list[i - 1].start < runs.list[i].start);
	free(copy);
	runs_clear(&runs);
	runs_clear(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	size_t count = sizeof(names) / sizeof(names[0]), whole;
	struct syntax sx;

	if (size == 0)
		return 0;
	const char *name = names[data[0] % count];
	syntax_begin(&sx, name, strlen(name));
	for (s++, size--; size > 0; s += whole, size -= whole) {
		const char *end = memchr(s, '\n', size);
		size_t len = end != NULL ? (size_t)(end - s) : size;

		whole = len + (end != NULL);
		check_line(&sx, s, len);
	}
	return 0;
}
