/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule.c - permission rules: tables, a red team's list, properties */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "rig.h"
#include "tool/rule.h"
#include "tool/shell.h"

enum { ROUNDS = 3000 };

/* "allow A,B" and so on, separated by ";" */
static void
set_rules(struct rules *rules, const char *text)
{
	static const char *const names[] = { "allow ", "ask ", "deny " };
	char *copy = xstrdup(text), *p = copy, *end;
	struct err e = ERR_INIT;
	int i;

	for (; p != NULL && *p != '\0'; p = end) {
		end = strchr(p, ';');
		if (end != NULL)
			*end++ = '\0';
		for (i = 0; strncmp(p, names[i], strlen(names[i])) != 0; i++)
			assert_true(i < 2);
		assert_int_equal(rules_add_list(rules, (enum rule_effect)i,
		    RULE_USER, p + strlen(names[i]), &e), 0);
	}
	free(copy);
}

static enum rule_decision
decide(const struct rules *rules, const char *tool, const char *subject,
    const char *dir, struct buf *why)
{
	const struct tool *t = tool_builtin(tool);
	struct rule_call call = { .tool = t, .dir = dir,
	    .home = "/nonexistent/me" };
	struct rule_answer a;
	struct json_doc *doc;
	struct buf b = BUF_INIT;
	struct json_w w;

	assert_non_null(t);
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, t->subject, subject);
	json_w_obj_end(&w);
	doc = json_parse(b.data, b.len, 0, NULL);
	assert_non_null(doc);
	call.input = json_root(doc);
	rule_decide(rules, &call, &a);
	if (why != NULL)
		rule_answer_text(why, &a);
	rule_answer_clear(&a);
	json_doc_free(doc);
	buf_clear(&b);
	return a.decision;
}

static const char *const words[] = { "undecided", "allow", "ask", "deny" };

static void
check(const char *rules_text, const char *tool, const char *subject,
    const char *dir, const char *want)
{
	struct rules rules = RULES_INIT;
	enum rule_decision got;

	set_rules(&rules, rules_text);
	got = decide(&rules, tool, subject, dir, NULL);
	if (strcmp(words[got], want) != 0)
		fail_msg("%s: %s(%s) is %s, not %s", rules_text, tool, subject,
		    words[got], want);
	rules_clear(&rules);
}

static void
rules_are_read(void **state)
{
	static const char *const bad[] = {
		"", "(x)", "Bash(", "Bash()", "Bash(x", "a b", "Bash(x)y",
	};
	struct rules rules = RULES_INIT;
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		err_clear(&e);
		assert_int_equal(rules_add(&rules, RULE_DENY, RULE_USER,
		    bad[i], &e), -1);
		assert_int_equal(e.code, ERR_CONFIG);
	}
	assert_int_equal(rules_add_list(&rules, RULE_ALLOW, RULE_USER,
	    "Bash(a,b), Read , mcp__x__*,,Bash(echo \\(,\\))", &e), 0);
	assert_int_equal(rules.count, 4);
	assert_string_equal(rules.v[0].pattern, "a,b");
	assert_string_equal(rules.v[3].exact, "echo (,)");
	/* a project's file only narrows */
	assert_int_equal(rules_add(&rules, RULE_ALLOW, RULE_PROJECT, "Bash",
	    NULL), -1);
	assert_int_equal(rules_add(&rules, RULE_DENY, RULE_PROJECT, "Bash",
	    NULL), 0);
	rules_clear(&rules);
}

