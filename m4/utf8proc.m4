dnl CHATD_UTF8PROC: grapheme clusters and widths.
AC_DEFUN([CHATD_UTF8PROC], [
PKG_CHECK_MODULES([UTF8PROC], [libutf8proc >= 2.1])
])
