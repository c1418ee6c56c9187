#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0841-compact.sh - a summary takes the place of what is told

. "${top_srcdir:-$(dirname "$0")/../..}/tests/t/lib.sh"
command -v jq >/dev/null || missing "jq is not there"

# The request for a summary has no message of the assistant: section 0.
script talk <<'END'
{"type":"text-delta","text":"answer one"}
{"turn":1}
{"type":"text-delta","text":"answer two"}
{"turn":2}
{"type":"text-delta","text":"answer three"}
END
talk=$model
script sum <<'END'
{"expect":"Summarise this conversation"}
{"expect":"answer one"}
{"expect":"keep the names"}
{"type":"text-delta","text":"they spoke of harbours"}
END
sum=$model
script after <<'END'
{"expect":"<summary>\\nthey spoke of harbours\\n</summary>"}
{"expect":"and now"}
{"type":"text-delta","text":"it knows"}
END
after=$model

run chatd run -s a -m "$talk" first words </dev/null
run chatd run -s a -m "$talk" second words </dev/null
cp "${sum#script:}" "${talk#script:}"
run chatd compact a keep the names
is "$status" 0 "compact asks the model for a summary"
run chatd show a
like "$out" '^  they spoke of harbours$' "which stands in the transcript"
like "$out" '^> first words$' "that stays whole"
run chatd show --json a
json "$out" '[.messages[].role] ==
    ["user", "assistant", "user", "assistant", "assistant"]' "in a message"
json "$out" '.messages[4].parts[0].type == "data-chatd-compaction"' \
    "of its own"
run chatd run -s a -m "$after" and now </dev/null
same "$out" 'it knows\n' "from then on the summary is told"
script none <<'END'
{"expect":"\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"The conversation has become too long"}
{"expect":"it knows"}
{"type":"text-delta","text":"nothing else"}
END
run chatd run -s a -m "$model" go on </dev/null
same "$out" 'nothing else\n' "and nothing of what was before it"

# undo takes it back
run chatd undo a
run chatd undo a
run chatd undo a
run chatd show a
unlike "$out" 'harbours' "undo of what was before takes the summary back"
script whole <<'END'
{"expect":"first words"}
{"type":"text-delta","text":"all of it"}
END
run chatd run -s a -m "$model" again </dev/null
same "$out" 'all of it\n' "and then all is told again"
run chatd compact empty
is "$status" 66 "no session: status 66"

# a model that says it is too much
script long <<'END'
{"error":{"code":"TOO_BIG","text":"prompt is too long"}}
END
run chatd run -s long -m "$model" hello </dev/null
is "$status" 1 "too long for the summary too: the turn fails"
like "$err" 'prompt is too long' "with what the model said"
finish
