#!/usr/bin/env bash
# Runs swift with the llama.cpp that setup-llama.sh found or built, so that CorralLlama and
# corral-dry-run are built too; without one, as it is.
#
#   scripts/swift.sh build --product corral
#   scripts/swift.sh --static-flag     prints the flag that links the Swift libraries statically, if any
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if [[ ${1:-} == --static-flag ]]; then
    static_flag
    exit
fi
use_llama_headers --pkg-config
exec swift "$@"
