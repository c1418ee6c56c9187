dnl CHATD_CMOCKA: unit tests; without it make check says so and fails.
AC_DEFUN([CHATD_CMOCKA], [
PKG_CHECK_MODULES([CMOCKA], [cmocka >= 1.1], [chatd_cmocka=yes], [chatd_cmocka=no])
AM_CONDITIONAL([HAVE_CMOCKA], [test "x$chatd_cmocka" = xyes])
])
