#!/usr/bin/env bash
# Runs the end-to-end tests against a built corral; called through run-with.sh --python.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[[ -n ${CORRAL_PYTHON:-} ]] || fail "call this as: scripts/run-with.sh --python scripts/e2e.sh"
export CORRAL_BIN=${CORRAL_BIN:-$ROOT/.build/debug/corral}
[[ -x $CORRAL_BIN ]] || fail "$CORRAL_BIN is not built. Run: swift build --product corral"
# No clients' telemetry or proxies, and no bytecode in the checkout.
export PYTHONDONTWRITEBYTECODE=1 NO_PROXY='*' no_proxy='*'
# Without a browser the dashboard's tests are skipped with a reason, or fail under CI=true.
if browser=$("$ROOT/scripts/setup-browser.sh" --print); then
    export CORRAL_CHROMIUM=${browser%%$'\n'*} CORRAL_CHROMEDRIVER=${browser##*$'\n'}
fi
# What reads the manual page and the services' files; elsewhere their tests are skipped.
if [[ ${CI:-} == true && $(uname -s) == Linux ]]; then
    have groff || as_root_apt "the manual page's test needs groff" groff
    have systemd-analyze || as_root_apt "the services' test needs systemd-analyze" systemd
fi
exec "$CORRAL_PYTHON" -m pytest -rs -p no:cacheprovider "$ROOT/Tests/EndToEnd" "$@"
