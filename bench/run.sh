#!/usr/bin/env bash
# Runs the benchmarks, all or those named; docs/benchmarks.md says what each one shows.
#
#   make bench ARGS="[--check] [--baseline=COMMIT] [NAME…]"
#
#   --check      exits with 1 when a bar is missed; latency, throughput and lease are then measured
#                in pairs with a build of the commit that the bars were set with
#   --baseline   such pairs with the build of another COMMIT (--baseline=COMMIT)
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
paired=" latency throughput lease "
for name in "${names[@]}"; do
    [[ -n $baseline && $paired == *" $name "* ]] || continue
    # Built once into the cache; prints the paths of corral and of LeaseBenchmark.
    built=$(scripts/baseline.sh "$baseline")
    export CORRAL_BASELINE_BIN=${built%%$'\n'*} CORRAL_BASELINE_LEASE=${built##*$'\n'}
    break
done
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