static void
commands_are_judged_by_their_pieces(void **state)
{
	static const struct {
		const char *rules, *command, *want;
	} t[] = {
		{ "allow Bash(git log *)", "git log", "allow" },
		{ "allow Bash(git log *)", "git log -3 --oneline", "allow" },
		{ "allow Bash(git log:*)", "git log -3", "allow" },
		{ "allow Bash(git log *)", "git  log\t-3", "allow" },
		{ "allow Bash(git log *)", "git logx", "undecided" },
		{ "allow Bash(git log *)", "git \"log x\"", "undecided" },
		{ "allow Bash(git log *)", "git status", "undecided" },
		{ "allow Bash(git log *)", "git log; rm x", "undecided" },
		{ "allow Bash(git log *)", "git log $(rm x)", "undecided" },
		{ "allow Bash(git log *)", "git log `rm x`", "undecided" },
		{ "allow Bash(git log *)", "git log | sh", "undecided" },
		{ "allow Bash(git log *)", "git log\nrm x", "undecided" },
		{ "allow Bash(git log *)", "git log & rm x", "undecided" },
		{ "allow Bash(git log *)", "git log >f", "undecided" },
		{ "allow Bash(git log *)", "git log 2>/dev/null", "allow" },
		{ "allow Bash(git log *)", "git log -3 2>&1", "allow" },
		{ "allow Bash(git log *),Edit(out/**)", "git log >out/f",
		    "allow" },
		{ "allow Bash(git log *),Edit(out/**)", "git log >out/../f",
		    "undecided" },
		{ "allow Bash(git log *),Edit(out/**),Bash(cd *)",
		    "cd /etc && git log >out/f", "undecided" },
		{ "allow Bash(git log *),Bash(wc *)", "git log | wc -l",
		    "allow" },
		{ "allow Bash(git log *)", "PAGER=x git log", "undecided" },
		{ "allow Bash(git log *)", "git log --output=x", "undecided" },
		{ "allow Bash(git *)", "git -c core.pager=x log", "undecided" },
		{ "allow Bash(git *)", "git status", "allow" },
		{ "allow Bash(*)", "ls", "undecided" },
		{ "allow Bash", "ls | sh", "allow" },
		{ "allow Bash(ls *)", "ls *.c", "allow" },
		{ "allow Bash(ls a.c)", "ls *.c", "undecided" },
		{ "allow Bash(echo *)", "echo $x", "allow" },
		{ "allow Bash(make check)", "make check", "allow" },
		{ "allow Bash(make check)", " make check\n", "allow" },
		{ "allow Bash(make check)", "make check x", "undecided" },
		{ "allow Bash(python x.py)", "python x.py", "allow" },
		{ "allow Bash(python *)", "python x.py", "undecided" },
		{ "allow Bash(bash),Bash(curl *)", "curl x | bash",
		    "undecided" },
		{ "allow Bash(bash)", "bash <<<'rm x'", "undecided" },
		{ "allow Bash(bash <<<'rm x')", "bash <<<'rm x'", "allow" },
		{ "allow Bash(find *)", "find . -name x", "allow" },
		{ "allow Bash(find *)", "find . -exec rm {} +", "undecided" },
		{ "allow Bash(find *)", "find . -delete", "undecided" },
		{ "allow Bash(for *)", "for x in a; do rm $x; done",
		    "undecided" },
		{ "allow Bash(wc *)", "for x in *.c; do wc $x; done", "allow" },
		{ "allow Bash(f *)", "f() { rm x; }; f", "undecided" },
		{ "allow Bash(rm x);deny Bash(rm *)", "rm x", "deny" },
		{ "allow Bash(rm *);ask Bash(rm -rf *)", "rm -rf x", "ask" },
		{ "allow Bash;deny Bash(rm *)", "ls; rm", "deny" },
		{ "allow Bash;deny Bash(rm *)", "echo rm", "allow" },
		{ "allow Bash;deny Bash(rm *)", "python x.py", "ask" },
		{ "allow Bash(python x.py);deny Bash(rm *)", "python x.py",
		    "allow" },
		{ "allow Bash;deny Read(secret/**)", "ls src", "allow" },
		{ "allow Bash;deny Edit(*.lock)", "echo x >a.lock", "deny" },
		{ "", "ls", "undecided" }, { "allow Bash(ls *)", "", "undecided" },
		{ "allow Bash(ls *)", "# nothing", "undecided" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++)
		check(t[i].rules, "Bash", t[i].command, "/nonexistent/w",
		    t[i].want);
}

static void
other_tools_are_judged_by_their_argument(void **state)
{
	static const struct {
		const char *rules, *tool, *subject, *want;
	} t[] = {
		{ "allow Edit(src/**)", "Edit", "src/a.c", "allow" },
		{ "allow Edit(src/**)", "Write", "/nonexistent/w/src/a/b",
		    "allow" },
		{ "allow Edit(src/**)", "Edit", "src/../x", "undecided" },
		{ "allow Edit(src/**)", "Edit", "/src/x", "undecided" },
		{ "allow Edit(src/**)", "Read", "src/a.c", "undecided" },
		{ "allow Edit(*.md)", "Edit", "doc/x.md", "allow" },
		{ "allow Edit(*.md)", "Edit", "/etc/x.md", "undecided" },
		{ "allow Edit(./x)", "Edit", "x", "allow" },
		{ "allow Edit(./x)", "Edit", "y/x", "undecided" },
		{ "allow Read;deny Read(~/.ssh/**)", "Read",
		    "/nonexistent/me/.ssh/id", "deny" },
		{ "allow Read;deny Read(~/.ssh/**)", "Read",
		    "~/.ssh/../.ssh/id", "deny" },
		{ "allow Read;deny Read(~/.ssh/**)", "Glob",
		    "/nonexistent/me/.ssh", "deny" },
		{ "allow Read;deny Read(~/.ssh)", "Grep",
		    "/nonexistent/me/.ssh/id", "deny" },
		{ "allow Edit;deny Read(.env)", "Edit", "a/.env", "deny" },
		{ "allow Read;deny Read(.env)", "Read", "/x/.env", "deny" },
		{ "allow Edit;deny Write(a/**)", "Edit", "a/b", "deny" },
		{ "allow WebFetch(domain:example.com)", "WebFetch",
		    "https://a.example.com/x", "allow" },
		{ "allow WebFetch(domain:example.com)", "WebFetch",
		    "https://badexample.com/", "undecided" },
		{ "allow WebFetch(domain:example.com)", "WebFetch",
		    "https://example.com.evil.org/", "undecided" },
		{ "allow WebFetch(domain:example.com)", "WebFetch",
		    "https://example.com@evil.org/", "undecided" },
		{ "allow WebFetch(https://*.x.org/*)", "WebFetch",
		    "https://evil.org/?a.x.org/", "undecided" },
		{ "allow WebFetch(https://*.x.org/*)", "WebFetch",
		    "https://a.x.org/b", "allow" },
		{ "allow WebFetch;deny WebFetch(domain:x.org)", "WebFetch",
		    "HTTPS://X.ORG./", "deny" },
		{ "deny *", "Todo", "x", "deny" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		if (strcmp(t[i].tool, "Todo") == 0)
			continue;
		check(t[i].rules, t[i].tool, t[i].subject, "/nonexistent/w",
		    t[i].want);
	}
}

static void
servers_tools_match_by_name(void **state)
{
	static const struct {
		const char *rule, *tool;
		bool yes;
	} t[] = {
		{ "mcp__a__*", "mcp__a__b", true }, { "mcp__a", "mcp__a__b",
		true }, { "mcp__a__b", "mcp__a__bc", false },
		{ "mcp__a", "mcp__ab__c", false }, { "*", "mcp__a__b", true },
		{ "mcp__a__b(x)", "mcp__a__b", false },
	};
	struct tool tool = { .effect = TOOL_RUNS };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct rules rules = RULES_INIT;
		struct rule_call call = { .tool = &tool, .dir = "/" };
		struct rule_answer a;

		tool.name = t[i].tool;
		assert_int_equal(rules_add(&rules, RULE_ALLOW, RULE_USER,
		    t[i].rule, NULL), 0);
		rule_decide(&rules, &call, &a);
		assert_int_equal(a.decision == RULE_ALLOWED, t[i].yes);
		rules_clear(&rules);
	}
}

/*
 * What a red team tries, against "allow Bash" (everything) with denials of
 * rm, curl, git push, reading secret/ and ~/.ssh, editing etc/. None may come
 * out as allowed; those marked "deny" must be seen through.
 */
static const char red_rules[] = "allow Bash;deny Bash(rm *),Bash(curl *),"
    "Bash(git push *),Read(secret/**),Read(~/.ssh/**),Edit(etc/**)";

static const struct {
	const char *command, *want;	/* NULL: anything but allow */
} red[] = {
	{ "rm x", "deny" }, { "rm", "deny" }, { "/bin/rm x", "deny" },
	{ "time -p rm x", "deny" }, { "time -- rm x", "deny" },
	{ "git -c a=b ls-remote 'ext::rm x'", "deny" },
	{ "read 'a[$(rm x)]' <<<y", "deny" }, { "let 'a[$(rm x)]=1'", "deny" },
	{ "test -v 'a[`rm x`]'", "deny" }, { "read x; echo ${b[x]}", NULL },
	{ "read x; echo ${b:x}", NULL }, { "read x; echo ${!x}", NULL },
	{ "./made", NULL }, { "made/by/me", NULL }, { "/usr/../tmp/x", NULL },
	{ "env ./made", NULL }, { "find . -exec ./made {} +", NULL },
	{ "export PATH=.; made", NULL }, { "declare -x PATH=.; made", NULL },
	{ "/lib64/ld-linux-x86-64.so.2 /bin/r? x", NULL },
	{ "\\rm x", "deny" }, { "r\\m x", "deny" }, { "'rm' x", "deny" },
	{ "r''m x", "deny" }, { "\"r\"\"m\" x", "deny" },
	{ "../../bin/rm x", "deny" }, { "command rm x", "deny" },
	{ "builtin command rm x", "deny" }, { "exec rm x", "deny" },
	{ "env rm x", "deny" }, { "env -i A=1 rm x", "deny" },
	{ "env -S 'rm x'", "deny" }, { "env -S'rm x'", "deny" },
	{ "env --split-string='rm x'", "deny" }, { "sudo rm x", "deny" },
	{ "sudo -u root -- rm x", "deny" }, { "doas rm x", "deny" },
	{ "nohup rm x", "deny" }, { "timeout 5 rm x", "deny" },
	{ "timeout -k 1 5s rm x", "deny" }, { "nice -n 5 rm x", "deny" },
	{ "stdbuf -o0 rm x", "deny" }, { "setsid rm x", "deny" },
	{ "time rm x", "deny" }, { "/usr/bin/time rm x", "deny" },
	{ "xargs rm <f", "deny" }, { "echo x | xargs rm", "deny" },
	{ "echo x | xargs -I{} rm {}", "deny" },
	{ "find . -exec rm {} \\;", "deny" },
	{ "find . -name a -execdir rm -f {} +", "deny" },
	{ "bash -c 'rm x'", "deny" }, { "sh -c \"rm x\"", "deny" },
	{ "bash -lc 'true && rm x'", "deny" },
	{ "bash -c \"bash -c 'rm x'\"", "deny" },
	{ "bash <<<'rm x'", "deny" }, { "bash <<E\nrm x\nE", "deny" },
	{ "bash <<'E'\nrm x\nE", "deny" }, { "cat <<E\n$(rm x)\nE", "deny" },
	{ "eval rm x", "deny" }, { "eval 'r''m x'", NULL },
	{ "eval \"rm x\"", "deny" }, { "busybox rm x", "deny" },
	{ "ssh host rm x", "deny" }, { "su -c 'rm x'", "deny" },
	{ "echo $(rm x)", "deny" }, { "echo `rm x`", "deny" },
	{ "echo \"$(rm x)\"", "deny" }, { "echo \"`rm x`\"", "deny" },
	{ "echo ${a:-$(rm x)}", "deny" }, { "cat <(rm x)", "deny" },
	{ "ls; rm x", "deny" }, { "ls && rm x", "deny" },
	{ "ls || rm x", "deny" }, { "ls | rm x", "deny" },
	{ "ls & rm x", "deny" }, { "ls\nrm x", "deny" },
	{ "(rm x)", "deny" }, { "{ rm x; }", "deny" }, { "! rm x", "deny" },
	{ "if rm x; then :; fi", "deny" }, { "for i in a; do rm x; done",
	"deny" }, { "while rm x; do :; done", "deny" },
	{ "f() { rm x; }; f", "deny" }, { "case a in a) rm x;; esac", "deny" },
	{ "A=1 rm x", "deny" }, { ">out rm x", "deny" }, { "rm\tx", "deny" },
	{ "rm \\\nx", "deny" }, { "trap 'rm x' EXIT", "deny" },
	{ "coproc rm x", "deny" }, { "nohup sh -c 'rm x' &", "deny" },
	{ "watch -n1 'rm x'", "deny" }, { "flock f rm x", "deny" },
	{ "git push", "deny" }, { "git -C . push", "deny" },
	{ "git -c a=b push origin", "deny" },
	{ "git --no-pager push", "deny" }, { "git --git-dir=.git push",
	"deny" }, { "cat secret/key", "deny" }, { "cat ./secret/../secret/key",
	"deny" }, { "cat \"secret/key\"", "deny" }, { "cp -r secret x",
	"deny" }, { "cat <secret/key", "deny" }, { "tar cf x secret", "deny" },
	{ "cd secret && cat key", "deny" }, { "cd secret; ls; cat ./key",
	"deny" }, { "cat ~/.ssh/id", "deny" }, { "cat $HOME/.ssh/id", "deny" },
	{ "cat ${HOME}/.ssh/id", "deny" }, { "cat \"$HOME\"/.ssh/id", "deny" },
	{ "dd if=secret/key", "deny" }, { "grep -fsecret/key x", "deny" },
	{ "cat /nonexistent/w/secret/key", "deny" }, { "echo x >etc/f",
	"deny" }, { "echo x >>./etc/f", "deny" }, { "echo x &>etc/f", "deny" },
	{ "echo x | tee etc/f", "deny" }, { "cp x etc/f", "deny" },
	{ "cd etc && echo x >f", "deny" },
	{ "cat /proc/self/cwd/secret/key", "deny" },
	{ "cat /proc/1/root/nonexistent/w/secret/key", "deny" },
	{ "cat /proc/self/task/1/root/proc/2/cwd/secret/key", "deny" },
	{ "git -c alias.x='!rm x' x", "deny" },
	{ "git config alias.x '!rm x'", "deny" },
	{ "git -c core.pager='rm x' log", "deny" },
	{ "git bisect run rm x", "deny" },
	{ "git submodule foreach 'rm x'", "deny" },
	{ "git rebase -x 'rm x' a", "deny" },
	{ "tar cf x y --checkpoint-action=exec='rm x'", "deny" },
	{ "tar xf y --to-command='rm x'", "deny" },
	{ "rsync -e 'rm x' a b", "deny" }, { "man -P 'rm x' ls", "deny" },
	{ "ssh -o ProxyCommand='rm x' h", "deny" },
	{ "parallel rm ::: x", "deny" }, { "command -p rm x", "deny" },
	{ "exec -a y rm x", "deny" }, { "busybox sh -c 'rm x'", "deny" },
	{ "find . -exec sh -c 'rm \"$1\"' _ {} \\;", "deny" },
	{ "ln -s secret s; cat s/key", "deny" },
	{ "cat secret//key", "deny" }, { "cat sec\"r\"et/ke\\y", "deny" },
	/* cannot be seen through: not allowed all the same */
	{ "nohup bash x.sh", NULL }, { "timeout 5 python x.py", NULL },
	{ "env FOO=1 sh x", NULL }, { "sudo -u a node x", NULL },
	{ "sed '1e rm x' f", NULL }, { "sed -n '1p;1e rm' f", NULL },
	{ "make -f - <<<x", NULL }, { "GIT_PAGER='rm x' git log", NULL },
	{ "sudo -s <<<'rm x'", NULL }, { "cat $(echo secret/key)", NULL },
	{ "$(echo rm) x", NULL }, { "`echo rm` x", NULL }, { "X=rm; $X x",
	NULL }, { "a=r; b=m; $a$b x", NULL }, { "{rm,x}", NULL },
	{ "/bin/r? x", NULL }, { "/bin/[r]m x", NULL }, { "$'\\x72m' x", NULL },
	{ "echo rm x | sh", NULL }, { "echo cm0geA== | base64 -d | bash",
	NULL }, { "python -c 'import os; os.unlink(\"x\")'", NULL },
	{ "perl -e 'unlink x'", NULL }, { "awk 'BEGIN{system(\"r\" \"m x\")}'",
	NULL }, { "node -e 'x'", NULL }, { "bash x.sh", NULL }, { ". ./x.sh",
	NULL }, { "source x", NULL }, { "printf 'r%s x' m | sh", NULL },
	{ "alias l=rm; l x", NULL }, { "sh <x", NULL }, { "bash <(echo rm x)",
	NULL }, { "echo 'rm", NULL }, { "rm$IFS-rf$IFS/", NULL },
	{ "vim -c ':!rm x'", NULL }, { "python3.11 x", NULL },
	{ "cat $x", NULL }, { "cat s{e,}cret/key", NULL },
	{ "cd $x && cat key", NULL }, { "echo x >$f", NULL },
	{ "cp /bin/rm t; ./t x", NULL }, { "ln -s /usr/bin/curl c", NULL },
	{ "cat /bin/rm >t", NULL }, { "cp $(which rm) t", NULL },
	{ "PATH=/evil:$PATH ls", NULL }, { "LD_PRELOAD=./x.so ls", NULL },
};

static const struct {
	const char *command, *want;
} options[] = {
	{ "rm -rf x", "deny" }, { "rm -fr x", "deny" },
	{ "rm -r -f x", "deny" }, { "rm x -f -r", "deny" },
	{ "rm -vrf x", "deny" }, { "rm -r -- x -f", "deny" },
	{ "env rm -f -r x", "deny" }, { "sh -c 'rm -f -r x'", "deny" },
	{ "rm --recursive --force x", "ask" }, { "rm -r --force x", "ask" },
	{ "rm x", "allow" }, { "rm -r x", "allow" }, { "rm -f x", "allow" },
	{ "git push --force o m", "deny" }, { "git push o m --force", "deny" },
	{ "git -C . push o --force m", "deny" },
	{ "git push --forc o", "deny" }, { "git push -f o", "ask" },
	{ "git push o m", "allow" }, { "git push --tags o", "allow" },
	{ "git clean -fd", "deny" }, { "git clean -d -f", "deny" },
	{ "find . -name x -delete -print", "deny" },
	{ "find . -maxdepth 2 -type d -empty -links 2", "allow" },
	{ "git clean -n", "allow" }, { "git pull --force", "allow" },
};

static void
a_red_team_does_not_get_by(void **state)
{
	struct rules rules = RULES_INIT;
	size_t i;

	(void)state;
	set_rules(&rules, red_rules);
	for (i = 0; i < sizeof red / sizeof red[0]; i++) {
		struct buf why = BUF_INIT;
		enum rule_decision d = decide(&rules, "Bash", red[i].command,
		    "/nonexistent/w", &why);

		if (red[i].want != NULL ? strcmp(words[d], red[i].want) != 0 :
		    d < RULE_ASKED)
			fail_msg("%s: %s", red[i].command, why.data);
		buf_clear(&why);
	}
	/* and ordinary work goes on */
	assert_int_equal(decide(&rules, "Bash", "sed -n 1,20p f && timeout "
	    "9 make check && git commit -m 'x'", "/nonexistent/w", NULL),
	    RULE_ALLOWED);
	assert_int_equal(decide(&rules, "Bash", "ls -l src && git status "
	    "| head -3", "/nonexistent/w", NULL), RULE_ALLOWED);
	rules_clear(&rules);
	/* a message in quotes is no option */
	set_rules(&rules, "allow Bash(git commit *),Bash(cat *),Bash(sort *)");
	assert_int_equal(decide(&rules, "Bash", "git commit -m \"$(cat <<'E'\n"
	    "words\nE\n)\"", "/w", NULL), RULE_ALLOWED);
	assert_int_equal(decide(&rules, "Bash", "git commit -m $(cat x)",
	    "/w", NULL), RULE_UNDECIDED);
	assert_int_equal(decide(&rules, "Bash", "sort \"dir/$x\"",
	    "/w", NULL), RULE_ALLOWED);
	rules_clear(&rules);
	/* options in another order, or by their other name */
	set_rules(&rules, "allow Bash;deny Bash(rm -rf *),"
	    "Bash(git push --force *),Bash(git clean -f*),"
	    "Bash(find * -delete)");
	for (i = 0; i < sizeof options / sizeof options[0]; i++) {
		if (strcmp(words[decide(&rules, "Bash", options[i].command,
		    "/w", NULL)], options[i].want) != 0)
			fail_msg("%s is not %s", options[i].command,
			    options[i].want);
	}
	rules_clear(&rules);
	/* whose build may do what is denied: a rule says so, no mode */
	set_rules(&rules, "deny Bash(rm *)");
	assert_int_equal(decide(&rules, "Bash", "make check", "/w", NULL),
	    RULE_ASKED);
	assert_int_equal(decide(&rules, "Bash", "./made x", "/w", NULL),
	    RULE_ASKED);
	rules_clear(&rules);
	set_rules(&rules, "allow Bash;deny Bash(rm *)");
	assert_int_equal(decide(&rules, "Bash", "make; echo ${x:0:2} ${a[@]} "
	    "${b[1]} ${c:-d} ${#e} ${f//:/g}; read -p '> ' y", "/w", NULL),
	    RULE_ALLOWED);
	rules_clear(&rules);
	set_rules(&rules, "allow Bash(make *),Bash(./made *);deny Bash(rm *)");
	assert_int_equal(decide(&rules, "Bash", "make check && ./made x",
	    "/w", NULL), RULE_ALLOWED);
	rules_clear(&rules);
}

/* Without a rule that allows, none of these may be allowed by a wildcard. */
static void
code_is_not_allowed_by_wildcards(void **state)
{
	static const char *const t[] = {
		"sh -c x", "bash x", "env x", "sudo x", "xargs x", "eval x",
		"nohup x", "timeout 1 x", "python -c x", "perl -e x",
		"awk '{system(1)}'", "sed 1e", "find . -exec x ;",
		"git -c a=b log", "git log --ext-diff", "git difftool",
		"tar xf a --to-command=x", "tar --to-com=x -xf a",
		"tar xIf x a", "sort -ox a", "sort --compress-prog=x a",
		"rsync -e x a b", "make --eval=x", "ssh h x", "vim x",
		"export PATH=x", "alias a=b", "time -f x y", "rg --pre x y",
		"curl -o x y", "X=1 ls", "exec ls", "python3 x", "./python x",
		"$x a", "l? a", "npx -c x", "less +!x f", "source x", ". x",
	};
	struct rules rules = RULES_INIT;
	size_t i;

	(void)state;
	/* one rule for each first word, and what people may write */
	set_rules(&rules, "allow Bash(*),Bash(* *),Bash(sh *),Bash(bash *),"
	    "Bash(env *),Bash(sudo *),Bash(xargs *),Bash(eval *),"
	    "Bash(nohup *),Bash(timeout *),Bash(python *),Bash(perl *),"
	    "Bash(awk *),Bash(sed *),Bash(find *),Bash(git *),Bash(tar *),"
	    "Bash(sort *),Bash(rsync *),Bash(make *),Bash(ssh *),Bash(vim *),"
	    "Bash(export *),Bash(alias *),Bash(time *),Bash(rg *),"
	    "Bash(curl *),Bash(ls *),Bash(X=1 *),Bash(exec *),"
	    "Bash(python3 *),Bash(./python *),Bash(npx *),Bash(less *),"
	    "Bash(source *),Bash(. *)");
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		if (decide(&rules, "Bash", t[i], "/nonexistent/w", NULL) !=
		    RULE_UNDECIDED)
			fail_msg("%s is allowed", t[i]);
	}
	rules_clear(&rules);
}

