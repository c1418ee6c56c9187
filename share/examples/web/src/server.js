// SPDX-License-Identifier: GPL-3.0-or-later
// server.js - what the page asks of its own server, and keeps in the browser

const SAVED = "chatd-sessions";

export async function ask(what, body = {})
{
	const answer = await fetch(`/api/${what}`, { method: "POST",
		body: JSON.stringify(body) });
	if (!answer.ok)
		throw new Error(await answer.text());
	return answer.json();
}

export function savedSessions()
{
	return JSON.parse(localStorage.getItem(SAVED) ?? "{}");
}

// Calls fn when another tab has brought this chat to rest.
export function onRest(chatId, fn)
{
	const changed = (event) => {
		const session = savedSessions()[chatId];
		if (event.key === SAVED && session && !session.isStreaming)
			fn(session);
	};
	window.addEventListener("storage", changed);
	return () => window.removeEventListener("storage", changed);
}

export function saveSession(chatId, session)
{
	const all = savedSessions();
	if (session)
		all[chatId] = session;
	else
		delete all[chatId];
	localStorage.setItem(SAVED, JSON.stringify(all));
}
