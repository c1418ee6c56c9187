/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shell_table.c - commands that run others, as far as one can know them */

#include "config.h"

#include <ctype.h>
#include <string.h>

#include "base/attr.h"
#include "tool/rule_priv.h"

struct names {
	unsigned traits;
	const char *list;	/* " a b c " */
};

/* Version numbers at the end (python3.11) do not count. */
static const struct names commands[] = {
	{ TRAIT_EXACT | TRAIT_CODE | TRAIT_SHELL,
	    " sh bash dash zsh ksh mksh pdksh ash fish csh tcsh rbash rksh "
	    "posh yash eval source . busybox toybox su " },
	{ TRAIT_EXACT | TRAIT_CODE,
	    " python pypy ipython perl ruby irb node nodejs deno bun tsx "
	    "ts-node php lua luajit texlua tclsh wish expect awk gawk mawk "
	    "nawk original-awk ed ex vi vim vim.tiny vim.basic view nvim nano "
	    "emacs emacsclient Rscript R octave julia ghc runghc runhaskell "
	    "ghci scala groovy jshell kotlinc gdb lldb sqlite psql mysql "
	    "mariadb m4 dc gnuplot erl elixir iex guile sbcl clisp racket "
	    "ocaml swift pwsh powershell osascript ssh scp sftp sshfs mosh "
	    "telnet nc ncat netcat socat at batch crontab systemd-run "
	    "systemctl screen tmux script docker podman nerdctl "
	    "kubectl lxc lxc-attach machinectl gcore xdg-open open "
	    "trap alias bind complete compgen compopt enable mapfile readarray "
	    "coproc fc let "
	    "gpg dpkg rpm apt apt-get dnf yum snap debugfs pkexec run0 " },
	{ TRAIT_EXACT,
	    " env sudo doas nohup timeout nice ionice chrt taskset stdbuf "
	    "setsid setarch linux32 linux64 prlimit cgexec chroot unshare "
	    "nsenter xargs parallel command builtin exec time watch strace "
	    "ltrace valgrind perf flock fakeroot proot bwrap firejail "
	    "dbus-run-session dbus-launch xvfb-run start-stop-daemon daemon "
	    "daemonize unbuffer rlwrap catchsegv ld.so entr inotifywait "
	    "runuser setpriv capsh choom uclampset chpst softlimit setuidgid "
	    "sg newgrp run-parts ssh-agent dotenv direnv with-contenv "
	    "export declare typeset local readonly set shopt unset hash "
	    "umask ulimit ldconfig update-alternatives insmod modprobe " },
	{ TRAIT_BUILD,
	    " make gmake bmake ninja samu cmake ctest meson scons bazel just "
	    "task rake ant mvn gradle npm npx yarn pnpm bunx cargo go dotnet "
	    "tox nox pytest invoke pre-commit composer bundle mix rebar3 sbt "
	    "stack cabal zig swift dune vagrant ansible ansible-playbook "
	    "terraform autoreconf debuild dpkg-buildpackage " },
	{ TRAIT_CD, " cd pushd popd " },
};

/* options (and words) that make an ordinary command run something, or write
 * where no redirection shows it; "-x" also within "-axb" */
