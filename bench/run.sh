#!/usr/bin/env bash
# Runs the benchmarks, all or those named; docs/benchmarks.md says what each one shows.
#
#   make bench ARGS="[--check] [--baseline=COMMIT] [NAME…]"
#
#   --check            exits with 1 when a bar is missed; latency, throughput and lease are measured
#                      in the same rounds as a build of the commit that their bars were held by
#   --baseline=COMMIT  in the same rounds as a build of COMMIT
#
# Called through scripts/run-with.sh --python, which names llama-server, the models and Python;
# CORRAL_BIN may name another build of corral.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

all=(latency throughput swap skew refusal orphans lease policy header search simulate inprocess clients)
names=() options=() failed=() baseline=
for argument in "$@"; do
    case $argument in
    --check) options+=("$argument") baseline=${baseline:-207ac3b} ;;
    --baseline=*) baseline=${argument#*=} ;;
    *)
        [[ " ${all[*]} " == *" $argument "* ]] || {
            printf "error: unknown benchmark '%s'; there are: %s\n" "$argument" "${all[*]}" >&2
            exit 64
        }
        names+=("$argument")
        ;;
    esac
done
((${#names[@]})) || names=("${all[@]}")

: "${CORRAL_PYTHON:?is not set; run: make bench}"
# The older build is made once, into the cache.
if [[ -n $baseline && " ${names[*]} " =~ \ (latency|throughput)\  ]]; then
    CORRAL_BASELINE_BIN=$(scripts/baseline.sh "$baseline")
    export CORRAL_BASELINE_BIN
fi
if [[ -n $baseline && " ${names[*]} " == *" lease "* ]]; then
    CORRAL_BASELINE_LEASE=$(scripts/baseline.sh --lease "$baseline")
    export CORRAL_BASELINE_LEASE
fi
# No bytecode in the checkout.
export PYTHONDONTWRITEBYTECODE=1
for name in "${names[@]}"; do
    printf '== %s\n' "$name"
    "$CORRAL_PYTHON" "bench/$name.py" ${options[@]+"${options[@]}"} || failed+=("$name")
    printf '\n'
done
((${#failed[@]} == 0)) || {
    printf 'failed: %s\n' "${failed[*]}" >&2
    exit 1
}
