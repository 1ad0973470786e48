#!/usr/bin/env bash
# Runs a command of tests. Under CI=true a test that was skipped fails it: there everything is
# installed, so a test that does not run is one that is missing.
#
#   scripts/none-skipped.sh COMMAND ARGUMENT…
#
# .ci/may-skip lists what cannot run on Linux at all, one text a line that the report of the test
# contains; # begins a comment.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[[ ${CI:-} == true ]] || exec "$@"
report=$(mktemp)
trap 'rm -f "$report"' EXIT
"$@" 2>&1 | tee "$report"

# Swift Testing says: ➜ Test "name" skipped: "reason". pytest -rs says: SKIPPED [1] file:line: reason.
skipped=$(grep -E '^SKIPPED \[[0-9]+\] |^[^[:alnum:]]+ (Test|Suite) .* skipped(\.|: ".*")$' "$report" || true)
allowed=$(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$ROOT/.ci/may-skip")
[[ -z $allowed ]] || skipped=$(printf '%s' "$skipped" | grep -vF -e "$allowed" || true)
[[ -z $skipped ]] || {
    printf '%s\n' "$skipped" >&2
    fail "under CI=true every test runs, and these were skipped; install what they ask for, \
or list in .ci/may-skip what no Linux can run"
}
