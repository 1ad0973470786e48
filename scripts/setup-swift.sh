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
# Recordings are packed with zlib; its library is everywhere, its header is not.
if [[ $(uname -s) == Linux ]] && ! compgen -G '/usr/include/zlib.h' >/dev/null &&
    ! compgen -G '/usr/include/*-linux-*/zlib.h' >/dev/null; then
    as_root_apt "zlib's header is missing" zlib1g-dev
fi
say "Swift: $version"
