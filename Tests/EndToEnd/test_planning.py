"""What `corral plan` says, against what llama.cpp and live processes say."""

import json
import os
from pathlib import Path

import pytest

from daemon import CHAT, EMBED, RERANK
from processes import MEBIBYTE, until

# Contexts and KV types that each model is measured with; an encoder has no KV cache.
LIVE = [
    *[(CHAT, context, kv) for context in (512, 2048, 8192) for kv in ("f16", "q8_0")],
    *[(EMBED, context, "f16") for context in (128, 256, 512)],
    *[(RERANK, context, "f16") for context in (128, 256, 512)],
]
WORDS = "llama herd corral wool grass hill stream pasture fence shepherd barn saddle".split()


def plan(daemon, *arguments):
    """The answer of `corral plan --json`."""
    settings = ("--config", str(daemon.folder / "config.json"))
    told = daemon.run("plan", *map(str, arguments), *settings, "--json")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def text(daemon, name, tokens):
    """Words that are at most so many tokens for a model, and no more than two fewer."""
    words = [WORDS[(7 * n) % len(WORDS)] for n in range(tokens)]
    low, high = 1, tokens
    while low < high:
        middle = (low + high + 1) // 2
        answer = daemon.post("/tokenize", {"model": name, "content": " ".join(words[:middle])})
        if len(answer.json["tokens"]) <= tokens:
            low = middle
        else:
            high = middle - 1
    return " ".join(words[:low])


def fill_a_batch(daemon, name, context):
    """One request whose prompt fills the largest batch, or the context."""
    if name == CHAT:
        # The template adds about forty tokens, and one is answered.
        content = text(daemon, name, min(530, context - 48))
        path, body = "/v1/chat/completions", {
            "max_tokens": 1, "messages": [{"role": "user", "content": content}]}
    elif name == EMBED:
        path, body = "/v1/embeddings", {"input": text(daemon, name, context - 4)}
    else:
        path, body = "/v1/rerank", {
            "query": "wool", "documents": [text(daemon, name, context - 8)]}
    answer = daemon.post(path, {"model": name, **body}, timeout=600)
    assert answer.status == 200, answer


def private_bytes(daemon, name):
    """The memory that the process of a model holds for itself."""
    child, = daemon.children()
    status = Path(f"/proc/{child.pid}/status").read_text(encoding="ascii")
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return int(fields["RssAnon"].split()[0]) * 1024


def claimed(answer):
    """What a plan says the process will hold for itself after a full batch."""
    return answer["by_domain"]["host"]["settled"]


@pytest.mark.linux
@pytest.mark.parametrize("name, context, kv", LIVE)
def test_a_live_process_holds_what_was_planned(start, name, context, kv):
    daemon = start(configuration={"models": {name: {"context": context, "kv-type": kv, "threads": 1}}})
    before = plan(daemon, name)
    assert before["parts"]["host_heap"]["source"] == "closedForm"
    daemon.load(name)
    fill_a_batch(daemon, name, context)
    measured = private_bytes(daemon, name)
    error = claimed(before) - measured
    allowed = max(0.03 * measured, 8 * MEBIBYTE)
    print(f"{name} {context} {kv}: planned {claimed(before)}, measured {measured}, "
          f"{error / measured:+.2%}")
    assert -0.01 * measured <= error <= allowed

    # The measurement is written down, and the next plan is made with it.
    after = until(lambda: (lambda told: told if told.get("measured_with") else None)(
        plan(daemon, name)), "the plan is made with what was measured")
    assert "measured" in {part["source"] for part in after["parts"].values()}
    measured = private_bytes(daemon, name)
    assert abs(claimed(after) - measured) <= 0.01 * measured
    # What is known to the byte stays.
    for part in ("weights", "kv", "output"):
        assert after["parts"][part] == before["parts"][part]


def dry_run(corral):
    helper = Path(os.environ.get("CORRAL_DRY_RUN", Path(corral).parent / "corral-dry-run"))
    if not helper.exists():
        pytest.skip("corral-dry-run is not built; run `make e2e`")


