#!/usr/bin/env bash
# Runs swift with the llama.cpp that setup-llama.sh found or built, so that CorralLlama and
# corral-dry-run are built too; without one, as it is.
#
#   scripts/swift.sh build --product corral
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

use_llama_headers
exec swift "$@"
