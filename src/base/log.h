/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log.h - what happened, for whoever looks for a fault */

/*
 * Off until log_open(). Areas are switched by --debug AREAS; -v switches
 * "warn" and "info" on for all areas. Secrets are never passed here.
 */

#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/attr.h"

struct buf;
struct err;

#define LOG_AREAS(X)							\
	X(STORE, "store") X(MODEL, "model") X(AGENT, "agent")		\
	X(SERVER, "server") X(CLIENT, "client") X(UI, "ui")		\
	X(TOOL, "tool") X(FETCH, "fetch") X(CLI, "cli")

enum log_area {
#define X(id, name) LOG_##id,
	LOG_AREAS(X)
#undef X
	LOG_AREA_COUNT
};

enum log_level {
	LOG_ERROR,
	LOG_WARN,
	LOG_INFO,
	LOG_DEBUG,
};

/* Append to a file ("-" is stderr); lines have time, pid, area, level. */
int	log_open(const char *path, struct err *e) ATTR_MUST_USE;
void	log_close(void);
void	log_set_level(enum log_level level);
/* "all" or "store,fetch": these areas log at debug level. */
int	log_set_debug(const char *areas, struct err *e) ATTR_MUST_USE;
bool	log_wants(enum log_area area, enum log_level level);
void	log_msg(enum log_area area, enum log_level level, const char *fmt, ...)
	    ATTR_PRINTF(3, 4);
/* The same of what is made already. */
void	log_text(enum log_area area, enum log_level level,
	    const struct buf *text);

#define log_debug(area, ...) do {					\
	if (log_wants((area), LOG_DEBUG))				\
		log_msg((area), LOG_DEBUG, __VA_ARGS__);		\
} while (0)

#endif
