/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fetch_curl.h - libcurl, loaded when first used */

/*
 * Private to wire/fetch*. The functions of libcurl that are needed, as
 * pointers: the library is opened at run time (see fetch.h).
 */

#ifndef WIRE_FETCH_CURL_H
#define WIRE_FETCH_CURL_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/attr.h"

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

struct err;

#define CURL_CALLS(X)							\
	X(curl_version) X(curl_global_init) X(curl_global_cleanup)	\
	X(curl_easy_init) X(curl_easy_cleanup) X(curl_easy_setopt)	\
	X(curl_easy_getinfo) X(curl_easy_pause) X(curl_easy_header)	\
	X(curl_easy_strerror) X(curl_slist_append)			\
	X(curl_slist_free_all) X(curl_multi_init) X(curl_multi_cleanup)	\
	X(curl_multi_setopt) X(curl_multi_add_handle)			\
	X(curl_multi_remove_handle) X(curl_multi_socket_action)		\
	X(curl_multi_info_read) X(curl_multi_assign)

struct curl_lib {
#define X(name) __typeof__(name) *name;
	CURL_CALLS(X)
#undef X
};

int	fetch_curl_load(struct curl_lib *lib, struct err *e) ATTR_MUST_USE;

#endif
