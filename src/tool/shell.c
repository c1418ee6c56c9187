/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shell.c - a command line taken to pieces, as the shell would */

#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "tool/shell.h"

enum { HEREDOCS_MAX = 16 };

struct heredoc {
	char *delimiter;
	bool quoted, tabs;
	size_t piece, redirect;	/* where its text goes */
};

/* One text that is read; what $( ) holds is read by the same lexer. */
struct lexer {
	const char *p, *end;
	struct shell *sh;
	int depth;
	struct heredoc pending[HEREDOCS_MAX];
	size_t pending_count;
};

static void lex_list(struct lexer *l, char close);
static void lex_text(struct lexer *outer, const char *s, size_t len);
static void lex_dollar(struct lexer *l, struct buf *out, unsigned *flags);

static void
give_up(struct lexer *l, const char *why)
{
	l->sh->understood = false;
	if (l->sh->why == NULL)
		l->sh->why = why;
}

static int
peek(const struct lexer *l, size_t n)
{
	return (size_t)(l->end - l->p) > n ? (unsigned char)l->p[n] : -1;
}

static bool
at(const struct lexer *l, const char *s)
{
	size_t n = strlen(s);

	return (size_t)(l->end - l->p) >= n && memcmp(l->p, s, n) == 0;
}

/* ----------------------------------------------------- words and expansions */

/* From behind "$(" or "<(" to its ")". */
static void
lex_nested(struct lexer *l)
{
	if (l->pending_count > 0)
		give_up(l, "a substitution after a here-document");
	if (++l->depth > SHELL_DEPTH_MAX) {
		give_up(l, "nested too deeply");
		l->p = l->end;
	} else {
		lex_list(l, ')');
	}
	l->depth--;
	if (l->pending_count > 0)
		give_up(l, "a here-document in a substitution");
}

static void
lex_backticks(struct lexer *l)
{
	struct buf inner = BUF_INIT;

	for (l->p++; l->p < l->end && *l->p != '`'; l->p++) {
		if (*l->p == '\\' && peek(l, 1) != -1 &&
		    strchr("`\\$\"", l->p[1]) != NULL)
			l->p++;
		buf_addc(&inner, *l->p);
	}
	if (l->p == l->end)
		give_up(l, "a backtick without its other");
	else
		l->p++;
	lex_text(l, inner.data, inner.len);
	buf_clear(&inner);
}

/* Up to `close`: arithmetic, which runs $( ) of what its variables hold? */
static bool
is_arithmetic(const char *s, const char *end, const char *close)
{
	while (s < end && strchr(close, *s) == NULL) {
		if (strchr("0123456789 -+:@*", *s++) == NULL)
			return true;
	}
	return false;
}

/* Behind "${": its name, ${name[subscript]}, ${name:from:count}, ${!name}. */
static void
check_parameter(struct lexer *l)
{
	const char *p = l->p;

	if (p < l->end && *p == '!')
		give_up(l, "an indirect name");
	while (p < l->end && (isalnum((unsigned char)*p) || *p == '_' ||
	    *p == '#'))
		p++;
	if (p < l->end && *p == '[' && is_arithmetic(p + 1, l->end, "]"))
		give_up(l, "arithmetic");
	for (bool in = p < l->end && *p == '['; in && p < l->end; p++)
		in = *p != ']';
	if (l->end - p > 1 && *p == ':' &&
	    strchr("-=?+", p[1]) == NULL && is_arithmetic(p + 1, l->end, "}"))
		give_up(l, "arithmetic");
}