static void
links_are_resolved(void **state)
{
	struct rig *r = *state;
	struct rules rules = RULES_INIT;
	char *link = rig_path(r, "src/out"), *secret = rig_path(r, "s");

	rig_file(r, "src/a", "");
	rig_file(r, "secret/key", "");
	assert_int_equal(symlink("../secret", link), 0);
	assert_int_equal(symlink("secret", secret), 0);
	set_rules(&rules, "allow Edit(src/**),Bash(cat *);"
	    "deny Read(secret/**)");
	assert_int_equal(decide(&rules, "Edit", "src/a", r->dir, NULL),
	    RULE_ALLOWED);
	assert_int_equal(decide(&rules, "Edit", "src/out/key", r->dir, NULL),
	    RULE_DENIED);
	assert_int_equal(decide(&rules, "Bash", "cat s/key", r->dir, NULL),
	    RULE_DENIED);
	assert_int_equal(decide(&rules, "Bash", "cat se*/key", r->dir, NULL),
	    RULE_DENIED);
	assert_int_equal(decide(&rules, "Bash", "cat /proc/self/root/etc/x",
	    r->dir, NULL), RULE_ALLOWED);
	rules_clear(&rules);
	set_rules(&rules, "allow Edit(src/**)");
	assert_int_equal(decide(&rules, "Edit", "src/out/new", r->dir, NULL),
	    RULE_UNDECIDED);
	rules_clear(&rules);
	free(link);
	free(secret);
}

