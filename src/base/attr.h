/* SPDX-License-Identifier: GPL-3.0-or-later */
/* attr.h - compiler attributes, where there are any */

#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#if defined(__GNUC__)
#define ATTR_PRINTF(fmt, args)	__attribute__((format(printf, fmt, args)))
#define ATTR_MUST_USE		__attribute__((warn_unused_result))
#define ATTR_NORETURN		__attribute__((noreturn))
#define ATTR_UNUSED		__attribute__((unused))
#define ATTR_FALLTHROUGH	__attribute__((fallthrough))
#else
#define ATTR_PRINTF(fmt, args)
#define ATTR_MUST_USE
#define ATTR_NORETURN
#define ATTR_UNUSED
#define ATTR_FALLTHROUGH	((void)0)
#endif

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))

#endif
