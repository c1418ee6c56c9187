#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 0305-model-natives.sh - lists of local servers, and Azure (providers 10)

. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/t/lib.sh"
command -v node >/dev/null 2>&1 || missing "node is not installed"
peer natives.mjs || exit 1
at=http://127.0.0.1:$port
unset OLLAMA_HOST LLAMA_ARG_PORT AZURE_OPENAI_API_VERSION OPENAI_API_VERSION \
    AZURE_RESOURCE_NAME

# listed FILTER SENTENCE
listed()
{
	json "$out" "map({(.id): [.context, (.can | sort)]}) | add | $1" "$2"
}
OLLAMA_BASE_URL=$at/ollama/v1 run chatd models ollama --json
listed '.["qwen3:8b"] == [40960, ["think", "tools"]]' \
    "Ollama: the context and what a model can, from /api/show"
listed '.["gemma3:4b"] == [8192, ["see"]]' \
    "Ollama: a model's num_ctx is what it is run with"
listed 'has("old:1b")' "Ollama: one that it tells nothing of is listed, too"
LLAMACPP_BASE_URL=$at/llamacpp/v1 run chatd models llamacpp --json
listed '.["local.gguf"] == [16384, ["see"]]' \
    "llama.cpp: the context that the server was started with, from /props"
LMSTUDIO_BASE_URL=$at/lmold/v1 run chatd models lmstudio --json
listed '. == {loaded: [4096, ["see", "tools"]]}' \
    "LM Studio before 0.4: /api/v0/models; embeddings are left out"
LMSTUDIO_BASE_URL=$at/lmnew/v1 run chatd models lmstudio --json
listed '.["a/big"] == [65536, ["tools"]] and .["a/small"] == [32768, ["see"]]' \
    "LM Studio: /api/v1/models; what is loaded has the context it got"
VLLM_BASE_URL=$at/vllm/v1 run chatd models vllm --json
listed '.v[0] == 32768' "vLLM: max_model_len"
OPENROUTER_API_KEY=k OPENROUTER_BASE_URL=$at/openrouter/v1 \
    run chatd models openrouter --json
listed '.["x/y"] == [200000, ["see", "think", "tools"]]' \
    "OpenRouter: context and abilities"
json "$out" '.[0] | .inputPrice == 3 and .outputPrice == 15 and
    .maxOutput == 64000' "OpenRouter: prices for a million tokens"

AZURE_OPENAI_API_KEY=k1 AZURE_OPENAI_ENDPOINT=$at/azure/
export AZURE_OPENAI_API_KEY AZURE_OPENAI_ENDPOINT
run chatd run -m azure:mine --json sky </dev/null
json "$out" '.result == "blue" and .usage.inputTokens == 9' \
    "Azure: its first chunk has no choices; text and usage arrive"
AZURE_OPENAI_API_VERSION=2024-10-21 run chatd run -m azure:mine sky </dev/null
same "$out" 'blue\n' "Azure with a dated version answers, too"
curl -sS "$at/seen" >"$scratch/seen"
cp "$scratch/seen" "$out"
json "$scratch/seen" '.[-2:] == ["POST /azure/openai/v1/chat/completions k1",
    "POST /azure/openai/deployments/mine/chat/completions?api-version=2024-10-21 k1"]' \
    "paths, version and the api-key header as Azure wants them"
finish
