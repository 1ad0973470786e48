"""The official Ollama client, and the calls of Open WebUI, against Corral."""

import base64
import json
import struct
import urllib.request

import ollama
import pytest

from daemon import CHAT, EMBED, RERANK, free_port
from processes import until

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
SCHEMA = {"type": "object", "required": ["city"], "additionalProperties": False,
          "properties": {"city": {"type": "string", "maxLength": 12}}}


@pytest.fixture
def client(roomy):
    return ollama.Client(host=roomy.url, timeout=120)


def test_a_chat_answers_with_true_counts_and_times(client):
    answer = client.chat(CHAT, QUESTION, options={"num_predict": 12, "temperature": 0})
    assert answer.message.content.strip() and answer.message.role == "assistant"
    assert answer.done and answer.done_reason in ("stop", "length")
    assert 1 <= answer.eval_count <= 12 and answer.prompt_eval_count > 5
    assert answer.eval_duration > 0 and answer.load_duration >= 0
    assert answer.total_duration >= answer.load_duration + answer.eval_duration
    assert answer.total_duration < 120e9
    assert answer.model == CHAT and answer.created_at.startswith("20")


def test_a_stream_has_the_words_of_the_whole_answer(client):
    options = {"num_predict": 24, "temperature": 0, "seed": 1}
    whole = client.chat(CHAT, QUESTION, options=options)
    parts = list(client.chat(CHAT, QUESTION, options=options, stream=True))
    assert "".join(part.message.content for part in parts) == whole.message.content
    assert len(parts) > 4 and [part.done for part in parts[:-1]] == [False] * (len(parts) - 1)
    last = parts[-1]
    assert last.done and last.done_reason == whole.done_reason
    assert (last.eval_count, last.prompt_eval_count) == (whole.eval_count, whole.prompt_eval_count)


def test_a_schema_binds_the_answer(client):
    for stream in (False, True):
        answer = client.chat(CHAT, QUESTION, format=SCHEMA, stream=stream,
                             options={"num_predict": 60, "temperature": 0})
        text = ("".join(part.message.content for part in answer) if stream
                else answer.message.content)
        assert set(json.loads(text)) == {"city"}


def test_json_is_what_format_json_gives(client):
    answer = client.generate(CHAT, "Answer with a JSON object.", format="json",
                             options={"num_predict": 80, "temperature": 0})
    assert answer.response.lstrip().startswith("{")
    if answer.done_reason == "stop":
        json.loads(answer.response)


def test_generate_raw_is_a_completion(client, roomy):
    answer = client.generate(CHAT, "One, two, three,", raw=True,
                             options={"num_predict": 6, "temperature": 0})
    direct = roomy.post("/v1/completions", {"model": CHAT, "prompt": "One, two, three,",
                                            "max_tokens": 6, "temperature": 0}).json
    assert answer.response == direct["choices"][0]["text"] and "four" in answer.response
    assert answer.done_reason == "length" and answer.eval_count == 6
    parts = list(client.generate(CHAT, "One, two, three,", raw=True, stream=True,
                                 options={"num_predict": 6, "temperature": 0}))
    assert "".join(part.response for part in parts) == answer.response


def test_generate_is_a_chat_of_one_message(client):
    options = {"num_predict": 16, "temperature": 0}
    said = client.generate(CHAT, "Say hello.", system="You are a pirate.", options=options)
    chat = client.chat(CHAT, [{"role": "system", "content": "You are a pirate."},
                              {"role": "user", "content": "Say hello."}], options=options)
    assert said.response == chat.message.content


def test_a_stop_ends_the_answer(client):
    options = {"num_predict": 30, "temperature": 0, "stop": [","]}
    answer = client.generate(CHAT, "One two three four five", raw=True, options=options)
    assert "," not in answer.response


def test_seeds_repeat(client):
    def say(seed):
        return client.generate(CHAT, "Tell me a story.", options={
            "num_predict": 24, "temperature": 1.5, "seed": seed}).response
    assert say(7) == say(7)


