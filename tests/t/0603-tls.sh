#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0603-tls.sh - chatd serve --tls-cert, --tls-key

. "$top_srcdir/tests/t/lib.sh"
. "$top_srcdir/tests/t/serve-lib.sh"

command -v openssl >/dev/null 2>&1 || missing "openssl is not installed"
cert=$scratch/cert.pem
tls_key=$scratch/key.pem
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$tls_key" -out "$cert" -subj /CN=localhost -days 2 \
    -addext subjectAltName=IP:127.0.0.1 >"$out" 2>&1
is "$?" 0 "a certificate is made"

script slow <<'END'
{"type":"text-delta","text":"One"}
{"wait":500}
{"type":"text-delta","text":" two"}
END
run chatd serve --listen 127.0.0.1:0 --tls-cert "$cert"
is "$status" 2 "a certificate without its key is wrong usage"
run chatd serve --listen 127.0.0.1:0 --tls-cert "$cert" --tls-key "$scratch/none"
is "$status" 78 "a key that is not there is said"
run chatd serve --listen 127.0.0.1:0 --tls-cert "$tls_key" --tls-key "$tls_key"
is "$status" 78 "so is a certificate that is none"

CURL_CA_BUNDLE=$cert
export CURL_CA_BUNDLE
serve --tls-cert "$cert" --tls-key "$tls_key" --unix "$scratch/s.sock"
is "$?" 0 "it listens"
like "$scratch/serve.out" '^listening at https://' "and says it is HTTPS"
ask GET /healthz
is "$status" 200 "who trusts the certificate is answered"
create s1
is "$status" 201 "a session is made"
curl -sSN --max-time 300 -H "Authorization: Bearer $key" -H 'Timeout-Seconds: 300' \
    "$url/realtime/v1/sessions/s1/out" >"$scratch/early" 2>&1 &
reader=$!
await grep -q 'event: ping' "$scratch/early"
is "$?" 0 "a stream begins (session-protocol 7.1)"
say s1 hi
is "$status" 200 "a message is taken"
await grep -q 'turn-complete' "$scratch/early"
is "$?" 0 "its answer comes as it is written (session-protocol 7.2)"
kill "$reader"

# more than the socket takes at once, in both directions
head -c 900000 /dev/zero | tr '\0' x >"$scratch/large"
for _ in 1 2 3 4 5 6 7 8; do
	ask POST /realtime/v1/sessions/s1/channels/large/out/append \
	    --data-binary "@$scratch/large"
done
is "$status" 200 "large bodies are taken"
ask GET /realtime/v1/sessions/s1/channels/large/out/records
json "$out" '[.records[].data | length] == [range(8) | 900000]' \
    "and given, byte for byte"

tls()
{
	echo | openssl s_client -connect "${url#https://}" "$@" >"$out" 2>&1
}
tls -tls1_3
is "$?" 0 "TLS 1.3 is spoken"
tls -tls1_2
is "$?" 0 "and 1.2"
tls -tls1_1 -cipher DEFAULT@SECLEVEL=0
is "$?" 1 "and nothing older"
run curl -sS --max-time 120 "http://${url#https://}/healthz"
is "$([ "$status" != 0 ] && echo refused)" refused "plain HTTP gets nothing"
curl -sSf --unix-socket "$scratch/s.sock" http://x/api/v1/sessions >"$out" 2>"$err"
is "$?" 0 "the Unix socket stays as it is"
ask GET /healthz
is "$status" 200 "and all others are served"

# a certificate is renewed
issued()
{
	tls -showcerts
	grep -q "CN *= *$1" "$out"
}
issued localhost
is "$?" 0 "the certificate is the first one"
echo broken >"$cert"
kill -HUP "$serve_pid"
await grep -q 'the certificate stays as it was' "$scratch/serve.err"
is "$?" 0 "after SIGHUP one that cannot be read is told in the log"
issued localhost
is "$?" 0 "and the old one stays"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$tls_key" -out "$cert" -subj /CN=renewed -days 2 \
    -addext subjectAltName=IP:127.0.0.1 >"$out" 2>&1
kill -HUP "$serve_pid"
await issued renewed
is "$?" 0 "a good one is taken"
ask GET /healthz
is "$status" 200 "and served with"
kill -TERM "$serve_pid"
await ended
wait "$serve_pid"
is "$?" 0 "it ends well"
peer_pid=
finish
