#!/usr/bin/env bash
# Finds Chromium and its driver, with which the dashboard is tested, or installs Debian's where it
# may. Fails with a sentence where it cannot.
#   --print   prints the paths of both, a line each, the browser's first
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

find_both() {
    local name browser='' driver
    for name in chromium chromium-browser google-chrome; do
        have "$name" && browser=$(command -v "$name") && break
    done
    driver=$(command -v chromedriver || true)
    [[ -n $browser && -n $driver ]] || return 1
    printf '%s\n%s\n' "$browser" "$driver"
}

lock_cache browser
if ! find_both >/dev/null; then
    # The packages and what they need, without what a desktop would add.
    as_root_apt "the dashboard's tests need Chromium and chromedriver" \
        --no-install-recommends chromium chromium-driver
fi
both=$(find_both) || fail "Chromium and chromedriver are still not there after they were installed"
if [[ ${1:-} == --print ]]; then
    printf '%s\n' "$both"
else
    say "Browser: ${both//$'\n'/, driven by }"
fi
