#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0624-service.sh - the unit file that is shipped, and the command in it

. "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"

unit=$top_srcdir/share/chatd.service
mine=$scratch/chatd.service
has()
{
	grep -qx "$1" "$unit"
}

# Each line is empty, a comment, a section or a key with its value, and no key
# stands before a section.
awk '/^$/ || /^#/ { next }
    /^\[(Unit|Service|Install)\]$/ { in_one = 1; n++; next }
    !in_one || !/^[A-Z][A-Za-z]*=/ { print; bad = 1 }
    END { exit bad || n != 3 }' "$unit" >"$out"
is "$?" 0 "it has three sections of keys and values"
missing_keys=
for key in DynamicUser=yes NoNewPrivileges=yes ProtectSystem=strict \
    ProtectHome=yes PrivateTmp=yes PrivateDevices=yes UMask=0077 \
    CapabilityBoundingSet= SystemCallFilter=@system-service \
    StateDirectory=chatd Environment=CHATD_HOME=/var/lib/chatd \
    WantedBy=multi-user.target; do
	has "$key" || missing_keys="$missing_keys $key"
done
is "$missing_keys" "" "it runs with few rights, on a folder of its own"

program=$(cd "$(dirname "$CHATD")" && pwd)/$(basename "$CHATD")
sed "s|^ExecStart=[^ ]*|ExecStart=$program|" "$unit" >"$mine"
if command -v systemd-analyze >/dev/null 2>&1; then
	run systemd-analyze verify --man=no "$mine"
	grep "chatd\.service" "$err" >"$scratch/said"
else
	: >"$scratch/said"
	run grep -q "^ExecStart=$program serve " "$mine"
fi
is "$status $(cat "$scratch/said")" "0 " "systemd has nothing against it"

# its command, at a free port
command=$(sed -n 's/^ExecStart=[^ ]* //p' "$unit")
case $command in
"serve --listen 127.0.0.1:"[0-9]*) ;;
*)	command=none ;;
esac
: >"$out"
# shellcheck disable=SC2086 # the words of the command
"$CHATD" ${command%:*}:0 >"$out" 2>"$err" &
peer_pid=$!
await grep -q '^listening at' "$out"
is "$?" 0 "its command serves"
reload=$(sed -n 's|^ExecReload=/bin/kill -\([A-Z]*\) \$MAINPID$|\1|p' "$unit")
key=$(grep -m1 ^tr_ "$CHATD_HOME/config/keys")
url=$(sed -n 's/^listening at \(http[^ ]*\) .*/\1/p' "$out")
echo tr_dev_another0123456789 >>"$CHATD_HOME/config/keys"
kill -"$reload" "$peer_pid"
may()
{
	curl -sf -H "Authorization: Bearer $1" "$url/api/v1/sessions" >/dev/null
}
await may tr_dev_another0123456789
is "$?" 0 "its reload reads the keys again"
may "$key"
is "$?" 0 "and those of before still hold"
kill -TERM "$peer_pid"
status=0
wait "$peer_pid" || status=$?
peer_pid=
is "$status" 0 "it stops in good order"
finish
