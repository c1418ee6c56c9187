#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0010-vectors.sh - what the AI SDK does with the same chunks and messages

exec "${top_builddir:-.}/tests/run-vectors" \
    "${top_srcdir:-.}/tests/vectors/ui-message-stream"
