#!/usr/bin/env bash
# Checks what is not Swift: the scripts with shellcheck, where it is installed (CI installs it), the
# YAML files, and by trying them those two scripts on which a green run depends.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$ROOT"
[[ ${CI:-} != true ]] || have shellcheck || as_root_apt "the scripts are checked with shellcheck" shellcheck
if have shellcheck; then
    shellcheck -x -P scripts scripts/*.sh .ci/run bench/run.sh
else
    say "shellcheck is not installed; the scripts are not checked"
fi

python=$(find_python) || fail "Python 3.10 or newer is missing"
if "$python" -c 'import yaml' 2>/dev/null; then
    "$python" - .github/workflows/*.yml packaging/prometheus/*.yml <<'PYTHON'
import sys, yaml
for name in sys.argv[1:]:
    with open(name) as file:
        assert isinstance(yaml.safe_load(file), dict), f"{name} is no mapping"
PYTHON
fi

# expect STATUS TEXT COMMAND…: the command ends so, and prints this.
expect() {
    local status=$1 text=$2 output=0 got=0
    shift 2
    output=$("$@" 2>&1) || got=$?
    ((got == status)) || fail "expected status $status, got $got from: $*
$output"
    [[ $output == *"$text"* ]] || fail "expected '$text' from: $*
$output"
}
export CI=true
for line in '➜ Test "is it so?" skipped: "no folder"' '➜ Suite Some skipped.' 'SKIPPED [1] a.py:3: no groff'; do
    expect 1 'these were skipped' scripts/none-skipped.sh printf '%s\n' "$line"
done
expect 0 '' scripts/none-skipped.sh printf '%s\n' '✔ Test "one is skipped: why" passed after 0.001 seconds.'
expect 3 '' scripts/none-skipped.sh bash -c 'exit 3'
CI='' expect 0 'SKIPPED' scripts/none-skipped.sh printf 'SKIPPED [1] a.py:3: no groff\n'

began=$SECONDS
expect 7 'b failed with status 7' scripts/together.sh a 'sleep 60' b 'exit 7'
expect 0 'a      | one' scripts/together.sh a 'echo one' b 'echo two >&2'
((SECONDS - began < 30)) || fail "scripts/together.sh waited for a job that it should have stopped"
say "the scripts are fine"
