// SPDX-License-Identifier: GPL-3.0-or-later
// main.jsx - which chat, its transcript, then the page

import { createRoot } from "react-dom/client";
import { ask, savedSessions } from "./server.js";
import { ChatPage } from "./chat.jsx";
import "./style.css";

function chatOfAddress()
{
	if (location.hash.length < 2)
		history.replaceState(null, "", `#chat-${crypto.randomUUID()}`);
	return decodeURIComponent(location.hash.slice(1));
}

const chatId = chatOfAddress();
const sessions = savedSessions();
const { baseURL } = await ask("config");
const { messages, cursors } = await ask("transcript", { chatId });

window.addEventListener("hashchange", () => location.reload());
createRoot(document.getElementById("root")).render(
	<ChatPage {...{ chatId, baseURL, messages, cursors, sessions }} />);
