"""Models where other tools keep them."""

import base64
import json
import os
import shutil
import struct
import zlib

import pytest

import stores
from daemon import CHAT, EMBED, RERANK
from processes import until
from tiny_projector import write_tiny_projector


def copied(source, folder):
    """A copy of a model, so that it is another file than the one in the folder of models."""
    folder.mkdir(parents=True, exist_ok=True)
    return shutil.copy(source, folder / source.name)


@pytest.fixture
def home(tmp_path, files):
    """A home with all four stores, each with models of its own."""
    home, data = tmp_path / "home", tmp_path / "data"
    chat = copied(files[CHAT], data / "ollama")
    stores.ollama(home / ".ollama/models", "smollm2", "135m", chat, params={"temperature": 0.1})
    stores.ollama(home / ".ollama/models", "smollm2", "latest", chat)
    stores.ollama(home / ".ollama/models", "minilm", "f16", copied(files[EMBED], data / "embed"),
                  host="hf.co", namespace="someone")
    # The same file as Ollama's.
    stores.lm_studio(home / ".lmstudio/models", "pub", "SmolLM2-135M-Instruct-GGUF",
                     "SmolLM2-135M-Instruct-Q4_1.gguf", chat)
    stores.hub(home / ".cache/huggingface/hub", "org/Embedder-GGUF",
               {"Embedder-F16.gguf": copied(files[EMBED], data / "hub")})
    stores.llama_cpp(home / ".cache/llama.cpp", "org/Ranker-GGUF", "latest", "Ranker-F32.gguf",
                     copied(files[RERANK], data / "cache"))
    return home


def variables(home):
    return {"HOME": str(home), "CORRAL_STORES": "ollama,lm-studio,llama.cpp,hugging-face"}


def listed(daemon, *arguments):
    result = daemon.run("list", "--json", *arguments)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_models_of_every_tool_are_served_by_their_names(start, home, tmp_path):
    (tmp_path / "empty").mkdir()
    daemon = start(models_folder=tmp_path / "empty", environment=variables(home))
    client = daemon.openai()
    ids = {model.id for model in client.models.list()}
    assert ids >= {"smollm2", "hf.co/someone/minilm:f16", "embedder", "ranker"}, ids
    for name in ("smollm2", "smollm2:latest", "smollm2:135m", "SmolLM2-135M-Instruct",
                 "pub/smollm2-135m-instruct-gguf"):
        answer = client.chat.completions.create(
            model=name, max_tokens=1, messages=[{"role": "user", "content": "Hi"}])
        assert answer.choices, name
    for name in ("hf.co/someone/minilm:f16", "embedder", "org/Embedder-GGUF:F16"):
        assert len(client.embeddings.create(model=name, input="llama").data[0].embedding) == 384
    ranked = daemon.post("/v1/rerank", {
        "model": "org/Ranker-GGUF", "query": "a", "documents": ["b", "c"]})
    assert ranked.status == 200, ranked
    # One file under five names is one model.
    assert len([m for m in daemon.status()["models"] if m["role"] == "chat"]) == 1


def test_the_list_says_where_each_is(start, home, models):
    daemon = start(models_folder=models, environment=variables(home))
    by_name = {model["name"]: model for model in listed(daemon)}
    assert by_name[CHAT]["store"] == "folder" and by_name["smollm2"]["store"] == "ollama"
    assert [place["store"] for place in by_name["smollm2"]["places"]] == ["lm-studio"]
    assert by_name["embedder"]["store"] == "hugging-face"
    assert by_name["ranker"]["store"] == "llama.cpp"
    assert {model["fit"] for model in by_name.values()} == {"now"}
    table = daemon.run("list")
    assert "ollama, lm-studio" in table.stdout and "never" not in table.stdout
    tiny = json.loads(daemon.run("list", "--json", "--store", "none").stdout)
    assert {model["store"] for model in tiny} == {"folder"}


