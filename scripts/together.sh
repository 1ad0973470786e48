#!/usr/bin/env bash
# Runs commands at the same time, with every line of theirs under the name of its job. The first that
# fails stops the others, and so does Ctrl-C; the status is that of the one that failed.
#
#   scripts/together.sh NAME 'COMMAND' [NAME 'COMMAND']…     each command is a line of bash
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[[ $# -gt 0 && $(($# % 2)) == 0 ]] || fail "usage: scripts/together.sh NAME 'COMMAND' [NAME 'COMMAND']…"

folder=$(mktemp -d)
mkfifo "$folder/ended"
exec 3<>"$folder/ended"
names=() groups=()

# Every job is a process group of its own, which ends as a whole: compilers and downloads too.
stop_all() {
    local group
    for group in ${groups[@]+"${groups[@]}"}; do kill -TERM -- "-$group" 2>/dev/null || true; done
    for group in ${groups[@]+"${groups[@]}"}; do wait "$group" 2>/dev/null || true; done
}
trap 'rm -rf "$folder"' EXIT
trap 'say "interrupted"; stop_all; exit 130' INT
trap 'stop_all; exit 143' TERM HUP

set -m
while (($#)); do
    name=$1 command=$2
    shift 2
    {
        set +e
        bash -c "set -euo pipefail; $command" 2>&1 </dev/null 3>&- |
            while IFS= read -r line; do printf '%-7s| %s\n' "$name" "$line"; done >&2
        printf '%s %s\n' "$name" "${PIPESTATUS[0]}" >&3
    } &
    names+=("$name") groups+=("$!")
done
set +m

left=${#names[@]}
while ((left)); do
    # The time-out is for a job whose shell was killed before it could say that it ended.
    if ! read -r -t 10 -u 3 name status; then
        for ((index = 0; index < ${#names[@]}; index++)); do
            kill -0 "${groups[$index]}" 2>/dev/null || [[ -e $folder/${names[$index]} ]] || {
                read -r -t 1 -u 3 name status && break
                stop_all
                fail "${names[$index]} was killed; the others were stopped"
            }
        done
        [[ -n ${name:-} ]] || continue
    fi
    [[ -n ${status:-} ]] || continue
    if ((status != 0)); then
        stop_all
        printf 'error: %s failed with status %s, see its lines above; the others were stopped\n' \
            "$name" "$status" >&2
        exit "$status"
    fi
    touch "$folder/$name"
    left=$((left - 1)) name='' status=''
done
