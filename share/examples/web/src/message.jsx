// SPDX-License-Identifier: GPL-3.0-or-later
// message.jsx - one message, part by part

const pretty = (value) => typeof value === "string" ? value :
    JSON.stringify(value, null, 2);

function Approval({ approval, onDecision })
{
	const decide = (approved) => onDecision({ id: approval.id, approved });

	return (
		<div className="decision">
			<button className="approve" onClick={() => decide(true)}>
				Approve</button>
			<button className="deny" onClick={() => decide(false)}>
				Deny</button>
		</div>
	);
}

// What a sub-agent answers is a message; while it works, so is what it writes.
const isMessage = (value) => value?.role === "assistant" &&
    Array.isArray(value.parts);

function Tool({ part, subAgents, onDecision })
{
	const name = part.toolName ?? part.type.replace(/^tool-/, "");
	const inner = isMessage(part.output) ? part.output :
	    subAgents?.get(part.toolCallId);

	return (
		<details className={`tool ${part.state}`}
			open={part.state === "approval-requested"}>
			<summary><b>{name}</b>
				<i>{part.state.replaceAll("-", " ")}</i></summary>
			{part.input !== undefined && <pre>{pretty(part.input)}</pre>}
			{part.state === "approval-requested" &&
				<Approval approval={part.approval}
					onDecision={onDecision} />}
			{inner && <Message message={inner} onDecision={onDecision} />}
			{part.output !== undefined && !isMessage(part.output) &&
				<pre>{pretty(part.output)}</pre>}
			{part.errorText && <p className="error">{part.errorText}</p>}
		</details>
	);
}

function Part({ part, subAgents, onDecision })
{
	if (part.type === "text")
		return <p className={part.providerMetadata?.chatd?.interrupted ?
			"text interrupted" : "text"}>{part.text}</p>;
	if (part.type === "reasoning")
		return (
			<details className="reasoning">
				<summary>Reasoning</summary>
				<p className="text">{part.text}</p>
			</details>
		);
	if (part.type === "source-url")
		return <a className="source" href={part.url} rel="noreferrer"
			target="_blank">{part.title ?? part.url}</a>;
	if (part.type === "file" && part.mediaType.startsWith("image/"))
		return <img src={part.url} alt={part.filename ?? ""} />;
	if (part.type.startsWith("tool-") || part.type === "dynamic-tool")
		return <Tool {...{ part, subAgents, onDecision }} />;
	return null;
}

export function Message({ message, subAgents, onDecision })
{
	return (
		<article className={message.role} id={message.id}>
			{message.parts.map((part, i) =>
				<Part key={i} {...{ part, subAgents, onDecision }} />)}
		</article>
	);
}
