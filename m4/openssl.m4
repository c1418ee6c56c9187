dnl CHATD_OPENSSL: the headers at build time; the library is loaded when
dnl chatd serve is given a certificate.
AC_DEFUN([CHATD_OPENSSL], [
PKG_CHECK_MODULES([OPENSSL], [openssl >= 3.0])
])
