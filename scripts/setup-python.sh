#!/usr/bin/env bash
# Makes the Python environment of the end-to-end tests and the benchmarks.
#   --print   prints the path of its interpreter
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

lock_cache python
venv=$(venv_with tests "$ROOT/scripts/requirements.txt" "$ROOT/scripts/convert-requirements.txt")
if [[ ${1:-} == --print ]]; then
    printf '%s\n' "$venv/bin/python"
else
    say "Python: $venv/bin/python"
fi
