#!/usr/bin/env bash
# Checks that a Swift toolchain new enough for this package is installed.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

minimum=6.3
advice="Get it from https://www.swift.org/install (with swiftly: swiftly install $minimum)"
have swift || fail "Swift is not installed; Corral needs Swift $minimum or newer. $advice."
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
[[ -n $version ]] || fail "'swift --version' does not name its version. $advice."
oldest=$(printf '%s\n%s\n' "$minimum" "$version" | sort -t . -k 1,1n -k 2,2n -k 3,3n | head -n 1)
[[ $oldest == "$minimum" ]] ||
    fail "Swift $version is too old; Corral needs Swift $minimum or newer. $advice."
say "Swift: $version"
