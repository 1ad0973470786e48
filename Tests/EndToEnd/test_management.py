"""Status, load, unload, pin, and how long a model stays."""

import pytest

from daemon import CHAT, EMBED, RERANK, total
from processes import until


def test_load_and_unload_do_what_the_status_says(start):
    daemon = start()
    assert daemon.resident() == []
    daemon.load(EMBED)
    assert daemon.resident() == [EMBED]
    model = daemon.model(EMBED)
    assert model["role"] == "embed" and model["state"] == "resident" and model["loads"] == 1
    assert model["file"] == "all-MiniLM-L6-v2.F16.gguf"
    assert daemon.post("/corral/v1/unload", {"model": EMBED}).status == 200
    until(lambda: daemon.resident() == [], "the model is gone")
    until(lambda: not daemon.children(), "its process is gone")
    assert daemon.reserved() == 0


def test_the_status_tells_planned_and_measured_bytes(start):
    daemon = start()
    daemon.openai().embeddings.create(model=EMBED, input="measure me")
    measured = until(lambda: daemon.model(EMBED).get("measured"), "it was measured")
    held = total(measured["exclusive"]) + measured["file_backed"]
    assert 0 < held <= daemon.planned(EMBED)


def test_a_pinned_model_is_not_evicted(start, budget_for_two):
    daemon = start(memory=budget_for_two)
    daemon.load(EMBED)
    assert daemon.post("/corral/v1/pin", {"model": EMBED, "pinned": True}).status == 200
    client = daemon.openai()
    for _ in range(2):
        daemon.load(RERANK)
        client.chat.completions.create(
            model=CHAT, max_tokens=1, messages=[{"role": "user", "content": "Hi"}])
    assert daemon.model(EMBED)["evictions"] == 0 and daemon.model(EMBED)["loads"] == 1
    assert daemon.model(RERANK)["evictions"] >= 1
    assert daemon.post("/corral/v1/pin", {"model": EMBED, "pinned": False}).status == 200
    daemon.load(RERANK)
    daemon.load(CHAT)
    assert daemon.model(EMBED)["evictions"] == 1


def test_what_pins_block_is_a_503_that_says_so(start, budget_for_two):
    daemon = start(memory=budget_for_two)
    for name in (EMBED, RERANK):
        daemon.load(name)
        assert daemon.post("/corral/v1/pin", {"model": name, "pinned": True}).status == 200
    answer = daemon.post("/v1/chat/completions", {
        "model": CHAT, "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]})
    assert answer.status == 503, answer
    assert int(answer.headers["Retry-After"]) >= 1
    assert "pin" in answer.json["error"]["message"]


def test_an_idle_model_leaves_after_its_keep_alive(start):
    daemon = start(configuration={"models": {EMBED: {"keep_alive": "0"}}})
    daemon.openai().embeddings.create(model=EMBED, input="and away")
    until(lambda: daemon.resident() == [] and not daemon.children(), "it left")


@pytest.mark.parametrize("action", ["load", "unload", "pin"])
def test_an_unknown_model_cannot_be_managed(roomy, action):
    answer = roomy.post(f"/corral/v1/{action}", {"model": "nobody", "pinned": True})
    assert answer.status == 404, answer
