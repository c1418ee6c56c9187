#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# python.py - an agent in Python without libraries: counts the words it hears
#
# Copy it and python.md to ~/.config/chatd/agents, then:
#
#	chatd run -a python --metadata name=Ada count these words
#
# Asked to forget, it asks a person first: a tool that needs approval. The
# lines are described in chatd-agent(7).

import json
import sys
import threading

words = {}			# survives between turns, while the program is warm
stopped = threading.Event()


def write(**chunk):
    print(json.dumps(chunk), flush=True)


def say(text):
    write(type="text-start", id="t")
    for word in text.split(" "):
        if stopped.is_set():
            break
        write(type="text-delta", id="t", delta=word + " ")
    write(type="text-end", id="t")


def heard(messages):
    """The words of all that people have said."""
    for message in messages:
        if message["role"] == "user":
            for part in message["parts"]:
                if part["type"] == "text":
                    yield from part["text"].split()


def count(messages):
    words.clear()
    for word in heard(messages):
        words[word] = words.get(word, 0) + 1


def ask_to_forget(turn):
    call = f"forget-{turn['messageId']}"
    write(type="tool-input-available", toolCallId=call, toolName="forget",
          input={"words": len(words)})
    write(type="tool-approval-request", approvalId=f"ask-{call}",
          toolCallId=call)


def act(answers):
    """A person has answered: do it, or say that it is not done."""
    for answer in answers:
        call = answer["toolCallId"]
        if answer["approved"]:
            write(type="tool-output-available", toolCallId=call,
                  output=f"{len(words)} words forgotten")
            words.clear()
            say("All forgotten.")
        else:
            write(type="tool-output-denied", toolCallId=call)
            say("Then I keep them.")


def answer(turn):
    last = turn["messages"][-1]
    if turn["approvals"]:
        act(turn["approvals"])
    elif "forget" in list(heard([last])):
        ask_to_forget(turn)
    else:
        count(turn["messages"])
        name = (turn["clientData"] or {}).get("name", "you")
        say(f"{name}: {sum(words.values())} words, {len(words)} of them "
            "different.")


def run(turn):
    try:
        answer(turn)
    except Exception as error:	# the turn must end, whatever happens
        write(type="error", errorText=repr(error))
    write(type="turn-complete", turn=turn["turn"])


for line in sys.stdin:
    told = json.loads(line)
    if told["type"] == "turn":
        stopped.clear()
        threading.Thread(target=run, args=(told,)).start()
    elif told["type"] == "stop":
        stopped.set()
