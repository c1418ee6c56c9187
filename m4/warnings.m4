dnl CHATD_WARNINGS: each flag is probed singly and goes to our own variable.
AC_DEFUN([CHATD_WARNINGS], [
AC_ARG_ENABLE([werror],
  [AS_HELP_STRING([--enable-werror], [make warnings errors])], [], [enable_werror=no])
WARN_CFLAGS=
for flag in -Wall -Wextra -Wformat=2 -Wshadow -Wstrict-prototypes \
    -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wundef \
    -Wwrite-strings -Wvla -Wimplicit-fallthrough -Wcast-qual; do
  save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $flag"
  AC_MSG_CHECKING([whether $CC takes $flag])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
    [AC_MSG_RESULT([yes]); WARN_CFLAGS="$WARN_CFLAGS $flag"],
    [AC_MSG_RESULT([no])])
  CFLAGS=$save_CFLAGS
done
AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
AC_SUBST([WARN_CFLAGS])
])
