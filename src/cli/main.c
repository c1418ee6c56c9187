/* SPDX-License-Identifier: GPL-3.0-or-later */
/* main.c - the program: finds the command and runs it */

#include "config.h"

#include <stdio.h>

int
main(void)
{
	puts(PACKAGE_STRING);
	return 0;
}
