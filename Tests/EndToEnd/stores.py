"""Arranges real models as other tools keep theirs: links to the same files, and the notes around
them."""

import hashlib
import json
from pathlib import Path

REVISION = "0123456789abcdef0123456789abcdef01234567"


def _link(path, target):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def ollama(root, name, tag, model, *, projector=None, params=None, host="registry.ollama.ai",
           namespace="library"):
    """`ollama pull name:tag`: blobs, and a manifest that names them."""
    layers = []

    def layer(kind, target):
        target = Path(target)
        digest = hashlib.sha256(str(target).encode()).hexdigest()
        blob = root / "blobs" / f"sha256-{digest}"
        if not blob.exists():
            _link(blob, target)
        layers.append({"mediaType": f"application/vnd.ollama.image.{kind}",
                       "digest": f"sha256:{digest}", "size": target.stat().st_size})

    layer("model", model)
    if projector:
        layer("projector", projector)
    if params:
        file = root / f"params-{name}-{tag}.json"
        file.write_text(json.dumps(params))
        layer("params", file)
    manifest = root / "manifests" / host / namespace / name / tag
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps({
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {"mediaType": "application/vnd.docker.container.image.v1+json",
                   "digest": "sha256:" + "0" * 64, "size": 1},
        "layers": layers}))


def lm_studio(root, publisher, repository, file, model):
    """A download of LM Studio's."""
    _link(root / publisher / repository / file, model)


def hub(root, repository, files):
    """`hf download`: blobs, a snapshot of links to them, and what `main` is."""
    folder = root / ("models--" + repository.replace("/", "--"))
    for file, model in files.items():
        blob = folder / "blobs" / hashlib.sha256(file.encode()).hexdigest()
        _link(blob, model)
        link = folder / "snapshots" / REVISION / file
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(Path("../../blobs") / blob.name)
    (folder / "refs").mkdir(parents=True, exist_ok=True)
    (folder / "refs" / "main").write_text(REVISION)


def llama_cpp(root, repository, tag, file, model):
    """`llama-server -hf` before it kept its downloads as the hub does."""
    user, name = repository.split("/")
    _link(root / f"{user}_{name}_{file}", model)
    (root / f"manifest={user}={name}={tag}.json").write_text(
        json.dumps({"ggufFile": {"rfilename": file}}))
