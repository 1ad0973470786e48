#!/usr/bin/env bash
# Writes the lists of Python packages that are installed (scripts/*.txt) anew from what is asked for
# (scripts/*.in): all that these need in turn, for every system and Python from 3.10 on, with digests
# that pip compares before it looks into a file. Needs uv (https://docs.astral.sh/uv/).
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

have uv || fail "uv is not installed; for example: pip install uv"
cd "$ROOT/scripts"
for source in *.in; do
    list=${source%.in}.txt
    # Packages that somebody keeps on this machine are not what others will get.
    env -u PIP_FIND_LINKS uv pip compile --quiet --universal --python-version 3.10 --generate-hashes \
        --no-annotate --no-header --no-emit-index-url --no-emit-find-links "$source" \
        --output-file "$list.new"
    printf '# Made by scripts/lock.sh from %s: every package with its version and the digests of its files.\n' \
        "$source" | cat - "$list.new" >"$list"
    rm "$list.new"
done