static const struct names options[] = {
	{ 0, " find -exec -execdir -ok -okdir -delete -fprint -fprint0 "
	    "-fprintf -fls -files0-from " },
	{ 0, " fd -x -X --exec --exec-batch " },
	{ 0, " fdfind -x -X --exec --exec-batch " },
	{ 0, " git -c -C --config-env --exec-path --git-dir --work-tree "
	    "--namespace --upload-pack --receive-pack --exec -x --ext-diff "
	    "--textconv --open-files-in-pager -O --output --extcmd --template "
	    "--pager -p --paginate config alias foreach filter-branch run "
	    "difftool mergetool daemon instaweb send-email credential hook "
	    "maintenance bisect archive rebase clone init worktree "
	    "submodule " },
	{ 0, " rg --pre --pre-glob --hostname-bin -z --search-zip " },
	{ 0, " tar -I -F --use-compress-program --to-command "
	    "--checkpoint-action --info-script --new-volume-script "
	    "--rsh-command --rmt-command " },
	{ 0, " bsdtar --use-compress-program " },
	{ 0, " rsync -e --rsh --rsync-path -M --remote-option " },
	{ 0, " sort -o -T --output --compress-program --files0-from " },
	{ 0, " split --filter " },
	{ 0, " csplit -f " }, { 0, " zip -T -TT --test --unzip-command " },
	{ 0, " man -P -H --pager --html -X --gxditview -C --config-file " },
	{ 0, " curl -o -O -K --output --remote-name --config "
	    "--output-dir -T --upload-file -D --dump-header -c --cookie-jar "
	    "--trace --trace-ascii --stderr --unix-socket --etag-save --hsts "
	    "--alt-svc --libcurl --remote-name-all -J --remote-header-name " },
	{ 0, " wget -O -e -o -a -P --output-document --execute "
	    "--output-file --append-output --directory-prefix --config "
	    "--use-askpass -i --input-file " },
	{ 0, " make -f -C -I --file --makefile --eval --directory "
	    "--include-dir -E " },
	{ 0, " gmake -f -C -I --file --makefile --eval --directory -E " },
	{ 0, " npm exec x -c --call --script-shell --prefix -C " },
	{ 0, " npx -c --call --package -p " },
	{ 0, " yarn dlx exec --cwd " }, { 0, " pnpm dlx exec -C --dir " },
	{ 0, " cargo --config -C --manifest-path " },
	{ 0, " go -exec -toolexec -vettool generate -C " },
	{ 0, " gcc -B -wrapper -fplugin -specs @ " },
	{ 0, " cc -B -wrapper -fplugin -specs @ " },
	{ 0, " less -o -O --log-file + -k --lesskey-file --lesskey-src "
	    "--lesskey-content " }, { 0, " iconv -o --output " },
	{ 0, " more + " }, { 0, " file -C --compile -m " },
	{ 0, " diff --output " }, { 0, " date -s --set " },
	{ 0, " tree -o " }, { 0, " xxd -r " }, { 0, " yq -i --inplace " },
	{ 0, " shuf -o --output " },
	{ 0, " ip -b -batch exec " },
	{ 0, " pip --python " }, { 0, " uv run " },
};

/* What they read or write is named; "cp -r x ." and "git checkout" write more
 * than that. */
static const char shows_files[] =
    " ls cat head tail wc grep egrep fgrep rg echo printf pwd test [ true "
    "false : date sort uniq stat file du df which type cut tr nl od xxd diff "
    "cmp comm md5sum sha1sum sha256sum basename dirname realpath readlink "
    "sleep seq uname id whoami hostname tree find cd pushd popd touch mkdir "
    "rmdir rm chmod tee expr jq read wait ps kill free uptime nproc tac rev "
    "fold fmt paste join column less more break continue exit return ";
static const char shows_git[] =
    " status log diff show branch rev-parse ls-files blame remote describe "
    "grep ";

const char *
shell_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* Is the word of n bytes in the list? */
static bool
is_in(const char *list, const char *word, size_t n)
{
	const char *p = list;

	if (n == 0)
		return false;
	while ((p = strchr(p, ' ')) != NULL && *++p != '\0') {
		if (strncmp(p, word, n) == 0 && p[n] == ' ')
			return true;
	}
	return false;
}

bool
shell_shows_files(const struct shell_piece *p)
{
	const char *name;

	if (p->word_count == 0 || p->data)
		return true;
	if (shell_traits(p) & ~(unsigned)TRAIT_CD)
		return false;
	name = shell_base(p->words[0].text);
	if (strcmp(name, "git") == 0 && p->word_count > 1)
		return is_in(shows_git, p->words[1].text,
		    strlen(p->words[1].text));
	return is_in(shows_files, name, strlen(name));
}