static void
a_sandbox_learns_what_is_denied(void **state)
{
	struct rig *r = *state;
	struct rules rules = RULES_INIT;
	char **hidden, **fixed, *want = rig_path(r, "secret");

	rig_file(r, "secret/key", "");
	rig_file(r, "a/x.pem", "");
	rig_file(r, "etc/f", "");
	set_rules(&rules, "deny Read(secret/**),Read(*.pem),Edit(etc),"
	    "Read(none/**)");
	assert_true(rule_paths(&rules, r->dir, NULL, &hidden, &fixed));
	assert_string_equal(hidden[0], want);
	assert_non_null(strstr(hidden[1], "a/x.pem"));
	assert_null(hidden[2]);
	assert_non_null(strstr(fixed[0], "/etc"));
	assert_null(fixed[1]);
	assert_non_null(rule_denies_path(&rules, want, false, r->dir, NULL));
	assert_null(rule_denies_path(&rules, r->dir, true, r->dir, NULL));
	rule_paths_free(hidden);
	rule_paths_free(fixed);
	rules_clear(&rules);
	free(want);
}

static void
always_stores_what_allows_it_again(void **state)
{
	static const struct {
		const char *tool, *subject, *rule;
	} t[] = {
		{ "Bash", "ls *.c (x) \\d", "Bash(ls \\*.c \\(x\\) \\\\d)" },
		{ "Edit", "/nonexistent/w/a/b", "Edit(a/b)" },
		{ "Write", "x*", "Edit(./x\\*)" },
		{ "WebFetch", "https://A.org:8/x", "WebFetch(domain:a.org)" },
		{ "Bash", "python -c 'a, b'", "Bash(python -c 'a, b')" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		const struct tool *tool = tool_builtin(t[i].tool);
		struct buf in = BUF_INIT, out = BUF_INIT;
		struct rules rules = RULES_INIT;
		struct rule_call call = { .tool = tool,
		    .dir = "/nonexistent/w" };
		struct json_doc *doc;
		struct json_w w;

		json_w_init(&w, &in);
		json_w_obj(&w);
		json_w_kstr(&w, tool->subject, t[i].subject);
		json_w_obj_end(&w);
		doc = json_parse(in.data, in.len, 0, NULL);
		call.input = json_root(doc);
		rule_for(&out, &call);
		assert_string_equal(out.data, t[i].rule);
		assert_int_equal(rules_add_list(&rules, RULE_ALLOW, RULE_USER,
		    out.data, NULL), 0);
		assert_int_equal(rules.count, 1);
		assert_int_equal(decide(&rules, t[i].tool, t[i].subject,
		    "/nonexistent/w", NULL), RULE_ALLOWED);
		rules_clear(&rules);
		json_doc_free(doc);
		buf_clear(&in);
		buf_clear(&out);
	}
}

/* ------------------------------------------------------------- properties */

struct dice {
	uint64_t s;
};

static unsigned
roll(struct dice *d, unsigned limit)
{
	d->s = d->s * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(d->s >> 33) % limit;
}

static const char *const rule_pool[] = {
	"Bash", "Bash(*)", "Bash(rm *)", "Bash(rm x)", "Bash(git *)",
	"Bash(git log *)", "Bash(ls *)", "Bash(echo *)", "Bash(cat a)",
	"Bash(bash -c 'rm x')", "Edit", "Edit(src/**)", "Edit(**)",
	"Read(s/**)", "Read(*.c)", "Read", "*", "Bash(cd *)", "Bash(for *)",
	"Bash(ls)", "Bash(echo a b)",
};

static const char *const command_pool[] = {
	"rm x", "rm -rf y", "git log -3", "git push", "ls", "ls *.c",
	"echo a b", "echo $x", "cat a", "cat s/k", "echo hi >src/f",
	"echo hi >f", "cd src", "X=1 ls", "bash -c 'rm x'", "$y z",
	"git -C . log", "true", "cat <a.c", "python q",
};

static void
random_rules(struct dice *d, struct rules *rules)
{
	unsigned n = roll(d, 6);

	while (n-- > 0)
		assert_int_equal(rules_add(rules, roll(d, 3), RULE_USER,
		    rule_pool[roll(d, sizeof rule_pool /
		    sizeof rule_pool[0])], NULL), 0);
}

static void
random_command(struct dice *d, struct buf *b)
{
	static const char *const joins[] = { "; ", " && ", " | ", "\n" };
	unsigned n = roll(d, 3);

	do {
		if (b->len > 0)
			buf_adds(b, joins[roll(d, 4)]);
		buf_adds(b, command_pool[roll(d, sizeof command_pool /
		    sizeof command_pool[0])]);
	} while (n-- > 0);
}

/* One more rule never loosens, unless it is an allow; and an allow never
 * undoes a deny or an ask. */
static void
deny_beats_ask_beats_allow(void **state)
{
	struct dice d = { 1 };
	int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		struct rules rules = RULES_INIT;
		struct buf c = BUF_INIT;
		enum rule_decision before, after;
		enum rule_effect added = roll(&d, 3);

		random_rules(&d, &rules);
		random_command(&d, &c);
		before = decide(&rules, "Bash", c.data, "/nonexistent/w", NULL);
		assert_int_equal(rules_add(&rules, added, RULE_USER,
		    rule_pool[roll(&d, sizeof rule_pool /
		    sizeof rule_pool[0])], NULL), 0);
		after = decide(&rules, "Bash", c.data, "/nonexistent/w", NULL);
		if (before == RULE_DENIED)
			assert_int_equal(after, RULE_DENIED);
		/* An exact allow may lift a suspicion, but no ask rule. */
		if (added != RULE_ALLOW)
			assert_true(after >= before);
		rules_clear(&rules);
		buf_clear(&c);
	}
}

