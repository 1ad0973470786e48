#!/usr/bin/env bash
# Sets up llama.cpp and the models, and what else is asked for, all at the same time: downloads,
# llama.cpp's build and Corral's. Where nothing is left to do it is silent and quick.
#
#   --python            also the tests' Python environment
#   --compile ARG…      also compiles corral, with these arguments of `swift build`; to link it is left
#                       to who calls this, for llama.cpp's libraries come last
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$ROOT"
scripts=$ROOT/scripts
jobs=()
# add NAME COMMAND READY: a job, unless the command READY says that there is nothing to do.
add() { bash -c "$3" >/dev/null 2>&1 || jobs+=("$1" "$2"); }

if [[ ${1:-} == --python ]]; then
    shift
    add python "'$scripts/setup-python.sh'" "'$scripts/setup-python.sh' --ready"
fi
[[ -n ${CORRAL_MODELS:-} ]] ||
    add models "'$scripts/setup-models.sh'" "'$scripts/setup-models.sh' --ready"
add llama "'$scripts/setup-llama.sh'" "'$scripts/setup-llama.sh' --ready"
if ((${#jobs[@]})); then
    if [[ ${1:-} == --compile ]]; then
        shift
        printf -v arguments ' %q' "$@"
        jobs+=(corral "'$scripts/compile-early.sh'$arguments")
    else
        jobs+=(swift "swift package resolve >/dev/null")
    fi
    "$scripts/together.sh" "${jobs[@]}"
fi
