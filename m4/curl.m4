dnl CHATD_CURL: the headers at build time; the library is loaded when first used.
AC_DEFUN([CHATD_CURL], [
PKG_CHECK_MODULES([CURL], [libcurl >= 7.84])
])
