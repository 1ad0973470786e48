"""Where an API is passed through, an answer is llama-server's own, member by member.

Both servers run the same file with the same context, greedy and seeded. Only what must differ
between two answers may: names made at random, the time, and how long it took.
"""

import pytest

from daemon import CHAT, EMBED, RERANK
from reference import DirectServer

MESSAGES = [{"role": "system", "content": "You are brief."},
            {"role": "user", "content": "Name three animals."}]
GREEDY = {"temperature": 0, "seed": 1, "cache_prompt": False}
TOOL = {"name": "weather", "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}},
                       "required": ["city"]}}
SCHEMA = {"type": "object", "properties": {"animal": {"type": "string", "maxLength": 9}},
          "required": ["animal"], "additionalProperties": False}

# Members that two answers to one question may not share, wherever they stand.
OWN = {"id", "created", "created_at", "completed_at", "timings", "call_id", "item_id", "id_slot"}

REQUESTS = {
    "chat": ("/v1/chat/completions", {"messages": MESSAGES, "max_tokens": 24, **GREEDY}),
    "chat with likelihoods": ("/v1/chat/completions", {
        "messages": MESSAGES, "max_tokens": 4, "logprobs": True, "top_logprobs": 2, **GREEDY}),
    "chat bound to a schema": ("/v1/chat/completions", {
        "messages": MESSAGES, "max_tokens": 40, **GREEDY, "response_format": {
            "type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}}}),
    "chat with a tool": ("/v1/chat/completions", {
        "messages": MESSAGES, "max_tokens": 16,
        "tools": [{"type": "function", "function": TOOL}], **GREEDY}),
    "completion": ("/v1/completions", {"prompt": "One, two,", "max_tokens": 8, **GREEDY}),
    "llama.cpp completion": ("/completion", {"prompt": "One, two,", "n_predict": 8, **GREEDY}),
    "response": ("/v1/responses", {"input": "Say hello.", "max_output_tokens": 8, **GREEDY}),
    "message": ("/v1/messages", {"messages": MESSAGES[1:], "max_tokens": 8, **GREEDY}),
    "count": ("/v1/messages/count_tokens", {"messages": MESSAGES[1:]}),
    "template": ("/apply-template", {"messages": MESSAGES}),
    "tokens": ("/tokenize", {"content": "Llamas hum."}),
    "a wrong type": ("/v1/chat/completions", {"messages": 7}),
    "no messages": ("/v1/chat/completions", {"max_tokens": 1}),
    "too long": ("/v1/completions", {"prompt": "word " * 3000}),
    "an unknown format": ("/v1/chat/completions", {
        "messages": MESSAGES, "response_format": {"type": "xml"}}),
}


def same(value):
    """A value without what is one answer's own; numbers to five digits."""
    if isinstance(value, dict):
        return {key: same(inner) for key, inner in value.items() if key not in OWN}
    if isinstance(value, list):
        return [same(inner) for inner in value]
    return round(value, 5) if isinstance(value, float) else value


def differences(ours, theirs, where=""):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return [found for key in sorted(ours.keys() | theirs.keys()) for found in (
            differences(ours[key], theirs[key], f"{where}.{key}")
            if key in ours and key in theirs else
            [f"{where}.{key} is only in {'ours' if key in ours else 'theirs'}"])]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [found for index, pair in enumerate(zip(ours, theirs))
                for found in differences(*pair, f"{where}[{index}]")]
    if isinstance(ours, float) and isinstance(theirs, (int, float)):
        return [] if ours == pytest.approx(theirs, abs=1e-4, rel=1e-4) else [
            f"{where}: {ours} and {theirs}"]
    return [] if ours == theirs else [f"{where}: {ours!r} and {theirs!r}"]


@pytest.fixture(scope="module")
def direct(llama_server, files):
    with DirectServer(llama_server, files[CHAT], "-c", "2048", "--alias", CHAT, "--jinja") as server:
        yield server


@pytest.mark.parametrize("name", REQUESTS)
def test_an_answer_has_every_member_of_llama_servers(name, roomy, direct):
    path, body = REQUESTS[name]
    body = {"model": CHAT, **body}
    ours, theirs = roomy.post(path, body), direct.ask(path, body)
    assert ours.status == theirs.status, (ours, theirs)
    if path.startswith("/v1/messages") and ours.status >= 400:
        return
    assert differences(same(ours.json), same(theirs.json)) == []


@pytest.mark.parametrize("name", ["chat", "chat with a tool", "completion", "response", "message"])
def test_a_stream_has_every_event_of_llama_servers(name, roomy, direct):
    path, body = REQUESTS[name]
    body = {"model": CHAT, **body, "stream": True}
    ours, theirs = (events(answer.body) for answer in (roomy.post(path, body),
                                                       direct.ask(path, body)))
    assert [kind for kind, _ in ours] == [kind for kind, _ in theirs]
    for (_, mine), (_, other) in zip(ours, theirs, strict=True):
        assert differences(same(mine), same(other)) == []


def events(body):
    """Each event's name, and what it says."""
    import json

    found = []
    for event in body.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in event.splitlines() if ": " in line)
        if "data" in lines and lines["data"] != "[DONE]":
            found.append((lines.get("event"), json.loads(lines["data"])))
    return found


@pytest.mark.parametrize("form", ["float", "base64"])
def test_embeddings_have_every_member_of_llama_servers(form, roomy, llama_server, files):
    body = {"model": EMBED, "input": ["llama", "alpaca"], "encoding_format": form}
    with DirectServer(llama_server, files[EMBED], "--embedding") as server:
        ours, theirs = roomy.post("/v1/embeddings", body), server.ask("/v1/embeddings", body)
    assert ours.status == theirs.status == 200
    a, b = same(ours.json), same(theirs.json)
    if form == "base64":
        for answer in (a, b):
            for item in answer["data"]:
                assert len(item.pop("embedding")) == 2048
    assert differences(a, b) == []


def test_ranks_have_every_member_of_llama_servers(roomy, llama_server, files):
    body = {"model": RERANK, "query": "panda", "documents": ["a bear", "a city"], "top_n": 2}
    with DirectServer(llama_server, files[RERANK], "--reranking") as server:
        ours, theirs = roomy.post("/v1/rerank", body), server.ask("/v1/rerank", body)
    assert ours.status == theirs.status == 200
    assert differences(same(ours.json), same(theirs.json)) == []
