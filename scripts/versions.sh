#!/usr/bin/env bash
# The versions of the Swift packages that a release is built from: packaging/versions.txt.
#   --write   writes it from what this checkout resolved
#   --check   resolves, and fails where a version differs from it
#
# Package.resolved says the same with commits, which hold only where a registry serves the same ones;
# versions hold everywhere.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$ROOT"
list=packaging/versions.txt
resolved() {
    CORRAL_LIBLLAMA=off swift package resolve >/dev/null
    sed -n -e 's/.*"location" : "\(.*\)".*/\1/p' -e 's/.*"version" : "\(.*\)".*/\1/p' Package.resolved |
        paste -d ' ' - - | sed -e 's|\.git | |' -e 's|^https://github.com/||' | LC_ALL=C sort -f
}

case ${1:-} in
--write)
    {
        echo "# The Swift packages of a release and their versions, written by scripts/versions.sh --write."
        resolved
    } >"$list.new"
    mv "$list.new" "$list"
    say "$list: $(grep -vc '^#' "$list") packages"
    ;;
--check)
    found=$(resolved)
    different=$(diff <(grep -v '^#' "$list") <(printf '%s\n' "$found") | sed -n \
        -e 's/^< \(.*\)/  the list says \1/p' -e 's/^> \(.*\)/  resolved was \1/p') || true
    [[ -z $different ]] || fail "the Swift packages are not those of $list:
$different
For a release of those: swift package reset, then swift package resolve PACKAGE --version VERSION.
To release with these: scripts/versions.sh --write, and commit the list."
    ;;
*) fail "usage: scripts/versions.sh --write | --check" ;;
esac