/* From behind "${" to its "}". */
static void
lex_parameter(struct lexer *l)
{
	struct buf ignored = BUF_INIT;
	unsigned flags = 0;

	check_parameter(l);

	if (++l->depth > SHELL_DEPTH_MAX) {
		give_up(l, "nested too deeply");
		l->p = l->end;
	}
	while (l->p < l->end && *l->p != '}') {
		if (*l->p == '\\' && peek(l, 1) != -1)
			l->p += 2;
		else if (*l->p == '$')
			lex_dollar(l, &ignored, &flags);
		else if (*l->p == '`')
			lex_backticks(l);
		else if (*l->p == '\'' || *l->p == '"') {
			give_up(l, "quotes in ${}");
			l->p++;
		} else if ((*l->p == '<' || *l->p == '>') && peek(l, 1) == '(') {
			l->p += 2;
			lex_nested(l);
		} else {
			/* ${x@P} runs what x holds */
			if (*l->p == '@' && peek(l, 1) == 'P')
				give_up(l, "${@P}");
			l->p++;
		}
	}
	if (l->p == l->end)
		give_up(l, "${ without }");
	else
		l->p++;
	l->depth--;
	buf_clear(&ignored);
}

static void
skip_ansi(struct lexer *l)
{
	for (l->p += 2; l->p < l->end && *l->p != '\''; l->p++) {
		if (*l->p == '\\' && peek(l, 1) != -1)
			l->p++;
	}
	if (l->p == l->end)
		give_up(l, "a quote without its other");
	else
		l->p++;
}

static void
lex_dollar(struct lexer *l, struct buf *out, unsigned *flags)
{
	const char *start = l->p;
	int c = peek(l, 1);

	if (c == '(') {
		if (peek(l, 2) == '(')
			give_up(l, "arithmetic");
		l->p += 2;
		lex_nested(l);
	} else if (c == '{') {
		l->p += 2;
		lex_parameter(l);
	} else if (c == '[') {
		give_up(l, "arithmetic");
		l->p += 2;
	} else if (isalpha(c) || c == '_') {
		for (l->p += 2; isalnum(peek(l, 0)) || peek(l, 0) == '_';)
			l->p++;
	} else if (c != -1 && strchr("@*#?$!-0123456789", c) != NULL) {
		l->p += 2;
	} else {
		buf_addc(out, '$');
		l->p++;
		return;
	}
	*flags |= WORD_DYNAMIC;
	buf_add(out, start, (size_t)(l->p - start));
}

static void
lex_double(struct lexer *l, struct buf *out, unsigned *flags)
{
	for (l->p++; l->p < l->end && *l->p != '"';) {
		if (*l->p == '\\' && peek(l, 1) == '\n') {
			l->p += 2;
		} else if (*l->p == '\\' && peek(l, 1) != -1 &&
		    strchr("$`\"\\", l->p[1]) != NULL) {
			buf_addc(out, l->p[1]);
			l->p += 2;
		} else if (*l->p == '$') {
			lex_dollar(l, out, flags);
		} else if (*l->p == '`') {
			*flags |= WORD_DYNAMIC;
			lex_backticks(l);
		} else {
			buf_addc(out, *l->p++);
		}
	}
	if (l->p == l->end)
		give_up(l, "a quote without its other");
	else
		l->p++;
}

static void
lex_single(struct lexer *l, struct buf *out)
{
	const char *stop = memchr(l->p + 1, '\'', (size_t)(l->end - l->p - 1));

	if (stop == NULL) {
		give_up(l, "a quote without its other");
		stop = l->end;
	}
	buf_add(out, l->p + 1, (size_t)(stop - l->p - 1));
	l->p = stop < l->end ? stop + 1 : l->end;
}

/* A character of a word that is not quoted. */
static void
lex_plain(struct lexer *l, struct buf *out, unsigned *flags)
{
	unsigned char c = (unsigned char)*l->p;

	if (c < ' ' || c == 0x7f)
		give_up(l, "a control character");
	if (c == '*' || c == '?' || c == '[')
		*flags |= WORD_GLOB;
	/* {a,b} writes words out */
	if (c == '{' || c == '}')
		*flags |= WORD_DYNAMIC | WORD_SPLITS;
	/* not ~user, ~+ and ~- */
	if (c == '~' && out->len == 0)
		*flags |= peek(l, 1) == -1 || strchr("/ \t\n;&|()<>",
		    peek(l, 1)) != NULL ? WORD_TILDE : WORD_DYNAMIC;
	buf_addc(out, *l->p++);
}

