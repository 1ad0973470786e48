#!/usr/bin/env bash
# Builds an older Corral to be compared with in the same run, outside the checkout and once for each
# commit. Prints the path of its program; with --lease that of its LeaseBenchmark.
#
#   scripts/baseline.sh [--lease] [COMMIT]     the default is the one that bars are paired with
#
# Called through run-with.sh, or with a llama.cpp to be found: both are built against the same one.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

lease=''
if [[ ${1:-} == --lease ]]; then
    lease=yes
    shift
fi
wanted=${1:-207ac3b}
commit=$(git -C "$ROOT" rev-parse --verify --quiet "$wanted^{commit}") ||
    fail "this checkout has no commit $wanted; a shallow clone needs: git fetch --unshallow"
folder=$CACHE/baseline/${commit:0:12}

lock_cache baseline
if [[ ! -f $folder/.complete ]]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    git -C "$ROOT" archive "$commit" | tar -x -C "$folder"
    touch "$folder/.complete"
fi
static=()
[[ -z $(static_flag) ]] || static=("$(static_flag)")
# build PACKAGE PRODUCT: prints the path of a program of it; what is built already is not built again.
build() {
    local package=$1 product=$2 log=$folder/$2.log
    if [[ ! -x $package/.build/release/$product || ! -f $folder/.built-$product ]]; then
        say "building $product of ${commit:0:7} in $package (log: $log)"
        use_llama_headers --pkg-config
        : >"$log"
        swift build --package-path "$package" -c release --product "$product" \
            ${static[@]+"${static[@]}"} 2>&1 | show_progress "building $product" "$log" || {
            tail -n 30 "$log" >&2
            fail "$product of ${commit:0:7} did not compile; the whole log is $log"
        }
        touch "$folder/.built-$product"
    fi
    printf '%s\n' "$package/.build/release/$product"
}
if [[ -n $lease ]]; then
    build "$folder/Benchmarks" LeaseBenchmark
else
    build "$folder" corral
fi
