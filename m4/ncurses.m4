dnl CHATD_NCURSES: what the terminal can, from terminfo.
AC_DEFUN([CHATD_NCURSES], [
PKG_CHECK_MODULES([NCURSES], [ncursesw])
])
