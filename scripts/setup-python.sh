#!/usr/bin/env bash
# Makes the Python environment of the end-to-end tests and the benchmarks.
#   --print   prints the path of its interpreter
#   --ready   makes nothing; its status says whether it is there
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

list=$ROOT/scripts/requirements.txt
if [[ ${1:-} == --ready ]]; then
    [[ -f $(venv_path tests "$list")/.complete ]]
    exit
fi
lock_cache python
venv=$(venv_with tests "$list")
if [[ ${1:-} == --print ]]; then
    printf '%s\n' "$venv/bin/python"
else
    say "Python: $venv/bin/python"
fi
