# Shared by the scripts of this folder: source it, do not run it.
#
# Everything that is fetched or built lies outside the checkout, in one cache folder:
#   $CORRAL_CACHE, or $XDG_CACHE_HOME/corral, or ~/.cache/corral
# Progress goes to standard error, so that --print can hand a path to a caller.

# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${CORRAL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/corral}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf '%s\n' "$*" >&2; }

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

sha256_of() {
    if have sha256sum; then
        sha256sum "$1" | cut -d' ' -f1
    else
        shasum -a 256 "$1" | cut -d' ' -f1
    fi
}

# sha256_is FILE DIGEST: whether FILE is there and has that digest.
sha256_is() { [[ -f $1 && $(sha256_of "$1") == "$2" ]]; }

cores() { getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2; }

# retry TIMES COMMAND…: runs COMMAND until it succeeds, waiting 1, 2, 4 … seconds in between.
retry() {
    local times=$1 try=1 pause=1
    shift
    until "$@"; do
        ((try < times)) || return 1
        say "  try $try of $times failed, again in $pause s: $1"
        sleep "$pause"
        try=$((try + 1)) pause=$((pause * 2))
    done
}

# as_root_apt REASON PACKAGE…: installs Debian packages, or says which command would.
as_root_apt() {
    local reason=$1
    shift
    if [[ $(id -u) == 0 ]] && have apt-get; then
        say "$reason: installing $*"
        {
            retry 3 apt-get -q update &&
                DEBIAN_FRONTEND=noninteractive retry 3 apt-get -qy install "$@"
        } >&2 || fail "$reason, and 'apt-get install $*' failed"
    elif have apt-get; then
        fail "$reason. Run: sudo apt-get install $*"
    elif have dnf; then
        fail "$reason. Install it with dnf (for example: sudo dnf install gcc-c++ python3)"
    elif [[ $(uname -s) == Darwin ]]; then
        fail "$reason. Run: xcode-select --install"
    else
        fail "$reason. Install it with your system's package manager"
    fi
}

# use_llama_headers --pkg-config: names the folder of the chosen llama.cpp's llama.pc in
# PKG_CONFIG_PATH, for Package.swift to find;
# with --headers also that of a llama.cpp which is yet to be built.
use_llama_headers() {
    local folder
    folder=$("$ROOT/scripts/setup-llama.sh" "$1")
    [[ -z $folder || :${PKG_CONFIG_PATH:-}: == *":$folder:"* ]] ||
        export PKG_CONFIG_PATH=$folder${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
}

# Prints --static-swift-stdlib where the toolchain has the Swift libraries as static ones: they become
# part of the program, so that it runs where there is no Swift, and in ten megabytes less.
static_flag() {
    local libraries
    [[ $(uname -s) == Linux ]] || return 0
    libraries=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": *"\(.*\)".*/\1/p')
    [[ ! -d ${libraries}_static ]] || echo --static-swift-stdlib
}

# Only one script at a time works on a part of the cache. The lock is a folder, which every file
# system makes atomically; it is taken over when its owner is gone.
LOCKS=()
lock_cache() {
    local name=$CACHE/$1.lock told=
    mkdir -p "$CACHE"
    until mkdir "$name" 2>/dev/null; do
        local owner
        owner=$(cat "$name/pid" 2>/dev/null || true)
        if [[ -n $owner ]] && ! kill -0 "$owner" 2>/dev/null; then
            rm -rf "$name"
            continue
        fi
        [[ -n $told ]] || say "waiting for process ${owner:-?}, which holds $name"
        told=yes
        sleep 1
    done
    echo $$ >"$name/pid"
    LOCKS+=("$name")
    trap 'rm -rf ${LOCKS[@]+"${LOCKS[@]}"}' EXIT
    # The traps of signals end the script, so that its locks go too.
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}
unlock_cache() { rm -rf "$CACHE/$1.lock"; }

# show_progress WHAT LOG: copies a build's output from standard input into LOG and shows how far it
# is, on a terminal in one line, elsewhere in a line for every 5 %. The steps are those that ninja and
# swift print: [DONE/ALL].
show_progress() {
    local what=$1 log=$2 line steps total shown=-1 percent
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$log"
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
        steps=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
        percent=$((100 * steps / total))
        if [[ -t 2 ]]; then
            printf '\r  %s: %3d %% (%d of %d)' "$what" "$percent" "$steps" "$total" >&2
        elif ((percent / 5 > shown)); then
            shown=$((percent / 5))
            say "  $what: $percent % ($steps of $total)"
        fi
    done
    [[ -t 2 ]] && printf '\n' >&2
    return 0
}

# A Python with the venv module, 3.10 or newer: prints its path.
find_python() {
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11 python3.10; do
        if have "$candidate" && "$candidate" -c '
import ensurepip, sys, venv
sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

require_python() {
    find_python >/dev/null || as_root_apt "Python 3.10 or newer with its venv module is missing" \
        python3 python3-venv
    find_python || fail "the Python that was installed is older than 3.10 or lacks the venv module"
}

# venv_path NAME LIST: prints where the virtual environment of this list of packages is. Its folder's
# name carries a digest of the list, so that a change makes a new one.
venv_path() { printf '%s/venv/%s-%s\n' "$CACHE" "$1" "$(sha256_of "$2" | cut -c1-12)"; }

# venv_with NAME LIST: the same, after the environment was made where it is not there.
venv_with() {
    local name=$1 list=$2 python venv
    venv=$(venv_path "$name" "$list")
    if [[ ! -f $venv/.complete ]]; then
        python=$(require_python)
        say "making a Python environment in $venv"
        # A virtual environment cannot be moved, so it is marked when done instead of renamed.
        rm -rf "$venv"
        "$python" -m venv "$venv" >&2
        retry 5 "$venv/bin/pip" install --quiet --retries 5 --require-hashes -r "$list" >&2 ||
            fail "pip could not install the packages that $list names"
        touch "$venv/.complete"
    fi
    printf '%s\n' "$venv"
}

# pip_fetch PYTHON KIND PACKAGE==VERSION DIGEST FOLDER: downloads one file into FOLDER. KIND is
# 'source' or 'wheel'. pip compares the digest before it looks into the file.
pip_fetch() {
    local python=$1 kind=$2 package=$3 digest=$4 folder=$5 quiet=--quiet list only
    [[ -t 2 ]] && quiet=--progress-bar=on
    # Not :all:, which would have pip compile the package's own build tools from source too.
    [[ $kind == source ]] && only=--no-binary=${package%%==*} || only=--only-binary=:all:
    list=$(mktemp)
    printf '%s --hash=sha256:%s\n' "$package" "$digest" >"$list"
    mkdir -p "$folder"
    retry 5 "$python" -m pip download "$quiet" --retries 5 --no-deps --require-hashes "$only" \
        -r "$list" -d "$folder" >&2 || {
        rm -f "$list"
        fail "could not download $package (SHA-256 $digest); check the network or your pip index"
    }
    rm -f "$list"
}
