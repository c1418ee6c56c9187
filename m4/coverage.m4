dnl CHATD_COVERAGE: --enable-coverage instruments for gcov.
AC_DEFUN([CHATD_COVERAGE], [
AC_ARG_ENABLE([coverage],
  [AS_HELP_STRING([--enable-coverage], [instrument for gcov])], [], [enable_coverage=no])
COV_CFLAGS=
AS_IF([test "x$enable_coverage" = xyes], [COV_CFLAGS="--coverage -O0"])
AC_SUBST([COV_CFLAGS])
])
