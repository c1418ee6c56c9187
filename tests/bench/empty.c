/* SPDX-License-Identifier: GPL-3.0-or-later */
/* empty.c - the floor under every start */

int
main(void)
{
	return 0;
}
