# SPDX-License-Identifier: GPL-3.0-or-later
# serve-lib.sh - a chatd serve of the test's own, asked by curl; behind lib.sh

# serve [OPTION...]: start it on a free port; $url, $serve_pid, $key. It is
# run by $serve_with, if that is set.
serve()
{
	# what an earlier one has said is not this one's
	: >"$scratch/serve.out"
	${serve_with-} "$CHATD" serve --listen "${serve_at-127.0.0.1:0}" \
	    -m "$model" "$@" >"$scratch/serve.out" 2>"$scratch/serve.err" &
	serve_pid=$!
	peer_pid=$serve_pid
	await grep -q '^listening' "$scratch/serve.out" || return 1
	url=$(sed -n 's/^listening at \(http[^ ]*\) .*/\1/p' "$scratch/serve.out")
	key=$(grep -m1 '^tr_' "$CHATD_HOME/config/keys")
	as "$key"
}

# as TOKEN: who asks from now on
as()
{
	bearer=$1
}

# ask METHOD PATH [CURL-OPTION...]: the body in $out, $status of HTTP
ask()
{
	method=$1 path=$2
	shift 2
	status=$(curl -sS -o "$out" -w '%{http_code}' -X "$method" \
	    --max-time 120 -H "Authorization: Bearer $bearer" "$@" \
	    "$url$path" 2>"$err")
}

# create NAME [TASK]: a session that nothing has been said in
create()
{
	ask POST /api/v1/sessions -d '{"type":"chat.agent","externalId":"'"$1"'",
	    "taskIdentifier":"'"${2-chat}"'","triggerConfig":{"basePayload":
	    {"chatId":"'"$1"'","trigger":"preload"}}}'
}

# say NAME TEXT: a message to it
say()
{
	ask POST "/realtime/v1/sessions/$1/in/append" -d '{"kind":"message",
	    "payload":{"chatId":"'"$1"'","trigger":"submit-message","message":
	    {"id":"m-'"$2"'","role":"user","parts":[{"type":"text",
	    "text":"'"$2"'"}]}}}'
}

ended()
{
	! kill -0 "$serve_pid" 2>/dev/null
}
