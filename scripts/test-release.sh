#!/usr/bin/env bash
# Runs the tests whose figures hold in optimized builds alone: how much better the policy is than its
# rivals, over whole recordings. A package of its own, made from Package.swift, has just the libraries
# that they need, so that nothing else is fetched or compiled.
#
#   scripts/test-release.sh TEST-TARGET FILTER
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[[ $# -eq 2 ]] || fail "usage: scripts/test-release.sh TEST-TARGET FILTER"
cd "$ROOT"
package=$ROOT/.build/release-tests
mkdir -p "$package"
python=$(require_python)
CORRAL_LIBLLAMA=off swift package dump-package | "$python" "$ROOT/scripts/part_of_package.py" "$1" "$ROOT" "$package"
swift build --package-path "$package" -c release --build-tests -Xswiftc -enable-testing
exec swift test --package-path "$package" -c release --skip-build --disable-xctest --filter "$2"