static bool
ends_word(const struct lexer *l)
{
	return l->p == l->end || strchr(" \t\n;&|()<>", *l->p) != NULL;
}

static void
lex_word(struct lexer *l, struct buf *out, unsigned *flags, bool *quoted)
{
	*flags = 0;
	*quoted = false;
	for (;;) {
		if (at(l, "<(") || at(l, ">(")) {
			*flags |= WORD_DYNAMIC;
			l->p += 2;
			lex_nested(l);
			continue;
		}
		if (ends_word(l))
			break;
		if (at(l, "\\\n")) {
			l->p += 2;
		} else if (*l->p == '\\') {
			*quoted = true;
			if (peek(l, 1) == -1)
				give_up(l, "a backslash at the end");
			else
				buf_addc(out, l->p[1]);
			l->p += peek(l, 1) == -1 ? 1 : 2;
		} else if (*l->p == '\'') {
			*quoted = true;
			lex_single(l, out);
		} else if (*l->p == '"' || at(l, "$\"")) {
			*quoted = true;
			if (*l->p == '$') {
				*flags |= WORD_DYNAMIC;
				l->p++;
			}
			lex_double(l, out, flags);
		} else if (at(l, "$'")) {
			*quoted = true;
			*flags |= WORD_DYNAMIC;
			skip_ansi(l);
		} else if (*l->p == '$') {
			lex_dollar(l, out, flags);
			*flags |= WORD_SPLITS;
		} else if (*l->p == '`') {
			*flags |= WORD_DYNAMIC | WORD_SPLITS;
			lex_backticks(l);
		} else {
			lex_plain(l, out, flags);
		}
	}
}

/* ------------------------------------------------------------- redirections */

/* Its number. Pieces and redirections move when more are read: no pointers. */
static size_t
add_redirect(struct lexer *l, size_t index, enum shell_redirect_kind kind)
{
	struct shell_piece *piece = &l->sh->pieces[index];

	piece->redirects = xreallocarray(piece->redirects,
	    piece->redirect_count + 1, sizeof *piece->redirects);
	piece->redirects[piece->redirect_count] = (struct shell_redirect){
	    .kind = kind, .to.text = xstrdup("") };
	return piece->redirect_count++;
}

static void
add_heredoc(struct lexer *l, size_t index, bool tabs)
{
	struct heredoc *h;
	struct buf word = BUF_INIT;
	unsigned flags;
	bool quoted;

	while (peek(l, 0) == ' ' || peek(l, 0) == '\t')
		l->p++;
	lex_word(l, &word, &flags, &quoted);
	if (flags & WORD_DYNAMIC || word.len == 0)
		give_up(l, "a here-document without a plain word");
	if (l->pending_count == HEREDOCS_MAX) {
		give_up(l, "too many here-documents");
		buf_clear(&word);
		return;
	}
	h = &l->pending[l->pending_count++];
	*h = (struct heredoc){ .delimiter = buf_take(&word), .quoted = quoted,
	    .tabs = tabs, .piece = index,
	    .redirect = add_redirect(l, index, REDIRECT_TEXT) };
}

static const struct {
	const char *sign;
	enum shell_redirect_kind kind;
} signs[] = {		/* longer ones first */
	{ "&>>", REDIRECT_OUT }, { "<<<", REDIRECT_TEXT },
	{ "&>", REDIRECT_OUT }, { ">>", REDIRECT_OUT }, { ">|", REDIRECT_OUT },
	{ "<>", REDIRECT_OUT }, { ">&", REDIRECT_DUP }, { "<&", REDIRECT_DUP },
	{ ">", REDIRECT_OUT }, { "<", REDIRECT_IN },
};

static bool
is_descriptor(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return strcmp(s, "-") == 0 || (n > 0 && (s[n] == '\0' ||
	    strcmp(s + n, "-") == 0));
}

