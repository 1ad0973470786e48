"""llama.cpp in the daemon's own process, against llama-server on the same files."""

import json
import math
import os
import subprocess

import pytest
from openai import BadRequestError, OpenAI

from daemon import CHAT, EMBED, RERANK

PROMPTS = [
    "What is the capital of France?", "Name three colors.", "Write a haiku about rain.",
    "What is two plus two?", "Who wrote Hamlet?", "Translate 'good morning' to Spanish.",
    "List the planets.", "What do bees make?", "Why is the sky blue?", "Tell me a joke.",
    "What is a llama?", "How many days has a week?", "Describe a sunset.", "What is H2O?",
    "Give me a recipe for bread.", "What is the opposite of hot?", "Name a river in Africa.",
    "Explain gravity to a child.", "What sound does a cow make?", "Finish: once upon a time",
]
TEXTS = ["The quick brown fox jumps over the lazy dog.", "Llamas hum.", "", "naïve café 羊 🦙",
         " ".join(["word"] * 200)]


@pytest.fixture(scope="module")
def inside(corral, llama_server, models, tmp_path_factory):
    """A daemon that runs the models itself."""
    from conftest import starter

    start, finish = starter(corral, llama_server, models, tmp_path_factory.mktemp("inside"))
    try:
        # More context than the embedding model has, which must not keep it from loading.
        daemon = start(arguments=("--engine", "in-process", "--context", "1024"))
    except AssertionError as error:
        finish()
        if "built without" in str(error) and os.environ.get("CI") != "true":
            pytest.skip("this corral was built without llama.cpp's library")
        raise
    yield daemon
    finish()


def client(daemon):
    return OpenAI(base_url=daemon.url + "/v1", api_key="none", max_retries=0)


def messages(prompt):
    return [{"role": "system", "content": "You are brief."}, {"role": "user", "content": prompt}]


def ask(daemon, prompt, **options):
    return client(daemon).chat.completions.create(
        model=CHAT, messages=messages(prompt), temperature=0, max_tokens=32, **options)


def test_twenty_greedy_answers_are_llama_servers_token_for_token(inside, roomy):
    different = []
    for prompt in PROMPTS:
        mine, theirs = ask(inside, prompt), ask(roomy, prompt)
        assert mine.usage.prompt_tokens == theirs.usage.prompt_tokens
        if (mine.choices[0].message.content, mine.usage.completion_tokens) != (
                theirs.choices[0].message.content, theirs.usage.completion_tokens):
            different.append((prompt, mine.choices[0].message.content,
                              theirs.choices[0].message.content))
    assert not different


def test_what_the_models_template_adds_by_itself_is_added(inside, roomy):
    # SmolLM2's says who the model is where nobody does; a template known by its kind would not.
    usages = [client(daemon).chat.completions.create(
        model=CHAT, temperature=0, max_tokens=24,
        messages=[{"role": "user", "content": "Who are you?"}]) for daemon in (inside, roomy)]
    assert usages[0].usage.prompt_tokens == usages[1].usage.prompt_tokens > 20
    assert usages[0].choices[0].message.content == usages[1].choices[0].message.content


def test_embeddings_are_llama_servers(inside, roomy):
    texts = [text for text in TEXTS if text]
    mine = client(inside).embeddings.create(model=EMBED, input=texts)
    theirs = client(roomy).embeddings.create(model=EMBED, input=texts)
    for one, other in zip(mine.data, theirs.data, strict=True):
        assert max(abs(a - b) for a, b in zip(one.embedding, other.embedding, strict=True)) < 1e-4
        assert math.isclose(sum(a * a for a in one.embedding), 1, abs_tol=1e-4)
    assert mine.usage.prompt_tokens == theirs.usage.prompt_tokens


def test_scores_are_llama_servers(inside, roomy):
    body = {"model": RERANK, "query": "woolly animals",
            "documents": ["alpacas", "submarines", "llamas hum", "tax law"]}
    mine, theirs = inside.post("/v1/rerank", body).json, roomy.post("/v1/rerank", body).json
    scores = [{item["index"]: item["relevance_score"] for item in answer["results"]}
              for answer in (mine, theirs)]
    assert scores[0].keys() == scores[1].keys()
    assert all(abs(scores[0][index] - scores[1][index]) < 1e-4 for index in scores[0])
    assert [item["index"] for item in mine["results"]] == [
        item["index"] for item in theirs["results"]]


def test_a_streamed_answer_is_the_whole_one(inside):
    whole = ask(inside, PROMPTS[0])
    pieces, usage, reasons = [], None, []
    for chunk in ask(inside, PROMPTS[0], stream=True, stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            pieces.append(choice.delta.content or "")
            reasons.append(choice.finish_reason)
    assert "".join(pieces) == whole.choices[0].message.content
    assert len(pieces) > 3
    assert usage.completion_tokens == whole.usage.completion_tokens
    assert [reason for reason in reasons if reason] == [whole.choices[0].finish_reason]


def test_the_second_turn_reports_what_was_known(inside):
    first = ask(inside, "Name a city in Italy.")
    second = client(inside).chat.completions.create(
        model=CHAT, temperature=0, max_tokens=8,
        messages=[*messages("Name a city in Italy."),
                  {"role": "assistant", "content": first.choices[0].message.content},
                  {"role": "user", "content": "Another?"}])
    known = second.usage.prompt_tokens_details.cached_tokens
    assert first.usage.prompt_tokens <= known < second.usage.prompt_tokens


@pytest.mark.parametrize("field, value", [
    ("tools", [{"type": "function", "function": {"name": "f", "parameters": {}}}]),
    ("response_format", {"type": "json_object"}), ("n", 2), ("logprobs", True),
    ("logit_bias", {"1": 5}),
])
def test_what_it_cannot_do_is_said_by_name(inside, field, value):
    with pytest.raises(BadRequestError) as error:
        ask(inside, "Hello", **{field: value})
    assert error.value.code == "unsupported_in_process"
    assert field in error.value.message
    assert "llama-server" in error.value.message


def test_a_route_it_does_not_serve_names_those_it_does(inside):
    answer = inside.post("/v1/messages", {
        "model": CHAT, "max_tokens": 4, "messages": [{"role": "user", "content": "Hello"}]})
    assert answer.status == 501
    assert b"/v1/chat/completions" in answer.body


def test_a_prompt_beyond_the_context_is_refused_before_the_stream_begins(inside):
    with pytest.raises(BadRequestError) as error:
        ask(inside, "word " * 4000, stream=True)
    assert error.value.code == "context_length_exceeded"


@pytest.mark.parametrize("arguments, expected", [
    (["chat", "--local", "{chat}", "--temperature", "0", "--max-tokens", "16",
      "What is the capital of France?"], " "),
    (["embed", "--local", "{embed}", "llama", "--json"], '"embedding"'),
    (["rerank", "--local", "{rerank}", "wool", "alpaca", "tax"], "alpaca"),
])
def test_a_file_runs_without_a_daemon(corral, files, arguments, expected):
    names = {"chat": files[CHAT], "embed": files[EMBED], "rerank": files[RERANK]}
    command = [str(corral), *(argument.format(**names) for argument in arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120,
                            stdin=subprocess.DEVNULL)
    assert result.returncode == 0, result.stderr
    assert expected in result.stdout


def test_a_file_in_a_role_it_cannot_play_is_refused_in_a_sentence(corral, files):
    result = subprocess.run([str(corral), "chat", "--local", str(files[EMBED]), "Hello"],
                            capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    assert result.returncode == 1
    assert "embedding model" in result.stderr
    assert json.dumps("Traceback") not in result.stderr