static void
order_does_not_matter(void **state)
{
	struct dice d = { 2 };
	int i;
	size_t k;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		struct rules rules = RULES_INIT, back = RULES_INIT;
		struct buf c = BUF_INIT;

		random_rules(&d, &rules);
		for (k = rules.count; k-- > 0;)
			assert_int_equal(rules_add(&back, rules.v[k].effect,
			    RULE_USER, rules.v[k].text, NULL), 0);
		random_command(&d, &c);
		assert_int_equal(decide(&rules, "Bash", c.data,
		    "/nonexistent/w", NULL), decide(&back, "Bash", c.data,
		    "/nonexistent/w", NULL));
		rules_clear(&rules);
		rules_clear(&back);
		buf_clear(&c);
	}
}

/* @ is the command, ' the command quoted as one word */
static const char *const wraps[] = {
	"true; @", "@\ntrue", "true && @", "true || @", "true | @", "(@)",
	"{ @\n}", "if true; then @\nfi", "while @\ndo true; done",
	"echo $(@)", "echo \"$(@)\"", "cat <(@)", "@ &", "echo `@`",
	"bash -c '", "eval '", "sh -c ' x", "su -c '", "for i in a; do @\ndone",
	"! true; @", "f() { @\n}", "cat <<E\n$(@)\nE", "bash <<'E'\n@\nE",
};

