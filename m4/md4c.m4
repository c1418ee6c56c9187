dnl CHATD_MD4C: markdown.
AC_DEFUN([CHATD_MD4C], [
PKG_CHECK_MODULES([MD4C], [md4c >= 0.4])
])
