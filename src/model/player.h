/* SPDX-License-Identifier: GPL-3.0-or-later */
/* player.h - an answer that is written down, played as events */

/*
 * The lines of a section are JSON objects, played in order:
 *
 *	{"type":"text-delta","text":"..."}	blocks open by themselves
 *	{"type":"text-end"}
 *	{"type":"reasoning-delta","text":"..."}
 *	{"type":"reasoning-end","metadata":{...}}
 *	{"type":"tool-start","id":"c1","name":"Bash"}
 *	{"type":"tool-delta","id":"c1","text":"{\"a\""}
 *	{"type":"tool-call","id":"c1","name":"Bash","input":{...}}
 *	{"type":"tool-bad","id":"c1","name":"Bash","text":"{","error":"..."}
 *	{"type":"tool-result","id":"c1","name":"Bash","output":...}
 *	{"type":"source","url":"...","title":"..."}
 *	{"type":"file","url":"data:...","mediaType":"image/png"}
 *	{"type":"data","name":"note","id":"n1","data":...}
 *	{"type":"usage","input":1,"output":2,"reasoning":0,"cached":0}
 *	{"type":"retry","waitMs":100,"text":"..."}
 *	{"type":"finish","reason":"stop"}
 *	{"wait":MS}
 *	{"repeat":N,"type":"text-delta","text":"w{n} "}	{n}: 0 to N-1
 *	{"expect":"..."}	fails unless the request's JSON contains it
 *	{"error":{"code":"UNREACHABLE","text":"..."}}
 *
 * Without a finish the section ends as an answer does: "tool-calls" if calls
 * wait for results, else "stop". Empty lines and lines that begin with # are
 * skipped. {"turn":...} separates sections.
 */

#ifndef MODEL_PLAYER_H
#define MODEL_PLAYER_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct err;
struct model_call;
struct model_request;

/*
 * Play section number n (the last one, if there are fewer) of text. name is
 * for messages; delay_ms lies between events.
 */
int	player_start(struct model_call *call, const struct model_request *rq,
	    const char *name, const char *text, size_t n, int64_t delay_ms,
	    struct err *e) ATTR_MUST_USE;
void	player_stop(struct model_call *call);
/* Messages of this role in the request. */
size_t	player_count(const struct model_request *rq, const char *role);

#endif
