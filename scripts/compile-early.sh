#!/usr/bin/env bash
# Compiles corral without linking it, against a llama.cpp that may be under construction. A build with
# the same arguments then finds everything compiled.
#
#   scripts/compile-early.sh SWIFT-BUILD-ARGUMENT…
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$ROOT"
say "fetching Swift packages"
swift package resolve >/dev/null
use_llama_headers --headers
mkdir -p .build
log=$ROOT/.build/compile-early.log
: >"$log"
say "compiling corral (log: $log)"
swift build "$@" --target corral 2>&1 | show_progress "compiling corral" "$log" || {
    grep -E 'error:' "$log" >&2 || tail -n 40 "$log" >&2
    fail "corral did not compile; the whole log is $log"
}
