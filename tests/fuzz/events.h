/* SPDX-License-Identifier: GPL-3.0-or-later */
/* events.h - what holds of the events of every call (model/model.h) */

#ifndef TESTS_FUZZ_EVENTS_H
#define TESTS_FUZZ_EVENTS_H

#include "fuzz.h"
#include "model/model_priv.h"

struct heard {
	bool text, reasoning;	/* a block is open */
	int started, settled;	/* calls */
	int ends;
};

static inline void
block(bool *open, bool want, bool after)
{
	FUZZ_CHECK(*open == want);
	*open = after;
}

static inline void
heard(const struct model_event *ev, void *arg)
{
	struct heard *h = arg;

	FUZZ_CHECK(h->ends == 0);
	switch (ev->type) {
	case MODEL_TEXT_START:
	case MODEL_TEXT_END:
		block(&h->text, ev->type == MODEL_TEXT_END,
		    ev->type == MODEL_TEXT_START);
		break;
	case MODEL_TEXT_DELTA:
		block(&h->text, true, true);
		break;
	case MODEL_REASONING_START:
	case MODEL_REASONING_END:
		block(&h->reasoning, ev->type == MODEL_REASONING_END,
		    ev->type == MODEL_REASONING_START);
		break;
	case MODEL_REASONING_DELTA:
		block(&h->reasoning, true, true);
		break;
	case MODEL_TOOL_START:
		h->started++;
		break;
	case MODEL_TOOL_CALL:
	case MODEL_TOOL_BAD:
		FUZZ_CHECK(++h->settled <= h->started);
		break;
	case MODEL_FINISH:
	case MODEL_ERROR:
		FUZZ_CHECK(!h->text && !h->reasoning);
		h->ends++;
		break;
	default:
		break;
	}
}

#endif
