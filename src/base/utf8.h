/* SPDX-License-Identifier: GPL-3.0-or-later */
/* utf8.h - bytes to code points and back */

#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define UTF8_REPLACEMENT 0xfffdu

/*
 * Decode one code point from s[0..len). Returns the bytes taken (>= 1 for
 * len >= 1). A malformed or cut sequence gives U+FFFD and takes the maximal
 * subpart, as WHATWG decoders do; surrogates count as malformed.
 */
size_t	utf8_decode(const char *s, size_t len, uint32_t *cp);
/* The same, but ED A0..BF xx gives the surrogate (WTF-8). */
size_t	utf8_decode_wtf(const char *s, size_t len, uint32_t *cp);
/* Writes 1 to 4 bytes (surrogates as WTF-8) and returns how many. */
size_t	utf8_encode(uint32_t cp, char out[4]);
bool	utf8_valid(const char *s, size_t len);
/* Append s with everything malformed as U+FFFD. */
void	utf8_add_valid(struct buf *b, const char *s, size_t len);
/*
 * WTF-8 may arrive with a character outside the BMP cut in two surrogates.
 * utf8_add_wtf() appends s and joins them at the seam; utf8_half() tells how
 * many bytes at the end of s are a half that waits for the other (0 or 3).
 */
void	utf8_add_wtf(struct buf *b, const char *s, size_t len);
/* Append s with each half that has no other, and each malformed sequence, as
 * one U+FFFD. */
void	utf8_add_whole(struct buf *b, const char *s, size_t len);
size_t	utf8_half(const char *s, size_t len);
/*
 * How many bytes at the end of s are the beginning of a sequence that more
 * bytes could complete (0 to 3): keep them back when s came in pieces.
 */
size_t	utf8_incomplete(const char *s, size_t len);
/* Code points in s; UTF-16 units in s. */
size_t	utf8_count(const char *s, size_t len);
size_t	utf8_units(const char *s, size_t len);
/* The length of the longest prefix of at most max bytes that cuts no
 * sequence in two. */
size_t	utf8_prefix(const char *s, size_t len, size_t max);

#endif
