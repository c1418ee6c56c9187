dnl CHATD_FUZZING: link the fuzz targets with libFuzzer instead of our corpus runner.
AC_DEFUN([CHATD_FUZZING], [
AC_ARG_ENABLE([fuzzing],
  [AS_HELP_STRING([--enable-fuzzing], [link fuzz targets with libFuzzer (clang)])],
  [], [enable_fuzzing=no])
FUZZ_CFLAGS=
AS_IF([test "x$enable_fuzzing" = xyes], [FUZZ_CFLAGS=-fsanitize=fuzzer-no-link
  FUZZ_LDFLAGS=-fsanitize=fuzzer])
AM_CONDITIONAL([FUZZING], [test "x$enable_fuzzing" = xyes])
AC_SUBST([FUZZ_CFLAGS])
AC_SUBST([FUZZ_LDFLAGS])
])
