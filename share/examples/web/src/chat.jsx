// SPDX-License-Identifier: GPL-3.0-or-later
// chat.jsx - the page: messages, a line to write in, stop, undo, try again

import { useEffect, useRef, useState } from "react";
import { useChat } from "@ai-sdk/react";
import { useSubAgentMessages, useTriggerChatTransport }
    from "@trigger.dev/sdk/chat/react";
import { lastAssistantMessageIsCompleteWithApprovalResponses } from "ai";
import { Message } from "./message.jsx";
import { ask, onRest, saveSession } from "./server.js";

// While another tab chats, look on; when it is done, take over its cursor.
// (useMultiTabChat would have the tabs tell each other; a short answer can then
// be replaced by an older list.)
function useOtherTabs(transport, chatId, setMessages)
{
	const [isReadOnly, setReadOnly] = useState(false);
	const look = async () => {
		const { messages } = await ask("transcript",
		    { chatId, live: true });
		if (!transport.hasClaim(chatId))
			setMessages(messages);
	};

	useEffect(() => {
		const changed = (id, readOnly) =>
		    id === chatId && setReadOnly(readOnly);
		transport.addReadOnlyListener(changed);
		return () => transport.removeReadOnlyListener(changed);
	}, []);
	useEffect(() => {
		if (!isReadOnly)
			return undefined;
		const timer = setInterval(look, 500);
		return () => clearInterval(timer);
	}, [isReadOnly]);
	useEffect(() => onRest(chatId, (session) => {
		if (transport.hasClaim(chatId))
			return;
		transport.setSession(chatId, session);
		look();
	}), []);
	return isReadOnly;
}

// At rest, look whether somebody else has said something: in a terminal, with
// curl, in another browser. What we send then goes on from there.
function useOthers(transport, chatId, { status, setMessages }, isReadOnly)
{
	const shown = useRef(undefined);
	const resting = status !== "submitted" && status !== "streaming" &&
	    !isReadOnly;

	useEffect(() => {
		let over = !resting;
		const look = async () => {
			const { messages, cursors } = await ask("transcript",
			    { chatId, live: true });
			const text = JSON.stringify(messages);
			if (over || transport.hasClaim(chatId) ||
			    text === shown.current)
				return;
			shown.current = text;
			setMessages(messages);
			const session = transport.getSession(chatId);
			if (session && cursors?.lastOutEventId)
				transport.setSession(chatId, { ...session,
				    lastEventId: cursors.lastOutEventId });
		};
		const timer = resting ? setInterval(look, 1000) : undefined;

		return () => {
			over = true;
			clearInterval(timer);
		};
	}, [resting]);
}

function useChatd({ chatId, baseURL, messages, cursors, sessions })
{
	const subAgents = useSubAgentMessages();
	const transport = useTriggerChatTransport({
		task: "chat", baseURL, sessions, multiTab: true,
		startSession: (params) => ask("start", params),
		accessToken: async (params) => (await ask("token", params)).token,
		onSessionChange: saveSession,
	});
	const chat = useChat({
		id: chatId, transport, messages, resume: true,
		onData: subAgents.onData,
		sendAutomaticallyWhen:
		    lastAssistantMessageIsCompleteWithApprovalResponses,
	});
	const isReadOnly = useOtherTabs(transport, chatId, chat.setMessages);
	useOthers(transport, chatId, chat, isReadOnly);
	useEffect(() => {
		if (cursors?.lastOutEventId && !sessions[chatId])
			transport.seedResumeCursor(chatId,
			    cursors.lastOutEventId);
	}, []);
	return { ...chat, transport, isReadOnly, subAgents };
}

function Trouble({ error, closed, reason, onAgain })
{
	if (closed)
		return <p className="error">This chat is closed
			{reason ? `: ${reason}` : ""}.</p>;
	if (!error)
		return null;
	return (
		<p className="error">{error.message}{" "}
			<button id="again" onClick={onAgain}>Try again</button></p>
	);
}

function Composer({ busy, disabled, why, onSend, onStop })
{
	const [text, setText] = useState("");
	const submit = (event) => {
		event.preventDefault();
		if (text.trim() === "" || busy)
			return;
		onSend(text);
		setText("");
	};

	return (
		<form onSubmit={submit}>
			<textarea rows={2} autoFocus value={text} disabled={disabled}
				placeholder={disabled ? why : "Write a message"}
				onChange={(e) => setText(e.target.value)}
				onKeyDown={(e) => e.key === "Enter" &&
				    !e.shiftKey && submit(e)} />
			{busy ?
				<button type="button" id="stop"
					onClick={onStop}>Stop</button> :
				<button id="send" disabled={disabled}>Send</button>}
		</form>
	);
}

export function ChatPage(props)
{
	const chat = useChatd(props);
	const { chatId } = props;
	const end = useRef(null);
	const busy = chat.status === "submitted" ||
	    chat.status === "streaming";
	const stop = async () => {
		await chat.transport.stopGeneration(chatId);
		await chat.stop();
	};
	const undo = async () => {
		const stream = await chat.transport.sendAction(chatId,
		    { type: "undo" });
		for await (const _ of stream)
			;	/* until it is settled */
		chat.setMessages((await ask("transcript", { chatId })).messages);
	};

	// What has not arrived is sent, what has is answered anew.
	const again = async () => {
		const { messages } = await ask("transcript", { chatId });
		const last = chat.messages.findLast((m) => m.role === "user");

		if (messages.some((m) => m.id === last?.id))
			await chat.regenerate();
		else
			await chat.sendMessage();
	};
	const closed = chat.transport.sessionStatus(chatId) === "closed";

	useEffect(() => {
		end.current?.scrollIntoView({ block: "end" });
	}, [chat.messages, chat.error]);
	return (
		<main data-status={chat.status}>
			<header>
				<h1>chatd</h1>
				<span>{chat.isReadOnly ? "watching" : chat.status}</span>
				<button id="undo" onClick={undo}
					disabled={busy || chat.messages.length === 0}>
					Undo</button>
				<a href={`#chat-${crypto.randomUUID()}`}>New chat</a>
			</header>
			<section>
				{chat.messages.map((m) =>
					<Message key={m.id} message={m}
						subAgents={chat.subAgents}
						onDecision={chat.addToolApprovalResponse} />)}
				{chat.messages.length === 0 && !chat.error &&
					<p className="hint">What is said here is kept: reload
						the page, or open it in a second tab.</p>}
				<Trouble error={chat.error} closed={closed}
					reason={chat.transport.sessionClosedReason(chatId)}
					onAgain={again} />
				<div ref={end} />
			</section>
			<Composer busy={busy} disabled={chat.isReadOnly || closed}
				why={closed ? "Closed" : "Active in another tab"}
				onSend={(text) => chat.sendMessage({ text })}
				onStop={stop} />
		</main>
	);
}
