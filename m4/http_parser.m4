dnl CHATD_HTTP_PARSER: llhttp where the system has it, else its elder http-parser.
AC_DEFUN([CHATD_HTTP_PARSER], [
chatd_http_parser=none
AC_CHECK_HEADER([llhttp.h],
  [AC_CHECK_LIB([llhttp], [llhttp_init], [chatd_http_parser=llhttp])])
AS_IF([test $chatd_http_parser = none],
  [AC_CHECK_HEADER([http_parser.h],
    [AC_CHECK_LIB([http_parser], [http_parser_init],
      [chatd_http_parser=http_parser])])])
AS_CASE([$chatd_http_parser],
  [llhttp], [AC_DEFINE([HAVE_LLHTTP], [1], [Define if llhttp parses requests.])],
  [none], [AC_MSG_ERROR([neither llhttp nor http-parser was found])])
HTTP_PARSER_LIBS=-l$chatd_http_parser
AC_SUBST([HTTP_PARSER_LIBS])
])
