#!/usr/bin/env bash
# Makes dist/corral-VERSION-SYSTEM-MACHINE.tar.gz and its checksum: the program with the Swift
# libraries inside, completions, manual page, service files, documentation. The same sources and
# compiler make the same archive.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$ROOT"
system=$(uname -s | tr '[:upper:]' '[:lower:]') machine=$(uname -m)
if [[ $# -eq 1 ]]; then
    program=$1
else
    static=()
    [[ $system == darwin ]] || static=(--static-swift-stdlib)
    "$ROOT/scripts/versions.sh" --check
    # Where it runs there is another llama.cpp, or none but llama-server.
    CORRAL_LIBLLAMA=off swift build -c release --product corral --traits TLS ${static[@]+"${static[@]}"}
    program=.build/release/corral
fi

# What every Linux has: the C library, what C++ and the dynamic linker bring, and zlib.
if [[ $system == linux ]]; then
    foreign=$(ldd "$program" | awk '{ print $1 }' |
        grep -Ev '^(linux-vdso|libc|libm|libdl|librt|libpthread|libgcc_s|libstdc\+\+|libz|/lib.*ld-linux)' || true)
    [[ -z $foreign ]] || fail "the program needs libraries that not every Linux has: $foreign"
fi

SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || date +%s)
export SOURCE_DATE_EPOCH
version=$(env -i HOME=/nonexistent "$program" version | awk '{ print $2 }')
name=corral-$version-$system-$machine
rm -rf "dist/$name" "dist/$name.tar.gz"
mkdir -p dist
"$ROOT/scripts/stage.sh" "$program" "" "$ROOT/dist/$name"
install -m 644 packaging/versions.txt "dist/$name/share/doc/corral/versions.txt"
# The units of a folder that is unpacked anywhere name the usual place.
find "dist/$name" -name corral.service -o -name '*.plist' | while read -r unit; do
    sed -i.bak "s|$ROOT/dist/$name/bin|/usr/local/bin|g" "$unit" && rm "$unit.bak"
done

pack=(tar -czf "dist/$name.tar.gz" -C dist "$name")
if tar --version 2>/dev/null | grep -q GNU; then
    pack=(tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner
        --use-compress-program='gzip -9n' -cf "dist/$name.tar.gz" -C dist "$name")
fi
"${pack[@]}"
printf '%s  %s\n' "$(sha256_of "dist/$name.tar.gz")" "$name.tar.gz" >"dist/$name.tar.gz.sha256"
rm -rf "dist/$name"
say "dist/$name.tar.gz, $(du -h "dist/$name.tar.gz" | cut -f1)"
