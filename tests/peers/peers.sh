# SPDX-License-Identifier: GPL-3.0-or-later
# peers.sh - start the servers that tests talk to; read by test scripts
#
#	. "$top_srcdir/tests/peers/peers.sh"
#	peers_need			# ends the test as failed without them
#	mountebank_start IMPOSTERS	# sets mb_port, mb_pid
#	imposter_port NAME		# prints the port of that imposter
#	aimock_start FIXTURES [ARG...]	# sets aimock_port, aimock_pid
#	peers_stop			# ends both, by pid
#
# `make check` installs the packages, in tests/peers of the build tree. Logs go
# to the current directory.

peers_dir=${PEERS_DIR:-$top_srcdir/tests/peers}
mb_pid='' aimock_pid=''

peers_need()
{
	if ! command -v node >/dev/null 2>&1; then
		echo "Bail out! node is not installed; ./bootstrap does it"
		exit 1
	fi
	for bin in mb llmock; do
		if [ ! -e "$peers_dir/node_modules/.bin/$bin" ]; then
			echo "Bail out! run make tests/peers/node_modules/.installed"
			exit 1
		fi
	done
}

# A port that was free a moment ago: mountebank takes none of its own choice.
# It is below those that the kernel gives away, and begins with our own number,
# so that no other test has it when mountebank comes to it.
free_port()
{
	node -e 'const net = require("net");
		function look(port) {
			const s = net.createServer();
			s.on("error", () => look(port + 1));
			s.listen(port, "127.0.0.1", () => {
				console.log(port); s.close(); });
		}
		look(20000 + Number(process.argv[1]) % 12000);' $$
}

# METHOD URL [BODY]: the body of the answer; fails if the status is not 2xx
peer_http()
{
	node -e 'const [method, url, body] = process.argv.slice(1);
		fetch(url, { method, body }).then(async r => {
			process.stdout.write(await r.text());
			process.exitCode = r.ok ? 0 : 1;
		}).catch(() => { process.exitCode = 1; });' "$@"
}

# PID URL: wait until it answers; fails when the process is gone
peer_wait()
{
	while ! peer_http GET "$2" >/dev/null; do
		kill -0 "$1" 2>/dev/null || return 1
	done
}

mountebank_start()
{
	mb_port=$(free_port)
	: >mb.out
	node "$peers_dir/node_modules/.bin/mb" start --port "$mb_port" \
	    --host 127.0.0.1 --localOnly --noParse --nologfile \
	    --pidfile "$PWD/mb.pid" --configfile "$1" >mb.out 2>&1 &
	mb_pid=$!
	# the imposters are there last
	peer_wait "$mb_pid" "http://127.0.0.1:$mb_port/imposters" || return 1
	while ! peer_http GET "http://127.0.0.1:$mb_port/imposters" |
	    grep -q '"port"'; do
		kill -0 "$mb_pid" 2>/dev/null || return 1
	done
}

imposter_port()
{
	peer_http GET "http://127.0.0.1:$mb_port/imposters" | node -e '
		const all = JSON.parse(require("fs").readFileSync(0)).imposters;
		const one = all.find(i => i.name === process.argv[1]);
		if (one) console.log(one.port); else process.exitCode = 1;' "$1"
}

aimock_start()
{
	aimock_fixtures=$1
	shift
	: >aimock.out
	node "$peers_dir/node_modules/.bin/llmock" -p 0 \
	    -f "$aimock_fixtures" --strict "$@" >aimock.out 2>&1 &
	aimock_pid=$!
	aimock_port=
	while [ -z "$aimock_port" ]; do
		kill -0 "$aimock_pid" 2>/dev/null || return 1
		sleep 0.1
		aimock_port=$(sed -n \
		    's/.*listening on http:\/\/127\.0\.0\.1:\([0-9]*\).*/\1/p' \
		    aimock.out)
	done
	peer_wait "$aimock_pid" "http://127.0.0.1:$aimock_port/health"
}

peers_stop()
{
	for pid in $mb_pid $aimock_pid; do
		kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	mb_pid='' aimock_pid=''
}
