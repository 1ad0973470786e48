"""Embeddings are the model's own, whatever stands between it and the client."""

import base64
import math
import struct

import pytest

from daemon import EMBED
from reference import DirectServer


def dot(first, second):
    return sum(a * b for a, b in zip(first, second, strict=True))


def test_embeddings_agree_with_the_published_model(roomy, vectors):
    client = roomy.openai()
    answer = client.embeddings.create(model=EMBED, input=[known["text"] for known in vectors])
    assert [item.index for item in answer.data] == list(range(len(vectors)))
    for known, item in zip(vectors, answer.data, strict=True):
        length = math.sqrt(dot(item.embedding, item.embedding))
        assert length == pytest.approx(1, abs=1e-4)
        assert dot(item.embedding, known["vector"]) / length > 0.999


def test_embeddings_equal_those_of_llama_server_asked_directly(
        roomy, llama_server, files, vectors):
    texts = [known["text"] for known in vectors]
    with DirectServer(llama_server, files[EMBED], "--embedding") as direct:
        expected = [direct.post("/v1/embeddings", {"input": text})["data"][0]["embedding"]
                    for text in texts]
    # The client asks for base64 unless told otherwise, which would round to 32 bits.
    client = roomy.openai()
    for text, vector in zip(texts, expected, strict=True):
        got = client.embeddings.create(model=EMBED, input=text, encoding_format="float")
        assert got.data[0].embedding == pytest.approx(vector, abs=1e-6)


def test_embeddings_come_as_base64_when_asked(roomy):
    body = {"model": EMBED, "input": "hello world"}
    plain = roomy.post("/v1/embeddings", body).json["data"][0]["embedding"]
    coded = roomy.post("/v1/embeddings", body | {"encoding_format": "base64"}).json
    values = base64.b64decode(coded["data"][0]["embedding"])
    assert list(struct.unpack(f"<{len(plain)}f", values)) == pytest.approx(plain, abs=1e-6)