/* At a redirection sign (digits are passed). index: of the piece. */
static void
lex_redirect(struct lexer *l, size_t index)
{
	struct shell_redirect *r;
	struct buf word = BUF_INIT;
	unsigned flags;
	bool quoted;
	size_t i, k;

	if (at(l, "<<") && !at(l, "<<<")) {
		bool tabs = at(l, "<<-");

		l->p += 2 + tabs;
		add_heredoc(l, index, tabs);
		return;
	}
	for (i = 0; !at(l, signs[i].sign); i++)
		;
	l->p += strlen(signs[i].sign);
	while (peek(l, 0) == ' ' || peek(l, 0) == '\t')
		l->p++;
	k = add_redirect(l, index, signs[i].kind);
	lex_word(l, &word, &flags, &quoted);
	if (word.len == 0 && !quoted && flags == 0)
		give_up(l, "a redirection to nothing");
	r = &l->sh->pieces[index].redirects[k];
	r->to.flags = flags;
	str_replace(&r->to.text, word.data);
	buf_clear(&word);
	if (r->kind == REDIRECT_DUP && !is_descriptor(r->to.text))
		r->kind = REDIRECT_OUT;
}

/* The line at p, without its end; p moves behind it. */
static size_t
take_line(struct lexer *l, const char **line)
{
	const char *nl = memchr(l->p, '\n', (size_t)(l->end - l->p));
	size_t n = (size_t)((nl == NULL ? l->end : nl) - l->p);

	*line = l->p;
	l->p = nl == NULL ? l->end : nl + 1;
	return n;
}

static void
forget_heredocs(struct lexer *l)
{
	while (l->pending_count > 0)
		free(l->pending[--l->pending_count].delimiter);
}

/* What an unquoted here-document has the shell do. */
static void
scan_body(struct lexer *l, const char *s, size_t len)
{
	struct lexer in = *l;
	struct buf ignored = BUF_INIT;
	unsigned flags = 0;

	in.p = s;
	in.end = s + len;
	in.pending_count = 0;
	while (in.p < in.end) {
		if (*in.p == '\\')
			in.p += in.p + 1 < in.end ? 2 : 1;
		else if (*in.p == '$')
			lex_dollar(&in, &ignored, &flags);
		else if (*in.p == '`')
			lex_backticks(&in);
		else
			in.p++;
	}
	forget_heredocs(&in);
	buf_clear(&ignored);
}

/* Behind a line end: the here-documents that it began. */
static void
lex_heredocs(struct lexer *l)
{
	size_t i, n;

	for (i = 0; i < l->pending_count; i++) {
		struct heredoc *h = &l->pending[i];
		struct buf body = BUF_INIT;
		const char *line;
		bool found = false;

		while (!found && l->p < l->end) {
			n = take_line(l, &line);
			while (h->tabs && n > 0 && *line == '\t') {
				line++;
				n--;
			}
			found = n == strlen(h->delimiter) &&
			    memcmp(line, h->delimiter, n) == 0;
			if (!found) {
				buf_add(&body, line, n);
				buf_addc(&body, '\n');
			}
		}
		if (!found)
			give_up(l, "a here-document without its end");
		if (!h->quoted)
			scan_body(l, body.data, body.len);
		str_replace(&l->sh->pieces[h->piece].redirects[h->redirect].
		    to.text, body.data);
		buf_clear(&body);
		free(h->delimiter);
	}
	l->pending_count = 0;
}

/* ----------------------------------------------------------------- commands */

/* words behind which a command begins ("time -p --"), and ends of groups */
static const char *const passed[] = {
	"if", "then", "elif", "else", "while", "until", "do", "!", "time",
	"-p", "--", "{", "fi", "done", "}",
};
static const char *const unknown[] = {
	"case", "esac", "function", "coproc", "[[", "select",
};

static bool
is_one_of(const char *s, const char *const *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(s, list[i]) == 0)
			return true;
	}
	return false;
}

