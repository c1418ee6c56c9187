dnl CHATD_YAML: configuration files.
AC_DEFUN([CHATD_YAML], [
PKG_CHECK_MODULES([YAML], [yaml-0.1])
])
