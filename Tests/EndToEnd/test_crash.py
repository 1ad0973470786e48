"""Processes that die in the middle of things."""

import os
import signal

import httpx
import openai
import pytest

from daemon import CHAT, EMBED
from processes import PATIENCE, is_alive, llama_servers, until

pytestmark = pytest.mark.linux
ENDLESS = {"model": CHAT, "max_tokens": 1800, "stream": True, "ignore_eos": True,
           "messages": [{"role": "user", "content": "Tell me a long story."}]}


def child_of(daemon, part):
    return next(child for child in daemon.children() if part in child.model)


def test_a_child_killed_in_mid_stream_ends_the_stream_with_an_error_event(start):
    daemon = start()
    lines = []
    with httpx.stream("POST", f"{daemon.url}/v1/chat/completions", json=ENDLESS,
                      timeout=60) as answer:
        assert answer.status_code == 200
        source = answer.iter_lines()
        while sum(line.startswith("data: ") for line in lines) < 4:
            lines.append(next(source))
        child_of(daemon, "SmolLM2").kill()
        lines += source  # It ends by itself, and as HTTP says it should: no broken transfer.
    events = [line for line in lines if line.startswith("data: ")]
    errors = [event for event in events if '"error"' in event]
    assert len(errors) == 1, events[-3:]
    assert "[DONE]" not in "".join(events[events.index(errors[0]):])


def test_the_openai_client_raises_and_the_next_request_is_answered(start):
    daemon = start()
    client = daemon.openai()
    body = {key: ENDLESS[key] for key in ("model", "max_tokens", "messages")}
    stream = client.chat.completions.create(
        **body, stream=True, extra_body={"ignore_eos": True})
    with pytest.raises(openai.APIError) as raised:
        for number, _ in enumerate(stream):
            if number == 3:
                child_of(daemon, "SmolLM2").kill()
    assert raised.value.message
    until(lambda: daemon.model(CHAT)["leases"] == 0, "the failed stream's lease is back")
    answer = client.chat.completions.create(
        model=CHAT, max_tokens=4, messages=[{"role": "user", "content": "Again?"}])
    assert answer.choices[0].message.content
    assert daemon.model(CHAT)["loads"] == 2


def test_a_child_killed_while_idle_is_noticed_and_its_memory_returned(start):
    daemon = start()
    daemon.load(EMBED)
    assert daemon.reserved() > 0
    child_of(daemon, "MiniLM").kill()
    until(lambda: not daemon.resident(), "the status says that it is gone")
    assert daemon.reserved() == 0
    assert daemon.openai().embeddings.create(model=EMBED, input="back").data


def test_a_killed_daemon_leaves_no_llama_server_behind(start):
    daemon = start()
    daemon.load(EMBED)
    daemon.load(CHAT)
    children = llama_servers(daemon.pid)
    assert len(children) == 2
    os.kill(daemon.pid, signal.SIGKILL)
    daemon.process.wait()
    until(lambda: not any(is_alive(child.pid) for child in children),
          f"llama-servers are gone: {children}")


def test_a_daemon_killed_while_loading_leaves_no_llama_server_behind(start):
    daemon = start()
    with httpx.Client() as client:
        request = client.build_request(
            "POST", f"{daemon.url}/corral/v1/load", json={"model": CHAT})
        import threading
        waiting = threading.Thread(target=lambda: _send(client, request))
        waiting.start()
        children = until(lambda: llama_servers(daemon.pid), "the load began")
        os.kill(daemon.pid, signal.SIGKILL)
        daemon.process.wait()
        waiting.join()
    until(lambda: not any(is_alive(child.pid) for child in children),
          f"llama-servers are gone: {children}")


def _send(client, request):
    try:
        client.send(request)
    except httpx.HTTPError:
        pass


def test_a_stopped_daemon_finishes_the_answer_and_takes_its_children_along(start):
    daemon = start()
    body = ENDLESS | {"max_tokens": 200}
    with httpx.stream("POST", f"{daemon.url}/v1/chat/completions", json=body,
                      timeout=60) as answer:
        source = answer.iter_lines()
        first = [next(source) for _ in range(4)]
        children = llama_servers(daemon.pid)
        daemon.process.send_signal(signal.SIGTERM)
        rest = list(source)
    assert any("[DONE]" in line for line in first + rest), "the answer was cut off"
    assert daemon.process.wait(PATIENCE) == 0
    assert not any(is_alive(child.pid) for child in children)


def test_the_log_of_a_model_that_cannot_load_is_in_the_error(start, models, tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    whole = (models / "all-MiniLM-L6-v2.F16.gguf").read_bytes()
    # The header is whole; a tensor that llama.cpp needs has another name.
    (folder / "broken.gguf").write_bytes(
        whole.replace(b"blk.5.ffn_down.weight", b"blk.5.ffn_dawn.weight"))
    daemon = start(models_folder=folder)
    answer = daemon.post("/v1/embeddings", {"model": "broken", "input": "x"})
    assert answer.status == 502, answer
    assert "ffn_down" in answer.json["error"]["message"]
    again = daemon.post("/v1/embeddings", {"model": "broken", "input": "x"})
    assert again.status in (502, 503), again
    assert daemon.get("/health").status == 200
