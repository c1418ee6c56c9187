dnl CHATD_LIBEVENT: the event loop.
AC_DEFUN([CHATD_LIBEVENT], [
PKG_CHECK_MODULES([LIBEVENT], [libevent >= 2.1])
dnl the core library is enough: no evhttp, no DNS
LIBEVENT_LIBS="-levent_core"
])