/* NAME=, NAME+=, NAME[...]= in the source at s. */
static bool
is_assignment(const char *s, const char *end)
{
	if (s == end || !(isalpha((unsigned char)*s) || *s == '_'))
		return false;
	while (s < end && (isalnum((unsigned char)*s) || *s == '_'))
		s++;
	return s < end && (*s == '=' || *s == '[' ||
	    (*s == '+' && s + 1 < end && s[1] == '='));
}

static void
add_word(struct shell_piece *piece, char *text, unsigned flags)
{
	piece->words = xreallocarray(piece->words, piece->word_count + 1,
	    sizeof *piece->words);
	piece->words[piece->word_count++] = (struct shell_word){ text, flags };
}

/* A word of the piece that is l->sh->pieces[index]; true if it only stands
 * before a command, as "then" does. */
static bool
lex_piece_word(struct lexer *l, size_t index)
{
	const char *start = l->p;
	struct shell_piece *piece;
	struct buf word = BUF_INIT;
	unsigned flags;
	bool quoted, first, before = false;

	lex_word(l, &word, &flags, &quoted);
	/* Reading it may have added pieces. */
	piece = &l->sh->pieces[index];
	first = piece->word_count == 0 && !piece->data;
	if (first && is_assignment(start, l->p)) {
		piece->assigns++;
	} else if (first && piece->assigns == 0 && !quoted &&
	    is_one_of(word.data, passed, NELEM(passed))) {
		before = true;
	} else if (first && !quoted && strcmp(word.data, "for") == 0) {
		piece->data = true;
	} else {
		if (first && !quoted &&
		    is_one_of(word.data, unknown, NELEM(unknown)))
			give_up(l, "a construct that is not followed");
		add_word(piece, xstrdup(word.data), flags);
	}
	buf_clear(&word);
	return before;
}

static bool
at_redirect(const struct lexer *l, size_t *digits)
{
	size_t n = 0;

	while (isdigit(peek(l, n)))
		n++;
	*digits = n;
	if (n == 0 && at(l, "&>"))
		return true;
	return (peek(l, n) == '<' || peek(l, n) == '>') &&
	    (n > 0 || peek(l, 1) != '(');
}

static void
skip_blanks(struct lexer *l)
{
	for (;;) {
		if (peek(l, 0) == ' ' || peek(l, 0) == '\t')
			l->p++;
		else if (at(l, "\\\n"))
			l->p += 2;
		else
			return;
	}
}

static bool
is_empty(const struct shell_piece *p)
{
	return p->word_count == 0 && p->redirect_count == 0 && p->assigns == 0;
}

/* One simple command, up to what separates it. */
static void
lex_command(struct lexer *l)
{
	size_t index = l->sh->count, digits;
	const char *start = l->p, *before;

	if (index == SHELL_PIECES_MAX) {
		give_up(l, "too many commands");
		l->p = l->end;
		return;
	}
	l->sh->pieces = xreallocarray(l->sh->pieces, index + 1,
	    sizeof *l->sh->pieces);
	l->sh->pieces[l->sh->count++] = (struct shell_piece){ 0 };
	for (;;) {
		skip_blanks(l);
		before = l->p;
		if (at_redirect(l, &digits)) {
			l->p += digits;
			lex_redirect(l, index);
		} else if (peek(l, 0) == '#') {
			break;
		} else if (!ends_word(l) || at(l, "<(") || at(l, ">(")) {
			if (lex_piece_word(l, index))
				start = l->p;
		} else {
			break;
		}
		if (l->p == before)
			break;
	}
	if (peek(l, 0) == '(')
		give_up(l, "a function or an array");
	while (start < l->p && (*start == ' ' || *start == '\t'))
		start++;
	l->sh->pieces[index].text = xstrndup(start, (size_t)(l->p - start));
}

