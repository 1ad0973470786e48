#!/usr/bin/env bash
# Runs the example programs on the small models and looks at what they print; called through
# run-with.sh after a build.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

: "${CORRAL_MODELS:?is not set; call this as: scripts/run-with.sh scripts/examples.sh}"
bin=$ROOT/.build/debug
[[ -x $bin/terminal-chat ]] || {
    say "the examples were not built: no llama.pc beside this llama.cpp"
    exit 0
}
chat=$CORRAL_MODELS/SmolLM2-135M-Instruct.Q4_1.gguf

say "terminal-chat"
answer=$(printf 'What is the capital of France?\nAnd of Italy?\n' | "$bin/terminal-chat" "$chat")
[[ $answer == *known\ from\ before* ]] || fail "terminal-chat printed: $answer"
# The second turn knows the first.
reused=$(printf '%s\n' "$answer" | sed -n 's/^\[.* tokens, \([0-9]*\) known from before\]$/\1/p' | tail -n 1)
((reused > 20)) || fail "terminal-chat computed its first turn again: $answer"

say "folder-rag, in 400 MiB"
answer=$("$bin/folder-rag" "$ROOT/docs" "Which model is evicted?" "$chat" \
    "$CORRAL_MODELS/all-MiniLM-L6-v2.F16.gguf" "$CORRAL_MODELS/tiny-random-reranker.gguf" 400)
[[ $(printf '%s' "$answer" | wc -w) -gt 5 ]] || fail "folder-rag printed: $answer"
say "the examples work"
