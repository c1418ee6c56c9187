/* SPDX-License-Identifier: GPL-3.0-or-later */
/* url_host.c - the host of a URL */

#include <arpa/inet.h>
#include <sys/socket.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "wire/url_host.h"

static const char forbidden[] = " #/:<>?@[\\]^|";

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
is_forbidden(unsigned char c)
{
	return c == 0 || strchr(forbidden, c) != NULL;
}

/* The longest run of two or more zero groups, which "::" stands for. */
static void
longest_zeros(const uint16_t g[8], int *start, int *count)
{
	int i, n;

	*start = -1;
	*count = 1;
	for (i = 0; i < 8; i += n + 1) {
		for (n = 0; i + n < 8 && g[i + n] == 0; n++)
			continue;
		if (n > *count) {
			*start = i;
			*count = n;
		}
	}
}

static int
add_ipv6(struct buf *out, const char *s, size_t len)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;
	uint16_t g[8];
	int i, start, count;

	if (len >= sizeof text)
		return -1;
	memcpy(text, s, len);
	text[len] = '\0';
	if (inet_pton(AF_INET6, text, &addr) != 1)
		return -1;
	for (i = 0; i < 8; i++)
		g[i] = (uint16_t)(addr.s6_addr[2 * i] << 8 |
		    addr.s6_addr[2 * i + 1]);
	longest_zeros(g, &start, &count);
	buf_addc(out, '[');
	for (i = 0; i < 8; i++) {
		if (i == start) {
			buf_adds(out, i == 0 ? "::" : ":");
			i += count - 1;
			continue;
		}
		buf_addf(out, "%x%s", g[i], i < 7 ? ":" : "");
	}
	buf_addc(out, ']');
	return 0;
}

/* One number of an IPv4 address: decimal, 0octal or 0xhex. */
static int
ipv4_number(const char *s, size_t len, uint64_t *out)
{
	unsigned base = 10;
	int digit;

	*out = 0;
	if (len == 0)
		return -1;
	if (len >= 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
		len -= 2;
	} else if (len >= 2 && s[0] == '0') {
		base = 8;
		s++;
		len--;
	}
	for (; len > 0; s++, len--) {
		digit = hex_value(*s);
		if (digit == -1 || (unsigned)digit >= base)
			return -1;
		if (*out <= UINT32_MAX)	/* enough to be too much */
			*out = *out * base + (unsigned)digit;
	}
	return 0;
}

static size_t
last_label(const struct buf *name, size_t *len)
{
	size_t end = name->len, start;

	if (end > 1 && name->data[end - 1] == '.')
		end--;
	for (start = end; start > 0 && name->data[start - 1] != '.'; start--)
		continue;
	*len = end - start;
	return start;
}

/* A name whose last label is a number must be an address. */
static bool
ends_in_number(const struct buf *name)
{
	size_t len, start = last_label(name, &len);
	const char *s = name->data + start;
	uint64_t n;

	return len > 0 && (strspn(s, "0123456789") >= len ||
	    (s[0] == '0' && ipv4_number(s, len, &n) == 0));
}

static int
add_ipv4(struct buf *out, const struct buf *name)
{
	const char *s = name->data;
	uint64_t n, addr = 0;
	size_t len;
	int parts = 0;

	for (;; s += len + 1) {
		len = strcspn(s, ".");
		if (++parts > 4 || ipv4_number(s, len, &n) == -1)
			return -1;
		if (s[len] == '\0' || s[len + 1] == '\0')
			break;
		if (n > 255)
			return -1;
		addr = addr << 8 | n;
	}
	/* the last one fills what is left */
	if (n >= (uint64_t)1 << (8 * (5 - parts)))
		return -1;
	addr = addr << (8 * (5 - parts)) | n;
	buf_addf(out, "%u.%u.%u.%u", (unsigned)(addr >> 24) & 255,
	    (unsigned)(addr >> 16) & 255, (unsigned)(addr >> 8) & 255,
	    (unsigned)addr & 255);
	return 0;
}

static uint32_t
to_lower(uint32_t cp)
{
	if (cp >= 'A' && cp <= 'Z')
		return cp + 0x20;
	if ((cp >= 0xc0 && cp <= 0xde && cp != 0xd7) ||
	    (cp >= 0x391 && cp <= 0x3a9) || (cp >= 0x410 && cp <= 0x42f))
		return cp + 0x20;
	if (cp >= 0x400 && cp <= 0x40f)
		return cp + 0x50;
	if (cp == 0x3002 || cp == 0xff0e || cp == 0xff61)
		return '.';
	/* full-width forms of ASCII */
	if (cp >= 0xff01 && cp <= 0xff5e)
		return to_lower(cp - 0xfee0);
	return cp;
}