/* What stands between commands; true if there was something. */
static bool
lex_separator(struct lexer *l)
{
	static const char *const separators[] = {
		"&&", "||", "|&", "|", ";", "&",
	};
	size_t i;

	if (at(l, ";;") || at(l, ";&")) {
		give_up(l, "a construct that is not followed");
		l->p += 2;
		return true;
	}
	if (at(l, "&>"))
		return false;
	for (i = 0; i < NELEM(separators); i++) {
		if (!at(l, separators[i]))
			continue;
		l->p += strlen(separators[i]);
		l->sh->pipes |= i == 2 || i == 3;
		return true;
	}
	return false;
}

static void
lex_list(struct lexer *l, char close)
{
	for (;;) {
		skip_blanks(l);
		if (l->p == l->end) {
			if (close != '\0')
				give_up(l, "a bracket without its other");
			return;
		}
		if (*l->p == '\n') {
			l->p++;
			lex_heredocs(l);
		} else if (*l->p == '#') {
			while (l->p < l->end && *l->p != '\n')
				l->p++;
		} else if (*l->p == ')') {
			l->p++;
			if (close == ')')
				return;
			give_up(l, "a bracket without its other");
		} else if (*l->p == '(') {
			if (peek(l, 1) == '(')
				give_up(l, "arithmetic");
			l->p++;
			lex_nested(l);
		} else if (!lex_separator(l)) {
			lex_command(l);
		}
	}
}

/* Another text, into the same list of pieces. */
static void
lex_text(struct lexer *outer, const char *s, size_t len)
{
	struct lexer l = { .p = s, .end = s + len, .sh = outer->sh,
	    .depth = outer->depth + 1 };

	if (l.depth > SHELL_DEPTH_MAX) {
		give_up(outer, "nested too deeply");
		return;
	}
	lex_list(&l, '\0');
	if (l.pending_count > 0)
		give_up(&l, "a here-document without its end");
	forget_heredocs(&l);
}

/* --------------------------------------------------------------- the whole */

static void
trim(char *s)
{
	size_t n = strlen(s);

	while (n > 0 && strchr(" \t\n", s[n - 1]) != NULL)
		s[--n] = '\0';
}

static void
piece_clear(struct shell_piece *p)
{
	size_t i;

	for (i = 0; i < p->word_count; i++)
		free(p->words[i].text);
	for (i = 0; i < p->redirect_count; i++)
		free(p->redirects[i].to.text);
	free(p->words);
	free(p->redirects);
	free(p->text);
}

/*
 * Who reads what another writes? With a pipe in the command, or input for a
 * whole group, it may be any of them.
 */
static void
finish(struct shell *sh)
{
	size_t i, j, kept = 0;
	bool fed = sh->pipes;

	for (i = 0; i < sh->count; i++) {
		struct shell_piece *p = &sh->pieces[i];

		trim(p->text);
		for (j = 0; j < p->redirect_count; j++) {
			if (p->redirects[j].kind == REDIRECT_OUT)
				continue;
			p->fed |= p->redirects[j].kind != REDIRECT_DUP;
			fed |= p->fed && p->word_count == 0;
		}
		if (is_empty(p))
			piece_clear(p);
		else
			sh->pieces[kept++] = *p;
	}
	sh->count = kept;
	for (i = 0; i < sh->count; i++)
		sh->pieces[i].fed |= fed;
}

struct shell *
shell_split(const char *command, size_t len)
{
	struct shell *sh = xcalloc(1, sizeof *sh);
	struct lexer l = { .sh = sh, .depth = -1 };

	sh->understood = true;
	if (len > SHELL_TEXT_MAX || memchr(command, '\0', len) != NULL) {
		give_up(&l, "too long, or with NUL bytes");
		return sh;
	}
	lex_text(&l, command, len);
	finish(sh);
	return sh;
}

void
shell_free(struct shell *sh)
{
	if (sh == NULL)
		return;
	while (sh->count > 0)
		piece_clear(&sh->pieces[--sh->count]);
	free(sh->pieces);
	free(sh);
}
