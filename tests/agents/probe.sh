#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# probe.sh - an agent that writes down what it is told and does as it is told
#
# The last text of the turn is a command of the case below. $PROBE_DIR holds
# told (each line it read), pids and, for "wait", the file go.

dir=${PROBE_DIR:?}
echo $$ >>"$dir/pids"

say()
{
	printf '{"type":"text-start","id":"t"}\n'
	printf '{"type":"text-delta","id":"t","delta":"%s"}\n' "$1"
	printf '{"type":"text-end","id":"t"}\n'
}
over()
{
	printf '{"type":"turn-complete","turn":%d}\n' "$turns"
}
begin_text()
{
	printf '{"type":"start","messageId":"mine","messageMetadata":{"a":1}}\n'
	printf '{"type":"start-step"}\n{"type":"text-start","id":"t"}\n'
	printf '{"type":"text-delta","id":"t","delta":"%s"}\n' "$1"
}
await()
{
	until [ -e "$1" ]; do sleep 0.05; done
}

turns=0
while IFS= read -r line; do
	printf '%s\n' "$line" >>"$dir/told"
	case $line in
	'{"type":"turn",'*) ;;
	*) continue ;;
	esac
	turns=$((turns + 1))
	case $line in
	*'"resumed":true'*'"role":"assistant"'*)
		say "went on"
		over
		continue ;;
	*'"approvals":[{'*)
		echo run >>"$dir/ran"
		while [ -e "$dir/hold" ]; do sleep 0.05; done
		case $line in
		*'"approvals":[{'*'"approved":true'*)
			printf '{"type":"tool-output-available",'
			printf '"toolCallId":"c1","output":"rain"}\n' ;;
		esac
		say "answered"
		over
		continue ;;
	esac
	case $(printf '%s\n' "$line" | sed 's/.*"text":"\([^"]*\)".*/\1/') in
	say*)	say "turn $turns"; over ;;
	bare)	begin_text whole
		printf '{"type":"text-end","id":"t"}\n{"type":"finish-step"}\n'
		printf '{"type":"finish","finishReason":"length"}\n' ;;
	open)	begin_text open; over ;;
	back)	begin_text first
		printf '{"type":"reset-step"}\n'
		say second
		over ;;
	mute)	begin_text half
		exec >&-
		while :; do sleep 1; done ;;
	shut)	say "turn $turns"
		over
		exec >&-
		while :; do sleep 1; done ;;
	usage)	begin_text counted
		printf '{"type":"message-metadata","messageMetadata":'
		printf '{"usage":{"inputTokens":1,"outputTokens":1}}}\n'
		printf '{"type":"text-end","id":"t"}\n{"type":"finish-step"}\n'
		printf '{"type":"finish","messageMetadata":{"usage":'
		printf '{"inputTokens":70,"outputTokens":30,"totalTokens":100,'
		printf '"inputTokenDetails":{"cacheReadTokens":20},'
		printf '"outputTokenDetails":{"reasoningTokens":5}},'
		printf '"cost":0.5}}\n'
		over ;;
	greedy)	begin_text x; printf '{"type":"finish-step"}\n'
		printf '{"type":"message-metadata","messageMetadata":'
		printf '{"usage":{"inputTokens":70,"outputTokens":30}}}\n'
		printf '{"type":"start-step"}\n'
		over ;;
	steps)	begin_text x; printf '{"type":"finish-step"}\n'
		printf '{"type":"start-step"}\n' ;;
	twice)	over; over; over ;;
	long)	begin_text x
		# no pipe: a fork may fail on a busy machine
		printf '%1100000s\n' x ;;
	flood)	printf '{"type":"text-start","id":"t"}\n'
		yes '{"type":"text-delta","id":"t","delta":"0123456789012345678901234567890123456789"}' ;;
	junk)	begin_text x; echo 'printed by mistake' ;;
	chunk)	begin_text x; echo '{"type":"text-delta","id":"none","delta":"x"}' ;;
	kind)	echo '{"type":"no-such"}' ;;
	ours)	echo '{"type":"data-chatd-cut","data":{"from":"x"}}' ;;
	error)	echo '{"type":"error","errorText":"no such city"}'; over ;;
	exit)	begin_text half
		echo 'cannot find the city' >&2
		exit 3 ;;
	last)	begin_text last; printf '{"type":"finish"}'; exit 0 ;;
	stop)	begin_text going
		while IFS= read -r line; do
			printf '%s\n' "$line" >>"$dir/told"
			[ "$line" != '{"type":"stop"}' ] || break
		done
		printf '{"type":"text-delta","id":"t","delta":" gone"}\n'
		over ;;
	deaf)	begin_text going
		trap '' TERM
		while :; do sleep 1; done ;;
	wait)	begin_text waits
		await "$dir/go"
		over ;;
	ask)	printf '{"type":"start-step"}\n'
		printf '{"type":"tool-input-available","toolCallId":"c1",'
		printf '"toolName":"weather","input":{"city":"Oslo"}}\n'
		printf '{"type":"tool-approval-request","approvalId":"a1",'
		printf '"toolCallId":"c1"}\n'
		over ;;
	both)	for c in c1 c2; do
			printf '{"type":"tool-input-available",'
			printf '"toolCallId":"%s","toolName":"lift",' "$c"
			printf '"input":{}}\n'
			printf '{"type":"tool-approval-request",'
			printf '"approvalId":"a%s","toolCallId":"%s"}\n' "$c" "$c"
		done
		over ;;
	*)	say "what?"; over ;;
	esac
done
echo bye >>"$dir/left"