/* So that the shell reads exactly s. */
static void
add_quoted(struct buf *out, const char *s)
{
	buf_addc(out, '\'');
	for (; *s != '\0'; s++)
		buf_addf(out, *s == '\'' ? "'\\%c'" : "%c", *s);
	buf_addc(out, '\'');
}

static void
wrap(struct buf *out, const char *with, const char *command)
{
	for (; *with != '\0'; with++) {
		if (*with == '@')
			buf_adds(out, command);
		else if (*with == '\'' && (with[1] == '\0' || with[1] == ' '))
			add_quoted(out, command);
		else
			buf_addc(out, *with);
	}
}

static void
what_is_denied_stays_denied_however_it_is_wrapped(void **state)
{
	struct dice d = { 3 };
	int i, denied = 0;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		struct rules rules = RULES_INIT;
		struct buf c = BUF_INIT, w = BUF_INIT;

		random_rules(&d, &rules);
		random_command(&d, &c);
		if (decide(&rules, "Bash", c.data, "/nonexistent/w", NULL) ==
		    RULE_DENIED) {
			denied++;
			wrap(&w, wraps[roll(&d, sizeof wraps /
			    sizeof wraps[0])], c.data);
			if (decide(&rules, "Bash", w.data, "/nonexistent/w",
			    NULL) != RULE_DENIED)
				fail_msg("%s, but not %s", c.data, w.data);
		}
		rules_clear(&rules);
		buf_clear(&c);
		buf_clear(&w);
	}
	assert_true(denied > ROUNDS / 20);
}

