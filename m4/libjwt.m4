dnl CHATD_LIBJWT: the headers at build time; the library is loaded when a
dnl token is first made or checked.
AC_DEFUN([CHATD_LIBJWT], [
PKG_CHECK_MODULES([LIBJWT], [libjwt >= 1.10 libjwt < 3])
])