static size_t
without_version(const char *name)
{
	size_t n = strlen(name);

	while (n > 1 && (isdigit((unsigned char)name[n - 1]) ||
	    name[n - 1] == '.' || name[n - 1] == '-'))
		n--;
	return n;
}

/* "--out=x" for "--output"; "-abx" for "-x"; "+cmd" for "+". */
static bool
is_option(const char *word, const char *option, size_t n)
{
	size_t w = strcspn(word, "=");

	if (strncmp(option, "--", 2) == 0)
		return w > 2 && w <= n && strncmp(word, option, w) == 0;
	if (option[0] == '+' || option[0] == '@')
		return word[0] == option[0];
	if (n == 2 && option[0] == '-')
		return word[0] == '-' && word[1] != '-' &&
		    strchr(word, option[1]) != NULL;
	return w == n && strncmp(word, option, n) == 0;
}

static bool
has_option(const struct names *o, const struct shell_piece *p)
{
	const char *at = o->list + 1;
	size_t i, n;

	/* the command's name first */
	for (at += strcspn(at, " ") + 1; *at != '\0'; at += n + 1) {
		n = strcspn(at, " ");
		for (i = 1; i < p->word_count; i++) {
			if (is_option(p->words[i].text, at, n))
				return true;
		}
	}
	return false;
}

bool
shell_looks_below(const struct shell_piece *p)
{
	static const struct names below = { 0, " x -r -R --recursive "
	    "--dereference-recursive " };
	const char *name = p->word_count == 0 ? "" :
	    shell_base(p->words[0].text);

	if (strcmp(name, "git") == 0)
		return true;
	return strcmp(name, "rg") == 0 || (is_in(" grep egrep fgrep diff ",
	    name, strlen(name)) && has_option(&below, p));
}

/* A word that is found out when it runs may be an option; but what stands in
 * quotes behind git's -m is its message. */
static bool
may_be_option(const struct shell_piece *p, size_t i)
{
	static const char messages[] = " -m -am --message --author --date ";
	const char *before = p->words[i - 1].text;

	if (!(p->words[i].flags & WORD_DYNAMIC))
		return false;
	return p->words[i].flags & WORD_SPLITS ||
	    (strchr("$`-", p->words[i].text[0]) != NULL &&
	    !is_in(messages, before, strlen(before)));
}

/* "tar xIf prog": options without a dash. */
static bool
is_old_tar(const struct shell_piece *p)
{
	return p->word_count > 1 && p->words[1].text[0] != '-' &&
	    strpbrk(p->words[1].text, "IF") != NULL;
}

/* sed can run commands and write files unless told not to. Showing lines
 * ("sed -n 10,20p") is what it is used for most. */
static bool
is_safe_sed(const struct shell_piece *p)
{
	size_t i;

	for (i = 1; i < p->word_count; i++) {
		if (strcmp(p->words[i].text, "--sandbox") == 0)
			return true;
	}
	/* behind it an option would bring another script, or -i */
	for (i = 3; i < p->word_count; i++) {
		if (p->words[i].text[0] == '-' ||
		    p->words[i].flags & WORD_DYNAMIC)
			return false;
	}
	return p->word_count > 2 && p->words[2].flags == 0 &&
	    strcmp(p->words[1].text, "-n") == 0 &&
	    strspn(p->words[2].text, "0123456789,$p;") ==
	    strlen(p->words[2].text);
}

/* A name with a subscript is worked out, and $( ) in it run: read 'a[$(x)]'. */
static bool
works_out_names(const char *name, const struct shell_piece *p)
{
	static const char always[] = " read getopts wait unset declare typeset "
	    "local readonly export ", with_v[] = " printf test [ ";
	static const struct names v = { 0, " x -v " };
	size_t i;

	if (!is_in(always, name, strlen(name)) &&
	    !(is_in(with_v, name, strlen(name)) && has_option(&v, p)))
		return false;
	for (i = 1; i < p->word_count; i++) {
		if (strchr(p->words[i].text, '[') != NULL)
			return true;
	}
	return false;
}

