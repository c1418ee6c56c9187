/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_import.c - chatd import: a session from a file of chatd export */

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/out.h"

enum { IMPORT_MAX = 256 * 1024 * 1024 };

static int
read_file(struct buf *b, const char *name, struct err *e)
{
	struct err why = ERR_INIT;

	if (strcmp(name, "-") == 0)
		return buf_read_fd(b, STDIN_FILENO, "stdin", IMPORT_MAX, e);
	if (buf_read_any(b, name, IMPORT_MAX, &why) == 0)
		return 0;
	/* the file is what the person named: cli.md 4, 66 */
	return err_set(e, why.code == ERR_IO ? ERR_NOT_FOUND : why.code, "%s",
	    why.text);
}

static int
check(const struct buf *b, const char *name, struct err *e)
{
	struct err why = ERR_INIT;
	struct json_doc *doc = json_parse(b->data, b->len, 0, &why);

	bool ours = json_get(json_root(doc), "chatd") != NULL;

	json_doc_free(doc);
	if (doc == NULL)
		return err_set(e, ERR_INPUT, "%s: %s", name, why.text);
	if (!ours)
		return err_set(e, ERR_INPUT, "%s: this is no export of chatd",
		    name);
	return 0;
}

static int
send_file(const struct opts *o, const struct buf *b, struct err *e)
{
	struct halves h;
	struct json_doc *doc = NULL;
	struct buf out = BUF_INIT;
	int r = -1;

	if (halves_open(&h, HALVES_SERVER, o, e) != 0)
		return -1;
	if (ask_only_chatd(h.client, "POST", "/api/chatd/v1/import", b, &doc,
	    "import", e) == 0) {
		const char *id = json_get_str(json_root(doc), "id");
		buf_addf(&out, "%s\n", id != NULL ? id : "");
		r = out_result(&out, e);
	}
	json_doc_free(doc);
	halves_close(&h);
	return r;
}

static int
import_run(struct opts *o, struct err *e)
{
	struct buf b = BUF_INIT;
	const char *name = o->words.items[0];
	int r = read_file(&b, name, e);

	if (r == 0)
		r = check(&b, name, e);
	if (r == 0)
		r = send_file(o, &b, e);
	buf_clear(&b);
	return r;
}

const struct command cmd_import = {
	.name = "import",
	.args = "FILE|-",
	.help = "read a session that chatd export wrote, print its id",
	.words_min = 1,
	.words_max = 1,
	.run = import_run,
};