@pytest.mark.parametrize("name", [CHAT, EMBED, RERANK])
def test_both_layers_agree_to_the_byte(corral, roomy, files, name):
    dry_run(corral)
    options = ("--context", 512, "--parallel", 2, "--kv-unified", "--outputs", 2)
    analytic = plan(roomy, files[name], *options)
    asked = plan(roomy, files[name], *options, "--layer", "dry-run")
    assert asked["layer"] == "dry-run" and "llama.cpp" in asked["engine"]
    for key in ("n_ctx", "n_ctx_seq", "fa", "output"):
        assert asked[key] == analytic[key], key
    assert asked["buffers"].keys() == analytic["buffers"].keys()
    for buffer, told in asked["buffers"].items():
        for part in ("model", "context"):
            assert told[part] == analytic["buffers"][buffer][part], (buffer, part)
        # The closed form is a bound, and a near one.
        assert 0 <= analytic["buffers"][buffer]["compute"] - told["compute"] <= 2 * MEBIBYTE


def test_a_header_is_enough_for_either_layer(corral, roomy, files, tmp_path):
    header = tmp_path / "header.gguf"
    with open(files[CHAT], "rb") as source:
        header.write_bytes(source.read(4 * MEBIBYTE))
    options = ("--context", 1024, "--parallel", 1, "--outputs", 1)
    whole = plan(roomy, files[CHAT], *options)
    assert plan(roomy, header, *options)["buffers"] == whole["buffers"]
    dry_run(corral)
    asked = plan(roomy, header, *options, "--layer", "dry-run")
    assert asked["buffers"]["CPU"]["model"] == whole["buffers"]["CPU"]["model"]
    assert asked["buffers"]["CPU"]["context"] == whole["buffers"]["CPU"]["context"]


def damaged(data):
    """Headers that are cut, scrambled or absurd, each under a name."""
    def patched(old, new):
        place = data.index(old)
        return data[:place] + new + data[place + len(old):]

    count = (30).to_bytes(4, "little")
    layers = b"llama.block_count" + (4).to_bytes(4, "little")
    yield "empty", b""
    yield "text", b"not a model at all\n" * 100
    yield "cut in the magic", data[:3]
    yield "cut in the header", data[:100_000]
    yield "another version", data[:4] + (99).to_bytes(4, "little") + data[8:]
    yield "more tensors than bytes", data[:8] + (1 << 60).to_bytes(8, "little") + data[16:]
    yield "more keys than bytes", data[:16] + (1 << 60).to_bytes(8, "little") + data[24:]
    yield "no layers", patched(layers + count, layers + (0).to_bytes(4, "little"))
    yield "two billion layers", patched(layers + count, layers + (1 << 31).to_bytes(4, "little"))
    yield "no architecture", patched(b"general.architecture", b"general.architectura")


@pytest.mark.parametrize("layer", ["analytic", "dry-run"])
def test_a_damaged_header_is_refused_in_one_sentence(roomy, files, tmp_path, layer):
    with open(files[CHAT], "rb") as source:
        data = source.read(4 * MEBIBYTE)
    for what, content in damaged(data):
        path = tmp_path / "damaged.gguf"
        path.write_bytes(content)
        told = roomy.run("plan", str(path), "--layer", layer)
        assert told.returncode == 65, f"{what}: {told.returncode} {told.stderr}"
        assert told.stderr.startswith("error: "), what
        assert told.stderr.count("\n") == 1, f"{what}: {told.stderr}"
        assert "Fatal" not in told.stderr and "crash" not in told.stderr, what


def test_several_models_are_judged_together(roomy, files):
    told = plan(roomy, files[CHAT], files[EMBED], "--memory", "2GiB")
    assert told["fits"] is True and len(told["models"]) == 2
    assert plan(roomy, files[CHAT], files[EMBED], "--memory", "60MiB")["fits"] is False
    shown = roomy.run("plan", str(files[CHAT]), str(files[EMBED]), "--memory", "60MiB").stdout
    assert "They do not fit together" in shown and "TO NEED LESS" in shown
