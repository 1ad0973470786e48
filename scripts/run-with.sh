#!/usr/bin/env bash
# Runs a command with llama.cpp and the models set up, and named in its environment:
#   CORRAL_LLAMA_SERVER   path of llama-server
#   CORRAL_MODELS         folder of GGUF files
#   PKG_CONFIG_PATH       begins with the folder of its llama.pc, where it has one
#   CORRAL_PYTHON         interpreter with the official clients, only with --python
#
#   scripts/run-with.sh [--python] COMMAND ARGUMENT…
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scripts=$ROOT/scripts
if [[ ${1:-} == --python ]]; then
    shift
    CORRAL_PYTHON=$("$scripts/setup-python.sh" --print)
    export CORRAL_PYTHON
fi
[[ $# -gt 0 ]] || fail "no command given; usage: scripts/run-with.sh [--python] COMMAND ARGUMENT…"
CORRAL_LLAMA_SERVER=$("$scripts/setup-llama.sh" --print)
CORRAL_MODELS=${CORRAL_MODELS:-$("$scripts/setup-models.sh" --print)}
export CORRAL_LLAMA_SERVER CORRAL_MODELS
use_llama_headers --pkg-config
exec "$@"
