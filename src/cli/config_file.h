/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config_file.h - what may stand in config.yaml */

#ifndef CLI_CONFIG_FILE_H
#define CLI_CONFIG_FILE_H

#include "base/attr.h"

struct err;
struct json_doc;

/* As conf_read() does, and with a look at its keys, also those of providers
 * and the like: ERR_CONFIG names the file, the line and the key. */
struct json_doc	*config_file_read(const char *path, struct err *e)
	    ATTR_MUST_USE;
/* Only the look; a missing file is fine. */
int	config_file_check(const char *path, struct err *e) ATTR_MUST_USE;

#endif
