/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pieces.c - the text of the model server's answers, a delta each */

#include "config.h"

#include <stdio.h>

#include "bench.h"

enum { WORDS = 997 };	/* as many different ones as a long answer has */

/* An answer about code, a piece each; JSON. */
static const char *const pieces[] = {
	"\\n\\n##", " How", " a", " transcr", "ipt", " is", " laid", " out",
	"\\n\\nA", " message", " is", " a", " list", " of", " parts", ",",
	" and", " each", " part", " knows", " how", " many", " lines", " it",
	" takes", " at", " the", " width", " of", " the", " termina", "l",
	".", " Nothing", " is", " laid", " out", " before", " somebod", "y",
	" looks", " at", " it", ",", " so", " a", " **", "long", " transcr",
	"ipt", "**", " opens", " as", " fast", " as", " a", " short", " one",
	".", " When", " the", " width", " changes", ",", " what", " was",
	" known", " is", " forgott", "en", ",", " and", " only", " the",
	" part", " that", " is", " seen", " is", " wrapped", " again",
	" with", " `", "piece", "_", "update", "()`,", " which", " costs",
	" less", " than", " a", " frame", ".", "\\n\\nScrolli", "ng",
	" back", " asks", " for", " the", " pages", " before", ",", " a",
	" hundred", " message", "s", " at", " a", " time", ".", " The",
	" place", " where", " you", " are", " stays", " where", " it",
	" was", ":", "\\n\\n-", " the", " *", "first", "*", " entry",
	" that", " is", " seen", " and", " the", " line", " of", " it",
	" that", " stands", " at", " the", " top", " are", " remembe", "red",
	",", " never", " a", " number", " of", " lines", "\\n-", " what",
	" comes", " at", " the", " end", " does", " not", " move",
	" anythin", "g", ",", " unless", " the", " end", " is", " followe",
	"d", "\\n-", " a", " search", " goes", " from", " message", " to",
	" message", ",", " and", " lays", " out", " only", " those", " that",
	" [", "have", " the", " words", "](", "https", "://", "example", ".",
	"org", "/", "find", ")", " in", " them", "\\n\\n```", "c",
	"\\nstatic", " size", "_", "t", "\\nheight", "(", "struct", " pane",
	" *", "t", ",", " size", "_", "t", " i", ")", "\\n{", "\\n\\tstruct",
	" entry", " *", "en", " =", " &", "t", "->", "list", "[", "i", "];",
	"\\n\\n\\tif", " (", "en", "->", "laid", " &&", " en", "->", "m",
	" !=", " t", "->", "live", ")", "\\n\\t\\treturn", " en", "->",
	"height", ";", "\\t/*", " the", " usual", " */", "\\n\\tlay", "_",
	"message", "(", "t", ",", " en", ");", "\\n\\treturn", " en", "->",
	"height", ";", "\\n}", "\\n```", "\\n\\n|", " what", " |", " cost",
	" |", " bound", " |", "\\n|---", "|---", "|---", "|", "\\n|",
	" open", " |", " 12", " ms", " |", " 50", " ms", " |", "\\n|",
	" scroll", " |", " 2", " ms", " |", " 16", " ms", " |", "\\n|",
	" resize", " |", " 5", " ms", " |", " none", " |", "\\n\\nAll",
	" of", " these", " were", " measure", "d", " with", " ten",
	" thousan", "d", " message", "s", " on", " a", " machine", " with",
	" two", " cores", ",", " while", " it", " had", " other", " work",
	" to", " do", ".",
};

size_t
piece(char *p, size_t size, int i, const struct streamer_opts *o)
{
	int count = (int)(sizeof pieces / sizeof pieces[0]);

	if (!o->markdown)
		return (size_t)snprintf(p, size, " word%d", i % WORDS);
	return (size_t)snprintf(p, size, "%s", i == 0 ? "It begins" :
	    i + 1 == o->deltas ? "\\n\\nthe very end" : pieces[i % count]);
}