/* RFC 3492, 6.1 */
static uint32_t
puny_adapt(uint32_t delta, uint32_t count, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / 700 : delta / 2;
	delta += delta / count;
	for (; delta > 455; k += 36)
		delta /= 35;
	return k + 36 * delta / (delta + 38);
}

static void
puny_number(struct buf *out, uint32_t q, uint32_t bias)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	uint32_t k, t;

	for (k = 36;; k += 36) {
		t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
		if (q < t)
			break;
		buf_addc(out, digits[t + (q - t) % (36 - t)]);
		q = (q - t) / (36 - t);
	}
	buf_addc(out, digits[q]);
}

/* RFC 3492, 6.3; a label is at most 63 bytes where it matters. */
static int
add_puny(struct buf *out, const uint32_t *cp, size_t count)
{
	uint32_t n = 128, delta = 0, bias = 72, next;
	size_t basic = 0, done, i;

	buf_adds(out, "xn--");
	for (i = 0; i < count; i++) {
		if (cp[i] < 128) {
			buf_addc(out, (char)cp[i]);
			basic++;
		}
	}
	if (basic > 0)
		buf_addc(out, '-');
	for (done = basic; done < count; delta++, n++) {
		next = UINT32_MAX;
		for (i = 0; i < count; i++)
			if (cp[i] >= n && cp[i] < next)
				next = cp[i];
		delta += (next - n) * (uint32_t)(done + 1);
		n = next;
		for (i = 0; i < count; i++) {
			if (cp[i] < n)
				delta++;
			if (cp[i] != n)
				continue;
			puny_number(out, delta, bias);
			bias = puny_adapt(delta, (uint32_t)done + 1,
			    done == basic);
			delta = 0;
			done++;
		}
	}
	return 0;
}

enum { LABEL_MAX = 253 };

static int
add_label(struct buf *out, const uint32_t *cp, size_t count)
{
	bool ascii = true;
	size_t i;

	for (i = 0; i < count; i++) {
		if (cp[i] == UTF8_REPLACEMENT)
			return -1;
		ascii = ascii && cp[i] < 128;
	}
	if (!ascii)
		return count > LABEL_MAX ? -1 : add_puny(out, cp, count);
	for (i = 0; i < count; i++)
		buf_addc(out, (char)cp[i]);
	return 0;
}

static int
add_labels(struct buf *out, const char *s, size_t len)
{
	uint32_t *cp = xreallocarray(NULL, len + 1, sizeof *cp);
	size_t i, count = 0;
	int status = 0;

	for (i = 0; i < len && status == 0; ) {
		i += utf8_decode(s + i, len - i, &cp[count]);
		cp[count] = to_lower(cp[count]);
		if (cp[count] == 0xad)
			continue;	/* a soft hyphen is nothing */
		if (cp[count] != '.') {
			count++;
			continue;
		}
		status = add_label(out, cp, count);
		buf_addc(out, '.');
		count = 0;
	}
	if (status == 0)
		status = add_label(out, cp, count);
	free(cp);
	return status;
}

static void
percent_decode(struct buf *out, const char *s, size_t len)
{
	size_t i;
	int hi, lo;

	for (i = 0; i < len; i++) {
		hi = s[i] == '%' && i + 2 < len ? hex_value(s[i + 1]) : -1;
		lo = hi != -1 ? hex_value(s[i + 2]) : -1;
		if (lo == -1) {
			buf_addc(out, s[i]);
			continue;
		}
		buf_addc(out, (char)(hi << 4 | lo));
		i += 2;
	}
}

static int
add_name(struct buf *out, const char *s, size_t len)
{
	struct buf decoded = BUF_INIT, name = BUF_INIT;
	int status;
	size_t i;

	percent_decode(&decoded, s, len);
	status = add_labels(&name, decoded.data, decoded.len);
	if (name.len == 0)
		status = -1;
	for (i = 0; i < name.len; i++)
		if (is_forbidden((unsigned char)name.data[i]) ||
		    (unsigned char)name.data[i] <= 0x20 ||
		    name.data[i] == '%' || name.data[i] == 0x7f)
			status = -1;
	if (status == 0 && ends_in_number(&name))
		status = add_ipv4(out, &name);
	else if (status == 0)
		buf_add(out, name.data, name.len);
	buf_clear(&decoded);
	buf_clear(&name);
	return status;
}

int
url_host(struct buf *out, const char *s, size_t len, bool special)
{
	unsigned char c;
	size_t i;

	if (len > 0 && s[0] == '[')
		return s[len - 1] != ']' ? -1 :
		    add_ipv6(out, s + 1, len - 2);
	if (special)
		return add_name(out, s, len);
	for (i = 0; i < len; i++) {
		c = (unsigned char)s[i];
		if (is_forbidden(c))
			return -1;
		if (c < 0x20 || c > 0x7e)
			buf_addf(out, "%%%02X", c);
		else
			buf_addc(out, (char)c);
	}
	return 0;
}
