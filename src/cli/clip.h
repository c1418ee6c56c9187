/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clip.h - tmux's own buffer, which takes what it would not pass on */

#ifndef CLI_CLIP_H
#define CLI_CLIP_H

#include <stdbool.h>

struct event_base;

/*
 * Inside tmux OSC 52 is ignored unless its user has said otherwise, and we
 * would not know; its own command tells. Waits, at most two seconds, with the
 * loop running. False: there is no tmux, or it did not take it.
 */
bool	clip_tmux(struct event_base *base, const char *text);

#endif
