"""The official OpenAI client, and the few things around it that clients rely on."""

import threading

import pytest

from daemon import CHAT, EMBED, RERANK
from processes import until

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]


def test_models_lists_the_three_models(roomy):
    assert {CHAT, EMBED, RERANK} <= {model.id for model in roomy.openai().models.list()}


def test_one_model_can_be_looked_up(roomy):
    assert roomy.openai().models.retrieve(CHAT).id == CHAT


def test_chat_answers(roomy):
    answer = roomy.openai().chat.completions.create(
        model=CHAT, messages=QUESTION, max_tokens=12, temperature=0)
    assert answer.choices[0].message.content.strip()
    assert answer.choices[0].finish_reason in ("stop", "length")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_the_answer_names_the_model_that_was_asked_for(roomy):
    answer = roomy.openai().chat.completions.create(model=CHAT, messages=QUESTION, max_tokens=1)
    assert answer.model == CHAT


def test_a_stream_has_the_words_of_the_whole_answer(roomy):
    client = roomy.openai()
    request = {"model": CHAT, "messages": QUESTION, "max_tokens": 24, "temperature": 0}
    whole = client.chat.completions.create(**request).choices[0].message.content
    pieces = [chunk.choices[0].delta.content or ""
              for chunk in client.chat.completions.create(**request, stream=True) if chunk.choices]
    assert "".join(pieces) == whole
    assert sum(1 for piece in pieces if piece) > 3, "the stream came in one piece"


def test_a_stream_tells_its_usage_when_asked(roomy):
    stream = roomy.openai().chat.completions.create(
        model=CHAT, messages=QUESTION, max_tokens=4, stream=True,
        stream_options={"include_usage": True})
    assert [chunk for chunk in stream][-1].usage.completion_tokens == 4


def test_completions_continue_a_text(roomy):
    answer = roomy.openai().completions.create(
        model=CHAT, prompt="One, two, three,", max_tokens=6, temperature=0)
    assert "four" in answer.choices[0].text


def test_responses_answer(roomy):
    answer = roomy.openai().responses.create(
        model=CHAT, input="What is the capital of France?", max_output_tokens=16)
    assert answer.output_text.strip()


def test_responses_stream(roomy):
    kinds = [event.type for event in roomy.openai().responses.create(
        model=CHAT, input="Say hello.", max_output_tokens=8, stream=True)]
    assert kinds[0] == "response.created" and kinds[-1] == "response.completed"
    assert "response.output_text.delta" in kinds


def test_a_grammar_binds_the_answer(roomy):
    schema = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 12}},
              "required": ["city"], "additionalProperties": False}
    answer = roomy.openai().chat.completions.create(
        model=CHAT, messages=QUESTION, max_tokens=40, temperature=0,
        response_format={"type": "json_schema",
                         "json_schema": {"name": "place", "schema": schema, "strict": True}})
    assert answer.choices[0].message.content.lstrip().startswith("{")


def test_tokenize_is_the_models_own(roomy, vectors):
    known = vectors[0]
    for path in ("/tokenize", "/v1/tokenize"):
        answer = roomy.post(
            path, {"model": EMBED, "content": known["text"], "add_special": True})
        assert answer.status == 200, answer
        assert answer.json["tokens"] == known["tokens"]


def test_rerank_answers_under_both_paths(roomy):
    request = {"model": RERANK, "query": "panda", "documents": ["a", "b"], "top_n": 1}
    first, second = (roomy.post(path, request) for path in ("/v1/rerank", "/rerank"))
    assert first.status == second.status == 200, (first, second)
    assert first.json["results"] == second.json["results"]
    assert len(first.json["results"]) == 1


def test_the_model_is_found_behind_twenty_megabytes(roomy):
    body = {"metadata": {"note": "x" * (20 << 20)}, "messages": QUESTION, "max_tokens": 1,
            "model": CHAT}
    answer = roomy.post("/v1/chat/completions", body)
    assert answer.status == 200, answer


@pytest.mark.parametrize("number", range(3))
def test_a_client_that_goes_away_gives_its_lease_back(roomy, number):
    def stream():
        return roomy.openai().chat.completions.create(
            model=CHAT, messages=QUESTION, max_tokens=1500, stream=True,
            extra_body={"ignore_eos": True})

    # One that began before and is as long, token by token beside it: had the other not been
    # called off, this one would end first.
    longer, stays, finished = stream(), threading.Event(), threading.Event()

    def read():
        for _ in longer:
            if stays.is_set():
                return
        finished.set()

    next(iter(longer))
    reader = threading.Thread(target=read)
    reader.start()
    shorter = stream()
    for _, chunk in zip(range(number + 1), shorter):
        assert chunk
    assert roomy.model(CHAT)["leases"] == 2
    shorter.close()
    until(lambda: roomy.model(CHAT)["leases"] < 2, "the lease is back")
    assert not finished.is_set(), "the stream was not called off but ran to its end"
    stays.set()
    reader.join()
    longer.close()
    until(lambda: roomy.model(CHAT)["leases"] == 0, "the other lease is back")
    answer = roomy.openai().chat.completions.create(
        model=CHAT, messages=QUESTION, max_tokens=1)
    assert answer.choices


def test_requests_share_one_load(start):
    daemon = start()
    failures = []

    def ask():
        try:
            daemon.openai().embeddings.create(model=EMBED, input="one load")
        except Exception as error:  # noqa: BLE001: whatever it is fails the test
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert daemon.model(EMBED)["loads"] == 1
