#!/usr/bin/env bash
# Installs a built corral with all that belongs to it: completions, manual page, service files,
# documentation.
#
#   scripts/stage.sh PROGRAM DESTDIR PREFIX     DESTDIR is put before every path, and may be empty
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[[ $# -eq 3 ]] || fail "usage: scripts/stage.sh PROGRAM DESTDIR PREFIX"
program=$1 destination=$2 prefix=$3
[[ -x $program ]] || fail "$program is not a program. Run: make install"
[[ $prefix == /* ]] || fail "PREFIX must be an absolute path, not '$prefix'"

put() { # put MODE SOURCE TARGET
    install -d "$(dirname "$destination$3")"
    install -m "$1" "$2" "$destination$3"
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$program" "$work/corral"
if have strip && [[ $(uname -s) == Linux ]]; then strip "$work/corral"; fi
put 755 "$work/corral" "$prefix/bin/corral"

complete() { "$work/corral" --generate-completion-script "$1" >"$work/$1"; }
complete bash && put 644 "$work/bash" "$prefix/share/bash-completion/completions/corral"
complete zsh && put 644 "$work/zsh" "$prefix/share/zsh/site-functions/_corral"
complete fish && put 644 "$work/fish" "$prefix/share/fish/vendor_completions.d/corral.fish"

"$ROOT/scripts/man.py" "$work/corral" "$work/corral.1"
put 644 "$work/corral.1" "$prefix/share/man/man1/corral.1"

if [[ $(uname -s) == Linux ]]; then
    for unit in systemd/corral.service:system systemd/user/corral.service:user; do
        sed "s|@BINDIR@|$prefix/bin|g" "$ROOT/packaging/${unit%:*}" >"$work/unit"
        put 644 "$work/unit" "$prefix/lib/systemd/${unit##*:}/corral.service"
    done
else
    sed "s|@BINDIR@|$prefix/bin|g" "$ROOT/packaging/launchd/dev.corral.corral.plist" >"$work/plist"
    put 644 "$work/plist" "$prefix/share/corral/dev.corral.corral.plist"
fi

# As in the checkout, so that links between the pages hold.
pages=$(cd "$ROOT" && echo README.md CHANGELOG.md docs/*.md docs/images/*)
for page in $pages; do
    put 644 "$ROOT/$page" "$prefix/share/doc/corral/$page"
done
for licence in "$ROOT"/LICENSE* "$ROOT"/NOTICE*; do
    if [[ -f $licence ]]; then
        put 644 "$licence" "$prefix/share/doc/corral/$(basename "$licence")"
    fi
done
say "installed $destination$prefix/bin/corral and what belongs to it"
