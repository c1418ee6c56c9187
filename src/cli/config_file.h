/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config_file.h - what may stand in config.yaml */

#ifndef CLI_CONFIG_FILE_H
#define CLI_CONFIG_FILE_H

#include "base/attr.h"

struct err;

/* Read it and look at its keys. A missing file is fine. ERR_CONFIG names the
 * file, the line and the key. */
int	config_file_check(const char *path, struct err *e) ATTR_MUST_USE;

#endif
