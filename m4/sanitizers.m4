dnl CHATD_SANITIZERS: --enable-sanitizers[=LIST], address and undefined by default.
AC_DEFUN([CHATD_SANITIZERS], [
AC_ARG_ENABLE([sanitizers],
  [AS_HELP_STRING([--enable-sanitizers@<:@=LIST@:>@],
    [build with sanitizers (address,undefined)])], [], [enable_sanitizers=no])
AS_IF([test "x$enable_sanitizers" = xyes], [enable_sanitizers=address,undefined])
SAN_CFLAGS=
AS_IF([test "x$enable_sanitizers" != xno], [
  SAN_CFLAGS="-fsanitize=$enable_sanitizers -fno-omit-frame-pointer -fno-sanitize-recover=undefined"
  AC_DEFINE([CHATD_SANITIZED], [1], [Define if the build is instrumented.])])
AM_CONDITIONAL([SANITIZED], [test "x$enable_sanitizers" != xno])
AC_SUBST([SAN_CFLAGS])
])