def test_tools_are_called_or_not_but_never_broken(client):
    def weather(city: str) -> str:
        """The weather in a city.

        Args:
          city: The city.
        """

    for stream in (False, True):
        answer = client.chat(CHAT, [{"role": "user", "content": "Weather in Paris?"}],
                             tools=[weather], stream=stream,
                             options={"num_predict": 48, "temperature": 0})
        parts = list(answer) if stream else [answer]
        assert parts[-1].done
        for part in parts:
            for call in part.message.tool_calls or []:
                assert call.function.name == "weather" and isinstance(call.function.arguments, dict)


def test_the_results_of_tools_are_read(client):
    call = {"function": {"name": "weather", "arguments": {"city": "Paris"}}}
    answer = client.chat(CHAT, [
        {"role": "user", "content": "Weather in Paris?"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_name": "weather", "content": "Sunny"}],
        options={"num_predict": 8})
    assert answer.done


def test_thinking_can_be_asked_for_and_not(client):
    for think in (True, False):
        answer = client.chat(CHAT, QUESTION, think=think, options={"num_predict": 4})
        assert answer.message.content or answer.message.thinking


def test_images_are_refused_by_a_model_that_cannot_see(client):
    pixel = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
    with pytest.raises(ollama.ResponseError) as raised:
        client.chat(CHAT, [{"role": "user", "content": "What?", "images": [pixel]}])
    assert "image" in raised.value.error


def test_embeddings_are_those_of_the_model(client, vectors):
    texts = [known["text"] for known in vectors]
    answer = client.embed(EMBED, texts)
    assert len(answer.embeddings) == len(texts) and answer.prompt_eval_count > 0
    for known, vector in zip(vectors, answer.embeddings):
        cosine = sum(a * b for a, b in zip(known["vector"], vector))
        assert cosine > 0.99
    assert client.embed(EMBED, texts[0]).embeddings[0] == pytest.approx(
        answer.embeddings[0], abs=1e-5)
    assert client.embeddings(EMBED, texts[0]).embedding == pytest.approx(
        answer.embeddings[0], abs=1e-5)


def test_fewer_dimensions_are_the_same_over_both_apis(client, roomy):
    short = client.embed(EMBED, "llama", dimensions=64).embeddings[0]
    assert len(short) == 64 and sum(x * x for x in short) == pytest.approx(1, abs=1e-4)
    whole = client.embed(EMBED, "llama").embeddings[0]
    length = sum(x * x for x in whole[:64]) ** 0.5
    assert short == pytest.approx([x / length for x in whole[:64]], abs=1e-5)
    openai = roomy.openai()
    for form in ("float", "base64"):
        data = openai.embeddings.create(model=EMBED, input="llama", dimensions=64,
                                        encoding_format=form).data[0].embedding
        if isinstance(data, str):
            data = struct.unpack("<64f", base64.b64decode(data))
        assert list(data) == pytest.approx(short, abs=1e-5)


def test_a_long_text_is_cut_unless_that_is_forbidden(client):
    long = "llama and alpaca " * 700
    assert len(client.embed(EMBED, ["short", long]).embeddings) == 2
    with pytest.raises(ollama.ResponseError) as raised:
        client.embed(EMBED, long, truncate=False)
    assert "token" in raised.value.error or "large" in raised.value.error


def test_models_are_listed_shown_and_seen_running(client, roomy):
    names = {model.model for model in client.list().models}
    assert {f"{CHAT}:latest", f"{EMBED}:latest", f"{RERANK}:latest"} <= names
    shown = client.show(CHAT)
    assert shown.modelinfo["general.architecture"] == "llama"
    assert shown.modelinfo["llama.context_length"] == 8192
    assert "completion" in shown.capabilities and shown.details.quantization_level == "Q4_1"
    assert client.show(EMBED).capabilities == ["embedding"]
    client.generate(f"{CHAT}:latest", "")
    running = {model.model: model for model in client.ps().models}
    here = running[f"{CHAT}:latest"]
    assert here.size > 50 << 20 and here.context_length >= 2048
    assert str(roomy.get("/api/version").json["version"]).count(".") == 2


def test_an_empty_prompt_loads_and_a_keep_alive_of_nothing_unloads(start):
    daemon = start()
    client = ollama.Client(host=daemon.url)
    answer = client.generate(CHAT, "", keep_alive="5m", options={"num_ctx": 1024})
    assert answer.done_reason == "load" and daemon.resident() == [CHAT]
    assert daemon.model(CHAT)["keep_alive"] == 300
    answer = client.chat(CHAT, [], keep_alive=0)
    assert answer.done_reason == "unload"
    until(lambda: daemon.resident() == [], "the model is gone")
    client.embed(EMBED, "x", keep_alive=0)
    until(lambda: daemon.resident() == [], "the model is gone after its answer")


def test_errors_say_what_is_wrong(client):
    for call, status in (
            (lambda: client.chat("nobody", QUESTION), 404),
            (lambda: client.chat(EMBED, QUESTION), 400),
            (lambda: client.generate(CHAT, "x", template="{{ .Prompt }}"), 400),
            (lambda: client.chat(CHAT, QUESTION, format={"type": "nonsense"}), 400),
            (lambda: client.pull("llama3.2"), 501),
            (lambda: client.create("mine", from_=CHAT), 501),
            (lambda: client.copy(CHAT, "mine"), 501),
            (lambda: client.delete(CHAT), 501)):
        with pytest.raises(ollama.ResponseError) as raised:
            call()
        assert raised.value.status_code == status and len(raised.value.error) > 10
    with pytest.raises(ollama.ResponseError):
        list(client.pull("llama3.2", stream=True))


def test_a_client_that_goes_away_gives_its_lease_back(client, roomy):
    stream = client.chat(CHAT, QUESTION, stream=True, options={"num_predict": 1500})
    next(stream)
    stream.close()
    until(lambda: roomy.model(CHAT)["leases"] == 0, "the lease is back")


def test_ollamas_own_address_is_served_too(start):
    port = free_port()
    daemon = start(arguments=["--ollama-at", f"127.0.0.1:{port}"])
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
        assert answer.read() == b"Ollama is running"
    assert daemon.get("/").body != b"Ollama is running"
    client = ollama.Client(host=f"127.0.0.1:{port}")
    assert client.embed(EMBED, "x").embeddings
    second = start(ready=False, arguments=["--ollama-at", str(port)])
    assert second.process.wait(20) == 1
    assert f"127.0.0.1:{port}" in second.log() and "--ollama-at" in second.log()


def test_the_calls_of_open_webui(roomy):
    """Its backend proxies these as they are (routers/ollama.py): bodies seen from its code."""
    for path in ("/api/tags", "/api/version", "/api/ps"):
        assert roomy.get(path).status == 200
    name = f"{CHAT}:latest"
    assert name in {model["model"] for model in roomy.get("/api/tags").json["models"]}
    chat = roomy.post("/api/chat", {
        "model": name, "messages": QUESTION, "stream": True, "keep_alive": "5m",
        "options": {"num_predict": 8, "temperature": 0.8, "num_ctx": 2048, "num_gpu": 0,
                    "use_mmap": True}, "metadata": {"chat_id": "1"}})
    assert chat.status == 200 and chat.headers["Content-Type"].startswith("application/x-ndjson")
    lines = [json.loads(line) for line in chat.body.splitlines()]
    assert lines[-1]["done"] and all("message" in line for line in lines)
    assert roomy.post("/api/embed", {"model": EMBED, "input": ["a", "b"], "truncate": True}
                      ).json["embeddings"]
    assert roomy.post("/api/show", {"model": name}).json["details"]["family"] == "llama"
    assert roomy.post("/v1/chat/completions", {"model": name, "messages": QUESTION,
                                               "max_tokens": 2}).status == 200
