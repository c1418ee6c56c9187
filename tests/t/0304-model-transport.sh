#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0304-model-transport.sh - the way to a model: connections kept, HTTP/2, own
# CA, proxies, clocks (providers 1.1)

. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"

unset http_proxy https_proxy no_proxy all_proxy HTTP_PROXY HTTPS_PROXY \
    NO_PROXY ALL_PROXY
command -v openssl >/dev/null 2>&1 || missing "openssl is not installed"
command -v node >/dev/null 2>&1 || missing "node is not installed"
cert=$scratch/ca.pem
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$scratch/key.pem" -out "$cert" -subj /CN=own-ca -days 2 \
    -addext subjectAltName=IP:127.0.0.1,DNS:models.example >"$out" 2>&1
is "$?" 0 "an authority of our own is made"
node "$top_srcdir/tests/peers/transport.mjs" "$scratch/key.pem" "$cert" \
    >"$scratch/ports" &
peer_pid=$!
await test -s "$scratch/ports" || missing "transport.mjs does not start"
tls=$(jq .tls "$scratch/ports")
plain=$(jq .plain "$scratch/ports")
proxy=$(jq .proxy "$scratch/ports")

mkdir -p "$CHATD_HOME/config"
cat >"$CHATD_HOME/config/config.yaml" <<END
retry: {tries: 1}
providers:
  tls:
    api: openai-chat
    base_url: https://127.0.0.1:$tls/v1
    ca_file: $cert
  stranger:
    api: openai-chat
    base_url: https://127.0.0.1:$tls/v1
  plain:
    api: openai-chat
    base_url: http://127.0.0.1:$plain/v1
  far:
    api: openai-chat
    base_url: https://models.example/v1
    ca_file: $cert
  farplain:
    api: openai-chat
    base_url: http://models.example/v1
  quick:
    api: openai-chat
    base_url: http://127.0.0.1:$plain/v1
    first_byte_seconds: 1
  steady:
    api: openai-chat
    base_url: http://127.0.0.1:$plain/v1
    first_byte_seconds: 120
    idle_seconds: 3
END

# seen: what the server saw since it was last asked
seen()
{
	curl -sS --noproxy '*' "http://127.0.0.1:$plain/seen" >"$scratch/seen"
}
# saw FILTER SENTENCE
saw()
{
	seen
	cp "$scratch/seen" "$err"
	json "$scratch/seen" "$1" "$2"
}
two_turns()
{
	for id in u1 u2; do
		printf '{"kind":"message","payload":{"trigger":"submit-message",'
		printf '"message":{"id":"%s","role":"user",' $id
		printf '"parts":[{"type":"text","text":"hi"}]}}}\n'
	done >in
	run chatd run -m "$1" --input-format stream-json <in
	same "$out" 'fine\nfine\n' "$1: two turns are answered"
}

seen
two_turns tls:m
saw '.tls == {connections: 1, versions: ["2.0", "2.0"], requests: 2}' \
    "over TLS that is HTTP/2, both turns on one connection"
two_turns plain:m
saw '.plain == {connections: 1, versions: ["1.1", "1.1"], requests: 2}' \
    "without TLS HTTP/1.1, both turns on one connection"

run chatd run -m plain:m pressed </dev/null
same "$out" 'pressed\n' "an answer compressed unasked is read"

seen
run chatd run -m stranger:m hi </dev/null
is "$status" 69 "a certificate of an unknown authority is refused"
like "$err" 'certificate' "and the message says what was wrong"
saw '.tls.requests == 0' "nothing was sent there"
cp "$CHATD_HOME/config/config.yaml" "$scratch/config"
sed -i "s|$cert|$scratch/none.pem|" "$CHATD_HOME/config/config.yaml"
run chatd run -m tls:m hi </dev/null
is "$status" 69 "a CA file that is not there does not mean: trust the system"
cp "$scratch/config" "$CHATD_HOME/config/config.yaml"

seen
run env https_proxy="http://127.0.0.1:$proxy" "$CHATD" run -m far:m hi \
    </dev/null
same "$out" 'fine\n' "https_proxy: a model that only the proxy reaches answers"
saw '.proxy == ["CONNECT models.example:443"] and .tls.versions == ["2.0"]' \
    "through a tunnel, HTTP/2 inside"
run env http_proxy="http://127.0.0.1:$proxy" "$CHATD" run -m farplain:m hi \
    </dev/null
same "$out" 'fine\n' "http_proxy: the same without TLS"
saw '.proxy == ["POST models.example"]' "the proxy is asked for the whole URL"
run env http_proxy="http://127.0.0.1:$proxy" no_proxy=models.example \
    "$CHATD" run -m farplain:m hi </dev/null
is "$status" 69 "no_proxy: not through the proxy"
saw '.proxy == []' "which was not asked"
run env http_proxy="http://127.0.0.1:$proxy" "$CHATD" run -m plain:m hi \
    </dev/null
same "$out" 'fine\n' "a model of this machine is asked without the proxy"
saw '.proxy == []' "which was not asked for it"

run chatd run -m quick:m never </dev/null
is "$status" 69 "no first byte: the clock ends it"
like "$err" 'no answer within 1 s' "and it says which clock"
run chatd run -m steady:m stall </dev/null
is "$status" 69 "silence in an answer: the clock ends it"
like "$err" 'nothing more came for 3 s' "and it says which clock"
like "$out" 'fine' "what had come is kept"
finish
