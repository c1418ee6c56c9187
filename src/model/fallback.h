/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fallback.h - another model answers when the one asked cannot */

#ifndef MODEL_FALLBACK_H
#define MODEL_FALLBACK_H

#include <stdbool.h>

struct model;
struct model_ops;

/* Is there a list, and is m one that can fail by its provider? */
bool	fallback_wanted(const struct model *m);

extern const struct model_ops model_fallback_ops;

#endif