/* "export PATH=." is "PATH=. command" for all that come behind it. */
static bool
sets_variables(const char *name, const struct shell_piece *p)
{
	static const char setting[] =
	    " export declare typeset local readonly ";
	size_t i;

	if (!is_in(setting, name, strlen(name)))
		return false;
	for (i = 1; i < p->word_count; i++) {
		if (strchr(p->words[i].text, '=') != NULL)
			return true;
	}
	return false;
}

/* "uniq in out"; numbers are of options. */
static bool
writes_operand(const char *name, const struct shell_piece *p)
{
	size_t i, operands = 0;

	for (i = 1; i < p->word_count; i++) {
		const char *s = p->words[i].text;

		/* curl -w */
		if (strstr(s, "%output{") != NULL)
			return true;

		operands += p->words[i].flags & WORD_SPLITS ? 2 :
		    s[0] != '-' && strspn(s, "0123456789") != strlen(s);
	}
	return is_in(" uniq xxd ", name, strlen(name)) && operands > 1;
}

static unsigned
option_traits(const char *name, const struct shell_piece *p)
{
	size_t i;

	if (strcmp(name, "sed") == 0 || strcmp(name, "gsed") == 0)
		return is_safe_sed(p) ? 0 : TRAIT_EXACT | TRAIT_CODE;
	if (works_out_names(name, p) || sets_variables(name, p))
		return TRAIT_EXACT | TRAIT_CODE;
	if (writes_operand(name, p))
		return TRAIT_EXACT;
	if (strcmp(name, "tar") == 0 && is_old_tar(p))
		return TRAIT_EXACT;
	for (i = 0; i < NELEM(options); i++) {
		size_t n = strcspn(options[i].list + 1, " ");

		if (strlen(name) != n ||
		    strncmp(options[i].list + 1, name, n) != 0)
			continue;
		if (has_option(&options[i], p))
			return TRAIT_EXACT;
		for (size_t k = 1; k < p->word_count; k++) {
			if (may_be_option(p, k))
				return TRAIT_EXACT;
		}
	}
	return 0;
}

/* A program that no project brings along. */
static bool
is_installed(const char *path)
{
	static const char *const folders[] = {
		"/bin/", "/sbin/", "/usr/", "/lib", "/opt/", "/nix/", "/snap/",
	};
	size_t i;

	for (i = 0; i < NELEM(folders); i++) {
		if (strncmp(path, folders[i], strlen(folders[i])) == 0)
			return strstr(path, "/..") == NULL;
	}
	return false;
}

unsigned
shell_traits(const struct shell_piece *p)
{
	unsigned traits = 0;
	const char *name;
	size_t i;

	if (p->word_count == 0)
		return 0;
	/* A name that is found out when it runs can be anything. */
	if (p->words[0].flags != 0 || p->words[0].text[0] == '\0')
		return TRAIT_EXACT | TRAIT_CODE;
	name = shell_base(p->words[0].text);
	if (name != p->words[0].text && !is_installed(p->words[0].text))
		traits |= TRAIT_FILE;
	/* the dynamic loader: ld-linux-x86-64.so.2 PROGRAM */
	if (strncmp(name, "ld-", 3) == 0 && strstr(name, ".so") != NULL)
		traits |= TRAIT_EXACT | TRAIT_CODE;
	for (i = 0; i < NELEM(commands); i++) {
		if (is_in(commands[i].list, name, strlen(name)) ||
		    is_in(commands[i].list, name, without_version(name)))
			traits |= commands[i].traits;
	}
	return traits | option_traits(name, p);
}