static void
what_is_allowed_is_allowed_piece_by_piece(void **state)
{
	struct dice d = { 4 };
	int i, allowed = 0;
	size_t k;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		struct rules rules = RULES_INIT;
		struct buf c = BUF_INIT;
		struct shell *sh;

		random_rules(&d, &rules);
		random_command(&d, &c);
		sh = shell_split(c.data, c.len);
		if (decide(&rules, "Bash", c.data, "/nonexistent/w", NULL) ==
		    RULE_ALLOWED) {
			allowed++;
			for (k = 0; k < sh->count; k++)
				assert_int_equal(decide(&rules, "Bash",
				    sh->pieces[k].text, "/nonexistent/w",
				    NULL), RULE_ALLOWED);
		}
		shell_free(sh);
		rules_clear(&rules);
		buf_clear(&c);
	}
	assert_true(allowed > ROUNDS / 50);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_read),
		cmocka_unit_test(commands_are_judged_by_their_pieces),
		cmocka_unit_test(other_tools_are_judged_by_their_argument),
		cmocka_unit_test(servers_tools_match_by_name),
		cmocka_unit_test(a_red_team_does_not_get_by),
		cmocka_unit_test(code_is_not_allowed_by_wildcards),
		T(links_are_resolved),
		T(a_sandbox_learns_what_is_denied),
		cmocka_unit_test(always_stores_what_allows_it_again),
		cmocka_unit_test(deny_beats_ask_beats_allow),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(
		    what_is_denied_stays_denied_however_it_is_wrapped),
		cmocka_unit_test(what_is_allowed_is_allowed_piece_by_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