def test_nothing_in_a_store_is_written(start, home, tmp_path):
    def state():
        # Corral keeps what it learns in a folder of its own, which is none of the stores.
        return {path: (path.lstat().st_mtime_ns, path.lstat().st_size)
                for path in home.rglob("*") if home / ".local" not in [path, *path.parents]}

    (tmp_path / "empty").mkdir()
    before = state()
    daemon = start(models_folder=tmp_path / "empty", environment=variables(home))
    daemon.load("smollm2")
    daemon.run("list", "--all")
    daemon.run("doctor")
    assert state() == before


def test_what_is_broken_hides_nothing_and_is_named_on_request(start, home, tmp_path):
    ollama, hub = home / ".ollama/models", home / ".cache/huggingface/hub"
    (ollama / "manifests/registry.ollama.ai/library/torn").mkdir()
    (ollama / "manifests/registry.ollama.ai/library/torn/latest").write_text("{")
    (ollama / "blobs" / ("sha256-" + "f" * 64 + "-partial")).write_bytes(b"GG")
    (hub / "models--org--Embedder-GGUF/blobs/abc.incomplete").write_bytes(b"GG")
    link = hub / "models--org--Embedder-GGUF/snapshots" / stores.REVISION / "Gone-Q8_0.gguf"
    link.symlink_to("../../blobs/nowhere")
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "short.gguf").write_bytes(b"GGUF\3\0\0\0" + b"\1" * 40)
    daemon = start(models_folder=folder, environment=variables(home))
    everything = listed(daemon, "--all")
    names = {model["name"] for model in everything["models"]}
    assert names == {"smollm2", "hf.co/someone/minilm:f16", "embedder", "ranker"}
    kinds = sorted(row["kind"] for row in everything["unusable"])
    assert kinds == ["damaged", "damaged", "damaged", "unfinished", "unfinished"] or \
        kinds == ["damaged", "damaged", "unfinished", "unfinished", "unfinished"], everything
    short = daemon.run("list")
    # What a person put there is told at once; the rest is counted.
    assert "short.gguf" in short.stderr and "`corral list --all`" in short.stderr
    assert "Gone-Q8_0" not in short.stderr


def test_a_model_that_is_copied_in_appears_when_it_is_whole(start, files, tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    daemon = start(models_folder=folder)
    client = daemon.openai()
    content = files[EMBED].read_bytes()
    target = folder / "late.gguf"
    with open(target, "wb") as out:
        out.write(content[:len(content) // 2])
        out.flush()
        os.fsync(out.fileno())
        answer = daemon.post("/v1/embeddings", {"model": "late", "input": "x"})
        assert answer.status == 404, answer
        out.write(content[len(content) // 2:])
    until(lambda: "late" in {model.id for model in client.models.list()}, "it is listed")
    assert client.embeddings.create(model="late", input="x").data


def png(width, height):
    """A picture of one colour, without a library."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + b"\x20\x80\xc0" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


def test_a_model_with_a_projector_is_shown_pictures(start, files, tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("seeing", "blind"):
        shutil.copy(files[CHAT], folder / f"{name}-Q4_1.gguf")
    write_tiny_projector(str(folder / "mmproj-seeing-F32.gguf"), 576)
    daemon = start(models_folder=folder, configuration={
        "models": {"seeing": {"context": 2048}, "blind": {"context": 2048}}})
    by_name = {model["name"]: model for model in listed(daemon)}
    assert by_name["seeing"]["projector"].endswith("mmproj-seeing-F32.gguf")
    assert "projector" not in by_name["blind"]
    picture = "data:image/png;base64," + base64.b64encode(png(64, 64)).decode()

    def ask(model):
        return daemon.post("/v1/chat/completions", {
            "model": model, "max_tokens": 2, "messages": [{"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": picture}}]}]})

    answer = ask("seeing")
    assert answer.status == 200, answer
    assert answer.json["usage"]["prompt_tokens"] > 0
    assert ask("blind").status >= 400
    # Its bytes are planned beside the model's, and what is measured is within the plan.
    assert daemon.planned("seeing") > daemon.planned("blind")
    measured = until(lambda: daemon.model("seeing").get("measured"), "it was measured")
    held = sum(measured["exclusive"].values()) + measured["file_backed"]
    assert held <= daemon.planned("seeing")
