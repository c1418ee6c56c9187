#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0611-sdk-chat.sh - TriggerChatTransport, AgentChat, useChat as published

. "$top_srcdir/tests/t/lib.sh"
. "$top_srcdir/tests/clients/clients.sh"
clients_pause=3000
clients_run chat.mjs
